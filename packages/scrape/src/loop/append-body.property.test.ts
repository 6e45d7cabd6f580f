import { labelsOf, MemoryStore, makeMatcher } from "@tatou/model";
import { readAll } from "@tatou/model/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { scrapeConfig } from "../testing/scrape-config.ts";
import { BodyReading, emptyTally } from "./append-body.ts";
import { MetricMetadata } from "./metric-metadata.ts";
import { SeriesCache } from "./series-cache.ts";

const config = scrapeConfig({});
const targetLabels = labelsOf({ job: "app" });
const features = { startTimes: false, exemplars: false, metadata: false };

/** Appends bodies one after the other, with what the cache remembers of those before. */
class Scraper {
  readonly store = new MemoryStore();
  readonly #cache = new SeriesCache();

  /** What came of it: how many samples there were, or the error. */
  scrape(text: string, format: "text" | "openmetrics", timeMs: number): number | string {
    const appender = this.store.appender();
    const tally = emptyTally();
    const own = { config, appender, cache: this.#cache, metadata: new MetricMetadata(), targetLabels, features };
    try {
      const reading = new BodyReading({ bytes: Buffer.from(text), format, timeMs, ...own }, tally);
      while (!reading.advance(3));
      reading.finish();
      appender.commit();
      return tally.scraped;
    } catch (error) {
      appender.rollback();
      this.#cache.fail();
      return String(error);
    }
  }
}

const series = fc.constantFrom("a", "bb", 'c{d="e"}', 'c{d="f"}', 'c{d="\\"x"}');
const value = fc.oneof(fc.double().map(String), fc.integer().map(String), fc.constantFrom("+Inf", "1e5", "x", "1_0"));
const line = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(series, value).map(([text, number]) => `${text} ${number}\n`) },
  { weight: 1, arbitrary: fc.tuple(series, fc.nat(9)).map(([text, number]) => `${text} ${number} 1600000000000\n`) },
  { weight: 2, arbitrary: fc.constantFrom("# TYPE a counter\n", "# HELP c text\n", "\n", "# note\n") },
);
/** A body and what it becomes: most often other values only, else a line more or less, a byte changed, its end cut. */
const bodies = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(9), fc.nat(200), line), { maxLength: 8 }),
  )
  .map(([lines, changes]) => {
    const found = [lines.join("")];
    let current = lines;
    for (const [kind, place, other] of changes) {
      const at = place % (current.length + 1);
      if (kind < 6) current = current.map((each) => each.replace(/ \d+(?=\n)/, ` ${place}`));
      else if (kind === 6) current = current.toSpliced(at, 0, other);
      else if (kind === 7) current = current.toSpliced(at, 1);
      const text = current.join("");
      const cut = place % (text.length + 1);
      if (kind === 8) found.push(text.slice(0, cut));
      else if (kind === 9) found.push(`${text.slice(0, cut)}b${text.slice(cut + 1)}`);
      else found.push(text);
    }
    return found;
  });

test.each(["text", "openmetrics"] as const)(
  "what was read before changes nothing of what is read: %s",
  async (format) => {
    await fc.assert(
      fc.asyncProperty(bodies, async (texts) => {
        const remembering = new Scraper();
        for (const [index, text] of texts.entries()) {
          const body = format === "openmetrics" ? `${text}# EOF\n` : text;
          const timeMs = 1_700_000_000_000 + index;
          const fresh = new Scraper();
          const expected = fresh.scrape(body, format, timeMs);
          const found = remembering.scrape(body, format, timeMs);
          expect(found).toEqual(expected);
          const query = { matchers: [makeMatcher("job", "=", "app")], minTimeMs: timeMs, maxTimeMs: timeMs };
          expect(await readAll(remembering.store, query)).toEqual(await readAll(fresh.store, query));
        }
      }),
      { numRuns: 200 },
    );
  },
);

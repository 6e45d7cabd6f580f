import { ExpositionParser } from "@tatou/exposition";
import type { SeriesRef } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { noRow, SeriesCache } from "./series-cache.ts";

/** Runs scrapes; gives the texts of series that ended. Bodies come with a series and its value in each line. */
class Scraper {
  readonly cache = new SeriesCache();
  readonly refByText = new Map<string, SeriesRef>();
  /** Of the last scrape: whether it was read at one go, and else the texts that were known where they stand. */
  wasSteady = false;
  knownCount = 0;

  scrape(body: string | readonly string[], fails = false): string[] {
    const bytes = Buffer.from(typeof body === "string" ? body : body.map((text) => `${text} 1\n`).join(""));
    this.wasSteady = this.cache.readSteadily(bytes, new Float64Array(100));
    const ended = this.wasSteady && !fails ? [] : this.#byLines(bytes, fails);
    const textByRef = new Map([...this.refByText].map(([text, ref]) => [ref, text]));
    return ended.map((ref) => textByRef.get(ref) ?? "").sort();
  }

  #byLines(bytes: Buffer, fails: boolean): readonly SeriesRef[] {
    this.cache.begin(bytes);
    this.knownCount = 0;
    const endOfKnown = (start: number): number => {
      const end = this.cache.endOfKnown(start);
      if (end !== -1) this.knownCount++;
      return end;
    };
    const parser = new ExpositionParser(bytes, "text", { endOfKnown });
    for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
      if (entry !== "series") continue;
      const text = bytes.toString("latin1", parser.seriesStart, parser.seriesEnd);
      const row = this.cache.find(parser.seriesStart, parser.seriesEnd);
      if (row !== noRow && this.cache.refOf(row) !== this.#refOf(text))
        throw new Error(`the row of ${text} is another's`);
      if (row === noRow || !this.cache.isSeen(row)) this.cache.place(row, parser, this.#refOf(text), true);
      else this.cache.leaveOut(parser);
    }
    return fails ? this.cache.fail() : this.cache.succeed();
  }

  #refOf(text: string): SeriesRef {
    const ref = this.refByText.get(text) ?? ((this.refByText.size + 1) as SeriesRef);
    this.refByText.set(text, ref);
    return ref;
  }
}

test("knows series by their text, and says which have ended", () => {
  const scraper = new Scraper();
  expect(scraper.scrape(["a", "b", "c"])).toEqual([]);
  expect(scraper.scrape(["a", "c", "d"])).toEqual(["b"]);
  expect(scraper.scrape(["d", "c", "a", "b"])).toEqual([]);
  expect(scraper.scrape(["x"], true)).toEqual(["a", "b", "c", "d"]);
  expect(scraper.scrape(["y"], true)).toEqual([]);
  expect(scraper.scrape(["a"])).toEqual([]);
  expect(scraper.cache.size).toBe(1);
  // It is alive again, so it can end again.
  expect(scraper.scrape(["b"])).toEqual(["a"]);
});

test("reads a body at one go when only values differ", () => {
  const scraper = new Scraper();
  const steady = ["a 1\nb 2\n", "a 3\nb 4e5\n", "a 3\nc 4\n", "a 1\nc 2\n", "a 1 1000\nc 2\n", "a 1\nc 2\n"].map(
    (body) => {
      scraper.scrape(body);
      return scraper.wasSteady;
    },
  );
  expect(steady).toEqual([false, true, false, true, false, false]);
  scraper.scrape("a 1\nc 2\n");
  expect(scraper.wasSteady).toBe(true);
});

test("a body that was read at one go leaves series that can end", () => {
  const scraper = new Scraper();
  scraper.scrape("a 1\n");
  scraper.scrape("", true);
  scraper.scrape("a 2\n");
  expect(scraper.wasSteady).toBe(true);
  expect(scraper.scrape("b 1\n")).toEqual(["a"]);
});

test("knows texts that stand where they stood, or behind one that came, and only those", () => {
  const scraper = new Scraper();
  const counts = [
    ["a", 'b{c="d"}', "e"],
    ["aa", 'b{c="d"}', "e"],
    ["aa", 'b{c="D"}', "e"],
    ["aa", "f", 'b{c="D"}', "e"],
    ["aa", 'b{c="D"}', "e", "g"],
    ["e"],
  ].map((texts) => {
    scraper.scrape(texts);
    return scraper.knownCount;
  });
  expect(counts).toEqual([0, 1, 1, 3, 2, 0]);
});

test.each([
  { before: "a 1\n", now: 'a {b="c"} 1\n' },
  { before: "a 1\n", now: 'a  {b="c"} 1\n' },
  { before: "a 1\n", now: "a\t1\n" },
  { before: "a 1\n", now: "ab 1\n" },
  { before: "a 1\n", now: "a" },
])("does not take $now for $before", ({ before, now }) => {
  const scraper = new Scraper();
  scraper.scrape(before);
  expect(scraper.cache.readSteadily(Buffer.from(now), new Float64Array(1))).toBe(false);
  scraper.cache.begin(Buffer.from(now));
  expect(scraper.cache.endOfKnown(0)).toBe(-1);
});

test("is right about any sequence of scrapes", () => {
  const texts = ["a", "bb", "b", "ccc", "d", "e", 'f{g="h"}'];
  const lines = fc.record({
    text: fc.constantFrom(...texts),
    before: fc.constantFrom("", "", "", "# a comment\n", "\n", " "),
    value: fc.constantFrom("1", "2.5", "NaN", "1e10", "3 "),
  });
  const scrapes = fc.array(fc.record({ lines: fc.array(lines, { maxLength: 7 }), fails: fc.boolean() }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(scrapes, (sequence) => {
      const scraper = new Scraper();
      let live: readonly string[] = [];
      for (const { lines: body, fails } of sequence) {
        const has = new Set(body.map(({ text }) => text));
        const expected = live.filter((text) => fails || !has.has(text)).sort();
        const exposed = body.map(({ before, text, value }) => `${before}${text} ${value}\n`).join("");
        expect(scraper.scrape(exposed, fails)).toEqual(expected);
        live = fails ? [] : [...has];
        expect(scraper.cache.size).toBeGreaterThanOrEqual(live.length);
      }
    }),
  );
});

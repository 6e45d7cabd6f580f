import type { SeriesRef } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { noRow, SeriesCache } from "./series-cache.ts";

/** Runs one scrape of a body with a series in each line; gives the refs of series that ended. */
class Scraper {
  readonly cache = new SeriesCache();
  readonly refByText = new Map<string, SeriesRef>();
  /** Texts that were known where they stand. */
  knownCount = 0;

  scrape(texts: readonly string[], fails = false): string[] {
    this.cache.begin(Buffer.from(texts.map((text) => `${text} 1\n`).join("")));
    let start = 0;
    for (const text of texts) {
      const end = start + text.length;
      const known = this.cache.endOfKnown(start);
      if (known !== -1) this.knownCount++;
      if (known !== -1 && known !== end) throw new Error(`${text} ends at ${end}, not at ${known}`);
      let row = this.cache.find(start, end);
      if (row === noRow) row = this.cache.add(start, end, this.#refOf(text));
      if (this.cache.refOf(row) !== this.#refOf(text)) throw new Error(`the row of ${text} is another's`);
      this.cache.see(row, true);
      start = end + " 1\n".length;
    }
    const ended = fails ? this.cache.fail() : this.cache.succeed();
    const textByRef = new Map([...this.refByText].map(([text, ref]) => [ref, text]));
    return ended.map((ref) => textByRef.get(ref) ?? "").sort();
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
});

test("knows texts that stand where they stood, and only those", () => {
  const scraper = new Scraper();
  const counts = [
    ["a", 'b{c="d"}', "e"],
    ["a", 'b{c="d"}', "e"],
    ["aa", 'b{c="d"}', "e"],
    ["aa", 'b{c="D"}', "e"],
    ["e"],
  ].map((texts) => {
    scraper.knownCount = 0;
    scraper.scrape(texts);
    return scraper.knownCount;
  });
  expect(counts).toEqual([0, 3, 2, 2, 0]);
});

test.each([
  { before: "a 1\n", now: 'a {b="c"} 1\n' },
  { before: "a 1\n", now: 'a  {b="c"} 1\n' },
  { before: "a 1\n", now: "a\t1\n" },
  { before: "a 1\n", now: "ab 1\n" },
  { before: "a 1\n", now: "a" },
])("does not take $now for $before", ({ before, now }) => {
  const cache = new SeriesCache();
  cache.begin(Buffer.from(before));
  cache.add(0, 1, 1 as SeriesRef);
  cache.succeed();
  cache.begin(Buffer.from(now));
  expect(cache.endOfKnown(0)).toBe(-1);
});

test("says whether a scrape has a series already", () => {
  const cache = new SeriesCache();
  cache.begin(Buffer.from("a"));
  const row = cache.add(0, 1, 1 as SeriesRef);
  expect([cache.see(row, true), cache.see(row, true)]).toEqual([true, false]);
});

test("is right about any sequence of scrapes", () => {
  const bodies = fc.uniqueArray(fc.constantFrom<string[]>("a", "bb", "b", "ccc", "d", "e", "ff"), { maxLength: 7 });
  const scrapes = fc.array(fc.record({ texts: bodies, fails: fc.boolean() }), { maxLength: 12 });
  fc.assert(
    fc.property(scrapes, (sequence) => {
      const scraper = new Scraper();
      let live: readonly string[] = [];
      for (const { texts, fails } of sequence) {
        const expected = live.filter((text) => fails || !texts.includes(text)).sort();
        expect(scraper.scrape(texts, fails)).toEqual(expected);
        live = fails ? [] : texts;
        expect(scraper.cache.size).toBeGreaterThanOrEqual(live.length);
      }
    }),
  );
});

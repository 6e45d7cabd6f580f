import type { SeriesRef } from "@tatou/model";
import { bench, describe } from "vitest";
import { noRow, SeriesCache } from "./series-cache.ts";

/** A body of a thousand series, each in a line of its own; and where they stand. */
function bodyOf(texts: readonly string[]): { bytes: Buffer; places: [number, number][] } {
  let offset = 0;
  const places = texts.map((text): [number, number] => {
    const start = offset;
    offset += text.length + " 1\n".length;
    return [start, start + text.length];
  });
  return { bytes: Buffer.from(texts.map((text) => `${text} 1\n`).join("")), places };
}

const texts = Array.from(
  { length: 1000 },
  (_, index) => `http_requests_total{handler="/api/v1/path-${index}",code="200"}`,
);
const inOrder = bodyOf(texts);
const reversed = bodyOf(texts.toReversed());

function scrape(cache: SeriesCache, { bytes, places }: typeof inOrder): void {
  cache.begin(bytes);
  for (const [start, end] of places) {
    cache.endOfKnown(start);
    let row = cache.find(start, end);
    if (row === noRow) row = cache.add(start, end, start as SeriesRef);
    cache.see(row, true);
  }
  cache.succeed();
}

describe("a thousand series", () => {
  const steady = new SeriesCache();
  bench("where they were before", () => scrape(steady, inOrder));
  const moving = new SeriesCache();
  let turn = 0;
  bench("all moved: looked up by text", () => scrape(moving, turn++ % 2 === 0 ? inOrder : reversed));
});

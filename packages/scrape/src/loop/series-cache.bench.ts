import { ExpositionParser } from "@tatou/exposition";
import type { SeriesRef } from "@tatou/model";
import { bench, describe } from "vitest";
import { noRow, SeriesCache } from "./series-cache.ts";

const lines = Array.from(
  { length: 1000 },
  (_, index) => `http_requests_total{handler="/api/v1/path-${index}",code="200"} ${index * 7}\n`,
);
const inOrder = Buffer.from(lines.join(""));
const reversed = Buffer.from(lines.toReversed().join(""));
const values = new Float64Array(lines.length);

function scrapeByLines(cache: SeriesCache, bytes: Buffer): void {
  cache.begin(bytes);
  const parser = new ExpositionParser(bytes, "text", cache);
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    const row = cache.find(parser.seriesStart, parser.seriesEnd);
    cache.place(row, parser, row === noRow ? (parser.seriesStart as SeriesRef) : cache.refOf(row), true);
  }
  cache.succeed();
}

describe("a thousand series", () => {
  const steady = new SeriesCache();
  scrapeByLines(steady, inOrder);
  bench("where they were before, at one go", () => {
    if (!steady.readSteadily(inOrder, values)) throw new Error("the body is another");
  });
  const lineByLine = new SeriesCache();
  bench("where they were before, line by line", () => scrapeByLines(lineByLine, inOrder));
  const moving = new SeriesCache();
  let turn = 0;
  bench("all moved: looked up by text", () => scrapeByLines(moving, turn++ % 2 === 0 ? inOrder : reversed));
});

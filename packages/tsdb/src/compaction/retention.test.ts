import { expect, test } from "vitest";
import { expiredBlocks, sizeLimitBytes } from "./retention.ts";

interface Row {
  readonly name: string;
  readonly end: number;
  readonly size: number;
}

/** "a 100 5": name, end and size. */
function blocksOf(text: string) {
  return [...text.matchAll(/(\w+) (\d+) (\d+)/g)].map(([, name, end, size]) => {
    const row: Row = { name: name!, end: Number(end), size: Number(size) };
    const compaction = { level: 1, sources: [] };
    const stats = { numSamples: 1, numSeries: 1, numChunks: 1 };
    const meta = { ulid: row.name, minTime: row.end - 10, maxTime: row.end, stats, compaction, version: 1 as const };
    return { meta, sizeBytes: row.size };
  });
}

const blocks = "b 200 5, a 100 5, d 400 5, c 300 5";

test.each([
  { what: "no limit", timeMs: null, sizeMaxBytes: null, byTime: "", bySize: "" },
  { what: "time, the bound included", timeMs: 200, sizeMaxBytes: null, byTime: "b a", bySize: "" },
  { what: "time just above", timeMs: 201, sizeMaxBytes: null, byTime: "a", bySize: "" },
  { what: "a time so short that only the newest stays", timeMs: 1, sizeMaxBytes: null, byTime: "c b a", bySize: "" },
  { what: "size that holds all", timeMs: null, sizeMaxBytes: 23, byTime: "", bySize: "" },
  { what: "size, with what the head takes", timeMs: null, sizeMaxBytes: 22, byTime: "", bySize: "a" },
  { what: "size that the newest block is beyond", timeMs: null, sizeMaxBytes: 4, byTime: "", bySize: "d c b a" },
  { what: "both", timeMs: 300, sizeMaxBytes: 13, byTime: "a", bySize: "b a" },
])("$what", ({ timeMs, sizeMaxBytes, byTime, bySize }) => {
  const expired = expiredBlocks(blocksOf(blocks), { timeMs, sizeMaxBytes, headSizeBytes: 3, newestMs: 400 });
  expect(expired.byTime.map(({ meta }) => meta.ulid).join(" ")).toBe(byTime);
  expect(expired.bySize.map(({ meta }) => meta.ulid).join(" ")).toBe(bySize);
});

test.each([
  { what: "a block from the future makes nothing old", more: "x 9000 1", hints: [], byTime: "a" },
  { what: "nor does one of late samples", more: "x 390 1", hints: ["from-out-of-order"], byTime: "a" },
  { what: "another one does", more: "x 390 1", hints: [], byTime: "b a" },
])("$what", ({ more, hints, byTime }) => {
  const known = blocksOf("a 100 5, b 200 5, c 300 5");
  const [{ meta, sizeBytes }] = blocksOf(more) as [(typeof known)[0]];
  const other = { meta: { ...meta, compaction: { ...meta.compaction, hints } }, sizeBytes };
  const limits = { timeMs: 150, sizeMaxBytes: null, headSizeBytes: 0, newestMs: 400 };
  expect(
    expiredBlocks([...known, other], limits)
      .byTime.map(({ meta: { ulid } }) => ulid)
      .join(" "),
  ).toBe(byTime);
});

test("what is older than a block that did not fit goes too, however small it is", () => {
  const expired = expiredBlocks(blocksOf("a 100 1, b 200 50, c 300 5"), {
    timeMs: null,
    sizeMaxBytes: 20,
    headSizeBytes: 0,
    newestMs: 400,
  });
  expect(expired.bySize.map(({ meta }) => meta.ulid)).toEqual(["b", "a"]);
});

test.each([
  { sizeBytes: null, percentage: null, disk: 1000, limit: null },
  { sizeBytes: 500, percentage: null, disk: 1000, limit: 500 },
  { sizeBytes: 500, percentage: 80, disk: 1000, limit: 800 },
  { sizeBytes: 500, percentage: 80, disk: null, limit: 500 },
  { sizeBytes: null, percentage: 80, disk: null, limit: null },
  { sizeBytes: 500, percentage: 0, disk: 1000, limit: 500 },
])("the limit of $sizeBytes bytes or $percentage % of $disk is $limit", ({ sizeBytes, percentage, disk, limit }) => {
  expect(sizeLimitBytes({ timeMs: null, sizeBytes, percentage }, disk)).toBe(limit);
});

import { expect, test } from "vitest";
import type { BlockMeta, BlockStats } from "../block/block-meta.ts";
import { blockDurationMaxMs, blockRanges, planCompaction, splitByRange } from "./planner.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Row {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly stats?: Partial<BlockStats>;
  readonly isFailed?: boolean;
  readonly isOfStaleSeries?: boolean;
  readonly isLate?: boolean;
}

function metaOf({
  name,
  from,
  to,
  stats = {},
  isFailed = false,
  isOfStaleSeries = false,
  isLate = false,
}: Row): BlockMeta {
  return {
    ulid: name,
    minTime: from,
    maxTime: to,
    stats: { numSamples: 0, numSeries: 0, numChunks: 0, ...stats },
    compaction: {
      level: 1,
      sources: [name],
      ...(isFailed && { failed: true }),
      ...(isOfStaleSeries && { hints: ["from-stale-series"] }),
      ...(isLate && { hints: ["from-out-of-order"] }),
    },
    version: 1,
  };
}

/** "1 0-20, 2 20-40": names and times of blocks. */
function metasOf(text: string, more: Partial<Row> = {}): BlockMeta[] {
  return [...text.matchAll(/(\w+) (-?\d+)-(-?\d+)/g)].map(([, name, from, to]) =>
    metaOf({ name: name!, from: Number(from), to: Number(to), ...more }),
  );
}

function planOf(metas: readonly BlockMeta[], ranges = [20, 60, 180, 540, 1620], inOrderEndMs = 1e6): string {
  return planCompaction(metas, { ranges, inOrderEndMs })
    .map(({ ulid }) => ulid)
    .join(" ");
}

// The cases of Prometheus' own planner.
test.each([
  { what: "nothing", blocks: "", plan: "" },
  { what: "a single block", blocks: "1 0-20", plan: "" },
  { what: "two blocks, as a third may come", blocks: "1 0-20, 2 20-40", plan: "" },
  { what: "three blocks, the newest of which is left alone", blocks: "1 0-20, 2 20-40, 3 40-60", plan: "" },
  { what: "a filled range", blocks: "1 0-20, 2 20-40, 3 40-60, 4 60-80", plan: "1 2 3" },
  { what: "a gap that may be all there is, too early", blocks: "1 0-20, 2 20-40, 3 60-80", plan: "" },
  { what: "a range with a gap that nothing fills any more", blocks: "1 0-20, 2 20-40, 3 60-80, 4 80-100", plan: "1 2" },
  {
    what: "the lower of two levels",
    blocks: "1 0-20, 2 20-40, 3 40-60, 4 60-120, 5 120-180",
    plan: "1 2 3",
  },
  {
    what: "blocks of different lengths, in any order",
    blocks: "2 20-40, 4 60-120, 5 960-980, 6 120-180, 7 720-960",
    plan: "2 4 6",
  },
  {
    what: "the newest by time, whatever it is called",
    blocks: "5 0-360, 6 540-560, 7 360-420, 8 420-540",
    plan: "7 8",
  },
  { what: "two that overlap", blocks: "1 0-20, 2 19-40, 3 40-60", plan: "1 2" },
  { what: "an overlap with the newest", blocks: "1 0-20, 2 20-40, 3 30-50", plan: "2 3" },
  { what: "a chain of overlaps", blocks: "1 0-20, 2 10-40, 3 30-50", plan: "1 2 3" },
  {
    what: "a block that overlaps several, which don't overlap each other",
    blocks: "5 0-360, 6 340-560, 7 360-420, 8 420-540",
    plan: "5 6 7 8",
  },
  { what: "the first of two overlaps", blocks: "1 0-10, 2 9-20, 3 30-40, 4 39-50", plan: "1 2" },
])("plans $what", ({ blocks, plan }) => {
  expect(planOf(metasOf(blocks))).toBe(plan);
});

test.each([
  { what: "much was deleted, but no newer block is there", rows: [[0, 540, 10, 3]], plan: "" },
  {
    what: "much was deleted",
    rows: [
      [0, 540, 10, 3],
      [540, 560],
    ],
    plan: "0",
  },
  {
    what: "much was deleted of a short block",
    rows: [
      [0, 60, 10, 3],
      [60, 80],
    ],
    plan: "",
  },
  {
    what: "a short block was deleted altogether",
    rows: [
      [0, 60, 3, 3],
      [60, 80],
    ],
    plan: "0",
  },
  {
    what: "a block has no series at all",
    rows: [
      [0, 540, 0, 0],
      [540, 560],
    ],
    plan: "",
  },
  {
    what: "little was deleted",
    rows: [
      [0, 540, 100, 5],
      [540, 560],
    ],
    plan: "",
  },
])("with tombstones: $what", ({ rows, plan }) => {
  const metas = rows.map(([from, to, numSeries = 0, numTombstones = 0], index) =>
    metaOf({ name: String(index), from: from!, to: to!, stats: { numSeries, numTombstones } }),
  );
  expect(planOf(metas)).toBe(plan);
});

test.each([
  "1 0-20, 2 20-40, 3 40-60, 4 60-80",
  "1 0-20, 2 20-40, 3 60-80, 4 80-100",
  "1 0-20, 2 20-40, 3 40-60, 4 60-120, 5 120-180, 6 180-200",
  "1 0-20, 2 10-30, 3 40-60",
])("a range with a block that could not be merged is left alone: %s", (blocks) => {
  const metas = metasOf(blocks).map((meta, index) =>
    index === 1 ? { ...meta, compaction: { ...meta.compaction, failed: true } } : meta,
  );
  expect(planOf(metas, [20, 60, 240, 720, 2160])).toBe("");
});

test.each([
  {
    what: "are left out of a range of others",
    stale: "s 0-20",
    others: "1 0-20, 2 20-40, 3 40-60, 4 60-80",
    plan: "1 2 3",
  },
  { what: "are merged among themselves", stale: "s1 0-20, s2 20-40, s3 40-60, s4 60-80", others: "", plan: "s1 s2 s3" },
  { what: "come last", stale: "s1 0-20, s2 20-40, s3 40-60, s4 60-80", others: "1 0-20", plan: "s1 s2 s3" },
])("blocks of stale series $what", ({ stale, others, plan }) => {
  const metas = [...metasOf(stale, { isOfStaleSeries: true }), ...metasOf(others)];
  expect(planOf(metas, [20, 60, 180])).toBe(plan);
});

test.each([
  { what: "wait for the others of their time", late: "l 40-60", others: "1 0-20, 2 20-40", plan: "" },
  { what: "are merged with them", late: "l 20-40", others: "1 0-20, 2 20-40", plan: "2 l" },
  { what: "are merged among themselves", late: "l 40-60, m 40-60", others: "1 0-20, 2 20-40", plan: "l m" },
  { what: "do not make others old", late: "l 60-80", others: "1 0-20, 2 20-40, 3 40-60", plan: "" },
])("blocks of late samples $what", ({ late, others, plan }) => {
  const inOrder = metasOf(others);
  const endMs = Math.max(...inOrder.map(({ maxTime }) => maxTime));
  expect(planOf([...inOrder, ...metasOf(late, { isLate: true })], [20, 60, 180], endMs)).toBe(plan);
});

test.each([
  { range: 60, blocks: "a 0-10", groups: "a" },
  { range: 60, blocks: "a 0-60", groups: "a" },
  { range: 60, blocks: "a 0-10, b 9-15, c 30-60", groups: "a b c" },
  { range: 60, blocks: "a 70-90, b 125-130, c 130-180, d 1000-1001", groups: "a | b c | d" },
  { range: 60, blocks: "a 50-70, b 70-80", groups: "b" },
  { range: 72, blocks: "a 0-144, b 144-216, c 216-288", groups: "b | c" },
  { range: 60, blocks: "a -10--5", groups: "a" },
  { range: 60, blocks: "a -60--50, b -10--5", groups: "a b" },
  { range: 60, blocks: "a -60--50, b -10--5, c 0-15", groups: "a b | c" },
])("splits $blocks by $range", ({ range, blocks, groups }) => {
  const split = splitByRange(metasOf(blocks), range);
  expect(split.map((group) => group.map(({ ulid }) => ulid).join(" ")).join(" | ")).toBe(groups);
});

test.each([
  { what: "15 days", retentionMs: 15 * dayMs, ranges: [2, 6, 18] },
  { what: "a year", retentionMs: 365 * dayMs, ranges: [2, 6, 18, 54, 162, 486] },
  { what: "without limit of time", retentionMs: null, ranges: [2, 6, 18, 54, 162, 486] },
  { what: "one hour", retentionMs: hourMs, ranges: [2] },
])("with a retention of $what, blocks are of $ranges hours", ({ retentionMs, ranges }) => {
  const found = blockRanges(2 * hourMs, blockDurationMaxMs(retentionMs, 2 * hourMs));
  expect(found.map((rangeMs) => rangeMs / hourMs)).toEqual(ranges);
});

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import { writeBlockMeta } from "./block-meta-file.ts";
import { type RawIndexSeries, writeRawIndex } from "./testing/raw-index.ts";
import { chunkedSeries, writeTestBlock } from "./testing/test-blocks.ts";
import { verifyBlock } from "./verify-block.ts";

const t = testBaseMs;
const series: TestSeries[] = ["a", "b"].map((job) => ({
  labels: { __name__: "m", job },
  samples: Array.from({ length: 20 }, (_, index): [number, number] => [t + 1000 * index, index]),
}));

let directory: ReturnType<typeof temporaryDirectory>;
let path: string;
beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory.path, writeTestBlock(directory.path, chunkedSeries(series, 10))!.ulid);
});
afterEach(() => directory.remove());

test.each<{ what: string; damage: () => void; found: string[] }>([
  { what: "a sound block", damage: () => {}, found: [] },
  { what: "an index as the sound one, written by others", damage: () => writeIndex((rows) => rows), found: [] },
  {
    what: "series in the wrong order",
    damage: () => writeIndex((rows) => rows.toReversed()),
    found: ['series m{job="a"} is out of order'],
  },
  {
    what: "chunks that overlap",
    damage: () => writeIndex(([a, b]) => [{ ...a!, chunks: [a!.chunks[0]!, a!.chunks[0]!] }, b!]),
    found: ['chunks of series m{job="a"} overlap'],
  },
  {
    what: "a series without chunks",
    damage: () => writeIndex(([a, b]) => [a!, { ...b!, chunks: [] }]),
    found: ['series m{job="b"} has no chunks'],
  },
  {
    what: "times that the chunk does not have",
    damage: () =>
      writeIndex(([a, b]) => [
        a!,
        { ...b!, chunks: b!.chunks.map((chunk) => ({ ...chunk, minTimeMs: chunk.minTimeMs + 1 })) },
      ]),
    found: ["the index has other times for a chunk"],
  },
  {
    what: "a reference into nothing",
    damage: () =>
      writeIndex(([a, b]) => [a!, { ...b!, chunks: b!.chunks.map((chunk) => ({ ...chunk, reference: 2 ** 20 })) }]),
    found: ["there is no chunk"],
  },
  {
    what: "a segment that is not there",
    damage: () => rmSync(join(path, "chunks", "000001")),
    found: ["there is no such file", "there is no such file"],
  },
  { what: "no folder of chunks", damage: () => rmSync(join(path, "chunks"), { recursive: true }), found: ["ENOENT"] },
  {
    what: "counts that are wrong, and a time that is too short",
    damage: () => changeMeta({ numSeries: 3, numSamples: 17 }, t + 19_000),
    found: ['a chunk of series m{job="a"} goes beyond', 'a chunk of series m{job="b"} goes beyond'],
  },
  {
    what: "counts that are wrong",
    damage: () => changeMeta({ numSeries: 3, numSamples: 17 }, t + 19_001),
    found: ["numSeries is 3, expected 2", "numSamples is 17, expected 40"],
  },
  { what: "no files", damage: () => rmSync(path, { recursive: true }), found: ["ENOENT", "ENOENT", "ENOENT"] },
  {
    what: "another version",
    damage: () => writeFileSync(join(path, "meta.json"), '{"version":2}'),
    found: ["found version 2, expected 1"],
  },
])("verifying $what", ({ damage, found }) => {
  damage();
  const problems = verifyBlock(path).map(({ what }) => what);
  expect(problems).toEqual(found.map((what) => expect.stringContaining(what)));
});

test("a list that names other series is told", () => {
  writeIndex((rows) => rows, { forget: "job\0b" });
  expect(verifyBlock(path).map(({ what }) => what)).toEqual([
    'the list of job="b" does not name its series',
    "there are 2 lists for 3 label pairs",
  ]);
});

/** Writes the block's index anew, changed. */
function writeIndex(change: (rows: RawIndexSeries[]) => RawIndexSeries[], options = {}): void {
  const rows = soundRows();
  writeRawIndex(join(path, "index"), 2, change(rows), options);
}

function soundRows(): RawIndexSeries[] {
  let reference = 8;
  return chunkedSeries(series, 10).map(({ labels, chunks }) => ({
    labels,
    chunks: chunks.map(({ minTimeMs, maxTimeMs, bytes }) => {
      const place = { minTimeMs, maxTimeMs, reference };
      // Length, encoding, data, checksum.
      reference += 1 + 1 + bytes.length + 4;
      return place;
    }),
  }));
}

function changeMeta(stats: { numSeries: number; numSamples: number }, maxTime: number): void {
  const block = Block.open(path);
  writeBlockMeta(path, { ...block.meta, maxTime, stats: { ...block.meta.stats, ...stats } });
  block.close();
}

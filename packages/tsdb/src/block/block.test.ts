import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { growSampleColumn, type Histogram, makeMatcher, newSampleColumn, type SeriesQuery } from "@tatou/model";
import { readAll, type TestSample, type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { BlockCorruptError } from "../errors.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import type { SeriesStream } from "./series-stream.ts";
import { chunkedSeries, type StreamedSeries, streamOf, writeTestBlock } from "./testing/test-blocks.ts";
import { verifyBlock } from "./verify-block.ts";
import { writeBlock } from "./write-block.ts";

const t = testBaseMs;
const everything = { matchers: [makeMatcher("__name__", "=", "m")], minTimeMs: t - 1e9, maxTimeMs: t + 1e9 };
const a: TestSeries = { labels: { __name__: "m", job: "a" }, samples: ramp(0, 300) };
const b: TestSeries = { labels: { __name__: "m", job: "b" }, samples: ramp(200, 300) };

let directory: ReturnType<typeof temporaryDirectory>;
let opened: Block[];
beforeEach(() => {
  directory = temporaryDirectory();
  opened = [];
});
afterEach(() => {
  for (const block of opened) block.close();
  directory.remove();
});

describe("writing", () => {
  test("meta.json tells what is in the block", () => {
    const meta = writeTestBlock(directory.path, chunkedSeries([a, b]))!;
    expect(meta).toMatchObject({
      minTime: t,
      maxTime: t + 499_001,
      stats: { numSamples: 600, numFloatSamples: 600, numHistogramSamples: 0, numSeries: 2, numChunks: 6 },
    });
    expect(open(meta.ulid).meta).toEqual(meta);
    expect(verifyBlock(join(directory.path, meta.ulid))).toEqual([]);
  });

  test("without samples there is no block, and nothing is left behind", () => {
    expect(writeTestBlock(directory.path, [{ labels: chunkedSeries([a])[0]!.labels, chunks: [] }])).toBeNull();
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test("cancelled work leaves nothing behind", () => {
    const many = Array.from({ length: 1200 }, (_, index) => ({ labels: { n: String(index) }, samples: ramp(0, 1) }));
    const progress: number[] = [];
    const written = writeBlock({
      ...optionsFor(streamOf(chunkedSeries(many))),
      isCancelled: () => progress.length > 0,
      onProgress: (seriesCount) => progress.push(seriesCount),
    });
    // Asked once in a thousand series, so that the first question comes too early to be answered with yes.
    expect(written?.stats.numSeries).toBe(1200);
    expect(progress).toEqual([1000]);
    const cancelled = optionsFor(streamOf(chunkedSeries(many)), "01HF7YAT00050M2GA1850M2GA1");
    expect(writeBlock({ ...cancelled, isCancelled: () => true })).toBeNull();
    expect(readdirSync(directory.path)).toEqual([written!.ulid]);
  });

  test.each<{ what: string; message: string; series: () => StreamedSeries[] }>([
    { what: "series out of order", message: "series are sorted", series: () => chunkedSeries([a, b]).toReversed() },
    { what: "a series twice", message: "series are sorted", series: () => chunkedSeries([a, a]) },
    {
      what: "chunks that overlap",
      message: "chunks of a series do not overlap",
      series: () => chunkedSeries([a], 100).map(({ labels, chunks }) => ({ labels, chunks: chunks.toReversed() })),
    },
  ])("$what are a defect of the stream, and leave nothing behind", ({ series, message }) => {
    expect(() => writeBlock(optionsFor(streamOf(series())))).toThrow(message);
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

test("histograms and start times come back, also from a chunk that loses a part", async () => {
  const column = newSampleColumn(8, { histograms: true, startTimes: true });
  growSampleColumn(column, 30);
  column.count = 30;
  for (let index = 0; index < 30; index++) {
    column.timesMs[index] = t + 1000 * index;
    column.startTimesMs![index] = t - 5000;
    if (index >= 10) column.histograms![index] = histogramOf(index);
    else column.values[index] = index;
  }
  const options = { samplesMax: 120, isBestWindows: false, keepStartTimes: true };
  const chunks = new ChunkEncoder().encodeColumn(column, options);
  const meta = writeTestBlock(directory.path, [{ labels: chunkedSeries([a])[0]!.labels, chunks }])!;
  expect(meta.stats).toMatchObject({ numChunks: 2, numFloatSamples: 10, numHistogramSamples: 20 });
  expect(verifyBlock(join(directory.path, meta.ulid))).toEqual([]);
  const block = open(meta.ulid);
  block.deleteSamples(between(15, 17));
  const rewritten = open(writeBlock(optionsFor(block.stream(), "01HF7YAT00050M2GA1850M2GA1"))!.ulid);
  for (const each of [block, rewritten]) {
    const found = newSampleColumn(1, { histograms: true, startTimes: true });
    (await each.select(between(5, 20))).readSamples(0, found);
    const seconds = [...found.timesMs.subarray(0, found.count)].map((timeMs) => (timeMs - t) / 1000);
    expect(seconds).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18, 19, 20]);
    expect(found.histograms!.map((histogram) => histogram?.count)).toEqual([
      ...Array.from({ length: 5 }),
      10,
      11,
      12,
      13,
      14,
      18,
      19,
      20,
    ]);
    expect([...found.startTimesMs!.subarray(0, found.count)]).toEqual(seconds.map(() => t - 5000));
  }
});

describe("deleting", () => {
  test("takes samples out of answers, also after the block was opened again", async () => {
    const block = open(writeTestBlock(directory.path, chunkedSeries([a, b]))!.ulid);
    const before = await block.select(everything);
    expect(block.hasTombstones).toBe(false);
    expect(block.deleteSamples(between(100, 250))).toBe(2);
    expect(block.hasTombstones).toBe(true);
    expect(block.meta.stats.numTombstones).toBe(2);
    const left = [
      { ...a, samples: a.samples.filter(([timeMs]) => timeMs < t + 100_000 || timeMs > t + 250_000) },
      { ...b, samples: ramp(251, 249) },
    ];
    expect(await readAll(block, everything)).toEqual(left);
    // A question that was asked before is answered as it was.
    expect(before.seriesCount).toBe(2);
    const again = open(block.ulid);
    expect(await readAll(again, everything)).toEqual(left);
    expect(again.meta.stats.numTombstones).toBe(2);
    expect(again.sizeBytes).toBeGreaterThan(1000);
  });

  test("of all samples of a series takes the series away", async () => {
    const block = open(writeTestBlock(directory.path, chunkedSeries([a, b]))!.ulid);
    expect(block.deleteSamples({ ...everything, matchers: [makeMatcher("job", "=", "a")] })).toBe(1);
    expect((await block.select(everything)).seriesCount).toBe(1);
    expect(block.deleteSamples({ ...everything, matchers: [makeMatcher("job", "=", "none")] })).toBe(0);
  });

  test("leaves what is left of chunks to the next block", async () => {
    const block = open(writeTestBlock(directory.path, chunkedSeries([a, b]))!.ulid);
    block.deleteSamples(between(100, 130));
    block.deleteSamples(between(240, 299));
    const left = await readAll(block, everything);
    const rewritten = writeBlock(optionsFor(block.stream(), "01HF7YAT00050M2GA1850M2GA1"))!;
    // Of a: [0, 119] and [120, 239] lose a part, [240, 299] goes. Of b: [200, 319] loses its middle.
    expect(rewritten.stats).toMatchObject({ numChunks: 5, numSamples: 300 - 31 - 60 + 300 - 60 });
    expect(await readAll(open(rewritten.ulid), everything)).toEqual(left);
    expect(verifyBlock(join(directory.path, rewritten.ulid))).toEqual([]);
  });
});

describe("reading", () => {
  test("gives only series that have a chunk in the range", async () => {
    const block = open(writeTestBlock(directory.path, chunkedSeries([a, b]))!.ulid);
    const countBetween = async (from: number, to: number) => (await block.select(between(from, to))).seriesCount;
    expect(await countBetween(0, 100)).toBe(1);
    expect(await countBetween(200, 299)).toBe(2);
    expect(await countBetween(600, 700)).toBe(0);
    expect((await block.select({ ...everything, hints: { limit: 1 } })).seriesCount).toBe(1);
    expect((await block.select({ ...between(0, 480), hints: { limit: 1 } })).seriesCount).toBe(1);
  });

  test("needs no chunks to tell which series there are", async () => {
    const { ulid } = writeTestBlock(directory.path, chunkedSeries([a, b]))!;
    const segment = join(directory.path, ulid, "chunks", "000001");
    writeFileSync(segment, readFileSync(segment).fill(0, 8));
    const selection = await open(ulid).select({ ...between(10, 20), hints: { function: "series" } });
    expect(selection.labelsAt(0)).toEqual([
      { name: "__name__", value: "m" },
      { name: "job", value: "a" },
    ]);
    expect(() => selection.readSamples(0, newSampleColumn())).toThrow(BlockCorruptError);
  });

  test("streams a part: chunks that go beyond it are cut", () => {
    const block = open(writeTestBlock(directory.path, chunkedSeries([a, b]))!.ulid);
    const stream = block.stream(between(130, 300));
    const times: (readonly number[])[] = [];
    while (stream.next()) {
      times.push(stream.chunks.flatMap(({ minTimeMs, maxTimeMs }) => [(minTimeMs - t) / 1000, (maxTimeMs - t) / 1000]));
    }
    expect(times).toEqual([
      [130, 239, 240, 299],
      [200, 300],
    ]);
  });

  test("counts what makes the index large", () => {
    const more = { labels: { __name__: "longer", job: "a" }, samples: ramp(0, 1) };
    const block = open(writeTestBlock(directory.path, chunkedSeries([a, b, more]))!.ulid);
    expect(block.cardinality(2)).toEqual({
      seriesCount: 3,
      labelPairCount: 4,
      seriesCountByMetricName: [named("m", 2), named("longer", 1)],
      labelValueCountByLabelName: [named("__name__", 2), named("job", 2)],
      memoryInBytesByLabelName: [named("__name__", 8), named("job", 3)],
      seriesCountByLabelValuePair: [named("__name__=m", 2), named("job=a", 2)],
    });
  });
});

/** One that has counted so many observations. */
function histogramOf(count: number): Histogram {
  return {
    countKind: "integer",
    counterReset: "unknown",
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: [count],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
  };
}

function open(ulid: string): Block {
  const block = Block.open(join(directory.path, ulid));
  opened.push(block);
  return block;
}

function optionsFor(stream: SeriesStream, ulid = "01HF7YAT00040G2081040G2081") {
  const compaction = { level: 1, sources: [ulid] };
  return { parentDirectory: directory.path, ulid, minTimeMs: t, maxTimeMs: t + 500_000, compaction, stream };
}

/** Seconds behind the base; both inclusive. */
function between(from: number, to: number): SeriesQuery {
  return { ...everything, minTimeMs: t + 1000 * from, maxTimeMs: t + 1000 * to };
}

function ramp(first: number, count: number): TestSample[] {
  return Array.from({ length: count }, (_, index) => [t + 1000 * (first + index), first + index]);
}

function named(name: string, count: number) {
  return { name, count };
}

import { type Histogram, makeMatcher, newSampleColumn } from "@tatou/model";
import { readAll, storeOf, type TestSample, type TestSeries, testBaseMs } from "@tatou/model/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { chunkEncoding } from "../chunk/chunk-encoding.ts";
import { chunkSampleCount } from "../chunk/chunk-sample-count.ts";
import { mergeStreams } from "./merged-stream.ts";
import { chunksOf, samplesOf, seriesOf, streamOf, streamOfChunks } from "./testing/test-streams.ts";

const t = testBaseMs;
const copying = { samplesPerChunk: null };

function series(index: string, samples: readonly TestSample[]): TestSeries {
  return { labels: { __name__: "m", index }, samples };
}

/** A sample every 15 s, from a number on. */
function ramp(first: number, count: number): TestSample[] {
  return Array.from({ length: count }, (_, at) => [t + (first + at) * 15_000, first + at]);
}

function chunksOfMerge(groups: readonly (readonly ChunkData[])[], options: Parameters<typeof mergeStreams>[1]) {
  const merged = mergeStreams(
    groups.map((chunks) => streamOfChunks([{ labels: { __name__: "m" }, chunks }])),
    options,
  );
  return merged.next() ? [...merged.chunks] : [];
}

const countsOf = (chunks: readonly ChunkData[]) =>
  chunks.map(({ encoding, bytes }) => chunkSampleCount(encoding, bytes));

test("series come in order, each once, with their texts", () => {
  const streams = [
    streamOf([series("a", ramp(0, 3)), series("c", ramp(0, 3))]),
    streamOf([]),
    streamOf([series("b", ramp(3, 3)), series("c", ramp(3, 3)), series("d", ramp(0, 1))]),
  ];
  const merged = mergeStreams(streams, copying);
  expect([...merged.symbols()]).toEqual(["__name__", "a", "b", "c", "d", "index", "m"]);
  expect(seriesOf(merged)).toEqual([
    series("a", ramp(0, 3)),
    series("b", ramp(3, 3)),
    series("c", ramp(0, 6)),
    series("d", ramp(0, 1)),
  ]);
  expect(merged.next()).toBe(false);
  merged.close();
  expect(streams.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
});

test("chunks that don't overlap are copied as they are, in time order", () => {
  const [late, early] = [chunksOf(ramp(200, 150)), chunksOf(ramp(0, 200))];
  const merged = chunksOfMerge([late, early], copying);
  expect(merged).toEqual([...early, ...late]);
  expect(merged[0]!.bytes).toBe(early[0]!.bytes);
});

test("a chunk that several sources hold is taken once, as it is", () => {
  const chunks = chunksOf(ramp(0, 100));
  expect(chunksOfMerge([chunks, chunksOf(ramp(0, 100)), chunks], copying)).toEqual(chunks);
});

test("chunks that overlap are put together; their neighbours stay", () => {
  const base = chunksOf(ramp(0, 360));
  const between = chunksOf(ramp(130, 5).map(([timeMs]) => [timeMs + 1, -1]));
  const merged = chunksOfMerge([base, between], copying);
  expect(countsOf(merged)).toEqual([120, 120, 5, 120]);
  expect(merged[0]).toBe(base[0]);
  expect(merged.at(-1)).toBe(base[2]);
  expect(samplesOf(merged).filter(([, value]) => value === -1)).toHaveLength(5);
});

test("rewriting puts short chunks together, and leaves long ones alone", () => {
  const samples = ramp(0, 1000);
  const rewritten = chunksOfMerge([chunksOf(samples)], { samplesPerChunk: 480 });
  expect(countsOf(rewritten)).toEqual([480, 480, 40]);
  expect(samplesOf(rewritten)).toEqual(samples);
  const again = chunksOfMerge([rewritten], { samplesPerChunk: 480 });
  expect(again.map(({ bytes }, at) => bytes === rewritten[at]!.bytes)).toEqual([true, true, true]);
});

test("histograms and floats of one series are merged with their start times", () => {
  const column = (count: number, at: (index: number) => { timeMs: number; histogram?: Histogram }) => {
    const made = newSampleColumn(count, { histograms: true, startTimes: true });
    for (let index = 0; index < count; index++) {
      const { timeMs, histogram } = at(index);
      made.timesMs[index] = timeMs;
      made.values[index] = index;
      made.startTimesMs![index] = t - 1000;
      made.histograms![index] = histogram;
    }
    made.count = count;
    return made;
  };
  const encode = (from: ReturnType<typeof column>) =>
    new ChunkEncoder().encodeColumn(from, { samplesMax: 120, isBestWindows: false, keepStartTimes: true });
  const histograms = encode(column(20, (index) => ({ timeMs: t + 2 * index, histogram: histogramOf(index) })));
  const floats = encode(column(20, (index) => ({ timeMs: t + 2 * index + 21 })));
  const merged = chunksOfMerge([histograms, floats], copying);
  const read = newSampleColumn(8, { histograms: true, startTimes: true });
  for (const chunk of merged) new ChunkDecoder().decodeInto(chunk, read);
  expect(read.count).toBe(40);
  expect([...read.timesMs.subarray(1, 40)].every((timeMs, at) => timeMs > read.timesMs[at]!)).toBe(true);
  expect(Array.from(read.histograms!, (histogram) => histogram?.sum).filter((sum) => sum !== undefined)).toEqual(
    Array.from({ length: 20 }, (_, index) => index),
  );
  const ofHistograms = merged.filter(({ encoding }) => encoding === chunkEncoding.histogramWithStartTimes);
  expect(ofHistograms.length).toBeGreaterThan(0);
});

test("what comes out is what went in, however it was spread and overlapping", async () => {
  const anySample = fc.record({ at: fc.nat(400), source: fc.nat(3), index: fc.nat(2), isStale: fc.boolean() });
  const anyOptions = fc.record({
    samplesPerChunk: fc.constantFrom(null, 10, 240),
    samplesPerSourceChunk: fc.constantFrom(3, 20, 120),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anySample, { maxLength: 400 }), anyOptions, async (samples, options) => {
      const seriesFrom = (kept: typeof samples): TestSeries[] =>
        ["0", "1", "2"].map((index) => {
          const byTime = new Map(kept.filter((one) => String(one.index) === index).map((one) => [one.at, one]));
          const ascending = [...byTime.keys()].sort((left, right) => left - right);
          return series(
            index,
            ascending.map((at): TestSample => [t + at, at % 7 === 0 ? "stale" : at]),
          );
        });
      const streams = [0, 1, 2, 3].map((source) =>
        streamOf(seriesFrom(samples.filter((one) => one.source === source)), options.samplesPerSourceChunk),
      );
      const merged = seriesOf(mergeStreams(streams, options));
      const query = { matchers: [makeMatcher("__name__", "=", "m")], minTimeMs: 0, maxTimeMs: 2 * t };
      expect(merged).toEqual(await readAll(storeOf(seriesFrom(samples)), query));
    }),
    { numRuns: 100 },
  );
});

function histogramOf(sum: number): Histogram {
  return {
    countKind: "integer",
    counterReset: "unknown",
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: sum,
    count: 3 * sum,
    sum,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: [sum, sum],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
  };
}

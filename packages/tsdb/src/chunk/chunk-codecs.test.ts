import { isDeepStrictEqual } from "node:util";
import { CodecError } from "@tatou/kernels";
import { bucketIndexesOf, newSampleColumn } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkDecoder } from "./chunk-decoder.ts";
import { ChunkEncoder, type ChunkEncoderOptions, type EncodedChunk } from "./chunk-encoder.ts";
import { type ChunkEncoding, chunkEncoding } from "./chunk-encoding.ts";
import { chunkSampleCount } from "./chunk-sample-count.ts";
import { type AnySample, seriesSamples } from "./testing/arbitrary-samples.ts";
import { columnOf, samplesOf } from "./testing/columns.ts";
import { readPlainly } from "./testing/plain-chunk.ts";

const histogramSample: AnySample = {
  timeMs: 1,
  startTimeMs: 0,
  value: {
    countKind: "integer",
    counterReset: "unknown",
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 1,
    count: 1,
    sum: 0,
    positiveSpans: [],
    positiveBuckets: [],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
  },
};

const encoder = new ChunkEncoder();
const decoder = new ChunkDecoder();
const plain: ChunkEncoderOptions = { samplesMax: 12, isBestWindows: false, keepStartTimes: false };

test.each([
  { name: "as Prometheus encodes", options: plain },
  { name: "with start times", options: { ...plain, keepStartTimes: true } },
  { name: "with best windows", options: { ...plain, isBestWindows: true } },
  { name: "with both", options: { samplesMax: 40, isBestWindows: true, keepStartTimes: true } },
])("chunks give back what was put in: $name", ({ options }) =>
  fc.assert(
    fc.property(seriesSamples, (samples) => {
      const chunks = encoder.encodeColumn(columnOf(samples), options);
      const read = decodeAll(chunks);
      expect(read.map((sample) => comparable(sample, options.keepStartTimes))).toEqual(
        samples.map((sample) => comparable(sample, options.keepStartTimes)),
      );
      for (const chunk of chunks) expect(chunkSampleCount(chunk.encoding, chunk.bytes)).toBe(chunk.sampleCount);
    }),
    { numRuns: 300 },
  ),
);

test("a plain reader, made from the format pages alone, reads the same", () =>
  fc.assert(
    fc.property(seriesSamples, fc.boolean(), (samples, keepStartTimes) => {
      for (const chunk of encoder.encodeColumn(columnOf(samples), { ...plain, keepStartTimes })) {
        expect(readPlainly(chunk)).toEqual(decodeAll([chunk]));
      }
    }),
    { numRuns: 100 },
  ));

test.each([{ size: 127 }, { size: 128 }, { size: 129 }, { size: 400 }])(
  "start times that never change, or change late, survive $size samples",
  ({ size }) => {
    for (const lateChange of [0, 5]) {
      const samples = Array.from({ length: size }, (_, index) => ({
        timeMs: 1000 + 15_000 * index,
        startTimeMs: index === size - 1 ? 500 + lateChange : 500,
        value: index,
      }));
      const chunks = encoder.encodeColumn(columnOf(samples), {
        samplesMax: 500,
        isBestWindows: false,
        keepStartTimes: true,
      });
      expect(chunks).toHaveLength(1);
      expect(decodeAll(chunks)).toEqual(samples);
      expect(readPlainly(chunks[0]!)).toEqual(samples);
    }
  },
);

test("the example of docs/format/xor2-chunk.md", () => {
  const samples = [1, 1, 2].map((value, index) => ({ timeMs: 1000 + 15_000 * index, startTimeMs: 500, value }));
  const [chunk] = encoder.encodeColumn(columnOf(samples), { ...plain, keepStartTimes: true });
  expect(chunk!.encoding).toBe(chunkEncoding.xor2);
  expect(Buffer.from(chunk!.bytes).toString("hex")).toBe("000380d00f3ff0000000000000e80798755097ffc0");
});

test("the first samples of a chunk can be read while more follow", () =>
  fc.assert(
    fc.property(seriesSamples, fc.nat(12), (samples, sampleCount) => {
      const [chunk] = encoder.encodeColumn(columnOf(samples), plain);
      if (chunk === undefined) return;
      const column = newSampleColumn(1, { histograms: true });
      decoder.decodeInto({ ...chunk, sampleCount }, column);
      const expected = decodeAll([chunk]).slice(0, sampleCount);
      expect(samplesOf(column).map((sample) => comparable(sample, false))).toEqual(
        expected.map((sample) => comparable(sample, false)),
      );
    }),
    { numRuns: 50 },
  ));

test("a column without histograms gets the floats and the staleness markers", () => {
  const { histograms: some } = columnOf([histogramSample]);
  expect(some).toHaveLength(1);
  const samples: AnySample[] = [
    { timeMs: 1, startTimeMs: 0, value: 5 },
    { ...histogramSample, timeMs: 2 },
    { ...histogramSample, timeMs: 3, value: "stale" },
    { timeMs: 4, startTimeMs: 0, value: 6 },
  ];
  const column = newSampleColumn(1);
  for (const chunk of encoder.encodeColumn(columnOf(samples), plain)) decoder.decodeInto(chunk, column);
  expect(samplesOf(column)).toEqual([samples[0], samples[2], samples[3]]);
});

test("chunks that are cut or changed are samples or a codec error, and leave the column as it was", () =>
  fc.assert(
    fc.property(seriesSamples, fc.nat(), fc.nat(255), fc.boolean(), (samples, at, byte, isCut) => {
      const chunks = encoder.encodeColumn(columnOf(samples), { ...plain, keepStartTimes: at % 2 === 0 });
      for (const { encoding, bytes } of chunks) {
        const damaged = isCut ? bytes.slice(0, at % bytes.length) : bytes.with(at % bytes.length, byte);
        expect(outcome(encoding, damaged)).toBe("sound");
      }
    }),
    { numRuns: 300 },
  ));

test.each(Object.values(chunkEncoding))("any bytes are samples or a codec error in encoding %d", (encoding) =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(outcome(encoding, bytes)).toBe("sound");
    }),
    { numRuns: 200 },
  ),
);

test("an unknown encoding is an error that names it", () => {
  const slice = { encoding: 7 as ChunkEncoding, bytes: new Uint8Array(10) };
  expect(() => decoder.decodeInto(slice, newSampleColumn())).toThrow("found encoding 7, expected 1 to 6");
});

/** "sound" when a damaged chunk was all its samples, or a codec error that left the column as it was. */
function outcome(encoding: ChunkEncoding, bytes: Uint8Array): string {
  const column = columnOf([histogramSample]);
  try {
    decoder.decodeInto({ encoding, bytes }, column);
    return column.count === 1 + chunkSampleCount(encoding, bytes) ? "sound" : `${column.count} samples`;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return isDeepStrictEqual(samplesOf(column), [histogramSample]) && column.histograms?.length === 1
      ? "sound"
      : "changed";
  }
}

function decodeAll(chunks: readonly EncodedChunk[]): AnySample[] {
  const column = newSampleColumn(1, { histograms: true, startTimes: true });
  for (const chunk of chunks) decoder.decodeInto(chunk, column);
  return samplesOf(column);
}

/** What two samples must agree in: buckets by their index, since a chunk may have room for more of them. */
function comparable({ timeMs, startTimeMs, value }: AnySample, keepsStartTimes: boolean): unknown {
  const times = { timeMs, startTimeMs: keepsStartTimes ? startTimeMs : 0 };
  if (typeof value !== "object") return { ...times, value };
  const { counterReset, positiveSpans, positiveBuckets, negativeSpans, negativeBuckets, ...rest } = value;
  const counted = (indexes: readonly number[], buckets: readonly number[]) =>
    indexes.map((index, position) => [index, buckets[position]]).filter(([, count]) => count !== 0);
  return {
    ...times,
    ...rest,
    isGauge: counterReset === "gauge",
    positive: counted(bucketIndexesOf(positiveSpans), positiveBuckets),
    negative: counted(bucketIndexesOf(negativeSpans), negativeBuckets),
  };
}

import { newSampleColumn } from "@tatou/model";
import { bench, describe } from "vitest";
import { ChunkDecoder } from "./chunk-decoder.ts";
import { ChunkEncoder, type ChunkEncoderOptions } from "./chunk-encoder.ts";
import type { AnySample } from "./testing/arbitrary-samples.ts";
import { columnOf } from "./testing/columns.ts";

const sampleCount = 48_000;
const plain: ChunkEncoderOptions = { samplesMax: 120, isBestWindows: false, keepStartTimes: false };
const best: ChunkEncoderOptions = { samplesMax: 480, isBestWindows: true, keepStartTimes: false };
const encoder = new ChunkEncoder();
const decoder = new ChunkDecoder();

/** A counter, a sum of durations and a gauge, one after the other. */
const floats = columnOf(
  Array.from({ length: sampleCount }, (_, index): AnySample => {
    const kind = Math.floor(index / 480) % 3;
    const value = kind === 0 ? 1e6 + index * 37 : kind === 1 ? index / 7 : Math.round(Math.sin(index) * 1000) / 10;
    return { timeMs: 1.7e12 + index * 15_000, startTimeMs: 0, value };
  }),
);

const histograms = columnOf(
  Array.from({ length: sampleCount / 40 }, (_, index): AnySample => {
    const positiveBuckets = Array.from({ length: 20 }, (__, bucket) => index * (bucket + 1) + (index % (bucket + 2)));
    return {
      timeMs: 1.7e12 + index * 15_000,
      startTimeMs: 0,
      value: {
        countKind: "integer",
        counterReset: "unknown",
        schema: 3,
        zeroThreshold: 2 ** -128,
        zeroCount: index,
        count: positiveBuckets.reduce((sum, count) => sum + count, index),
        sum: index * 1.1,
        positiveSpans: [{ offset: -10, length: 20 }],
        positiveBuckets,
        negativeSpans: [],
        negativeBuckets: [],
        customValues: [],
      },
    };
  }),
);

function benchDecode(name: string, column: typeof floats, options: ChunkEncoderOptions): void {
  const chunks = encoder.encodeColumn(column, options);
  const target = newSampleColumn(sampleCount, { histograms: true });
  bench(name, () => {
    target.count = 0;
    for (const chunk of chunks) decoder.decodeInto(chunk, target);
  });
}

describe("48 000 floats", () => {
  bench("encode", () => void encoder.encodeColumn(floats, plain));
  bench("encode with best windows", () => void encoder.encodeColumn(floats, best));
  benchDecode("decode", floats, plain);
  benchDecode("decode best windows", floats, best);
});

describe("1200 histograms of 20 buckets", () => {
  bench("encode", () => void encoder.encodeColumn(histograms, plain));
  benchDecode("decode", histograms, plain);
});

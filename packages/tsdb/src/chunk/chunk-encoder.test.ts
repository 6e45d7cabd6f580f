import { expect, test } from "vitest";
import { ChunkEncoder } from "./chunk-encoder.ts";
import type { AnySample } from "./testing/arbitrary-samples.ts";
import { columnOf } from "./testing/columns.ts";

const histogram: AnySample["value"] = {
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
};
const floatHistogram: AnySample["value"] = { ...histogram, countKind: "float" };

test.each<{ what: string; values: AnySample["value"][]; chunks: string[] }>([
  { what: "nothing", values: [], chunks: [] },
  { what: "floats, three a chunk at most", values: [1, 2, 3, 4], chunks: ["1: 3", "1: 1"] },
  { what: "a staleness marker and what it ends", values: [1, "stale", histogram], chunks: ["1: 2", "2: 1"] },
  { what: "markers among histograms", values: [histogram, "stale", "stale"], chunks: ["2: 3"] },
  { what: "a marker of a float histogram", values: [floatHistogram, "stale", 1], chunks: ["3: 2", "1: 1"] },
  { what: "markers that end nothing we know", values: ["stale", "stale", histogram], chunks: ["2: 2", "2: 1"] },
  { what: "a lone marker", values: ["stale"], chunks: ["1: 1"] },
  { what: "all kinds", values: [1, histogram, floatHistogram, 2], chunks: ["1: 1", "2: 1", "3: 1", "1: 1"] },
  {
    what: "histograms, three a chunk at most",
    values: [histogram, histogram, histogram, histogram],
    chunks: ["2: 3", "2: 1"],
  },
])("$what: $chunks", ({ values, chunks }) => {
  const column = columnOf(values.map((value, index) => ({ timeMs: 1000 + index, startTimeMs: 0, value })));
  const options = { samplesMax: 3, isBestWindows: false, keepStartTimes: true };
  const encoded = new ChunkEncoder().encodeColumn(column, options);
  expect(encoded.map(({ encoding, sampleCount }) => `${encoding}: ${sampleCount}`)).toEqual(chunks);
  const times = encoded.flatMap(({ minTimeMs, maxTimeMs }) => [minTimeMs, maxTimeMs]);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect([times[0], times.at(-1)]).toEqual(values.length === 0 ? [undefined, undefined] : [1000, 999 + values.length]);
});

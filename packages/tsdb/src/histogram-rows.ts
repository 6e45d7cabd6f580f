import { type Histogram, isStaleMarker, writeStaleMarker } from "@tatou/model";
import type { HistogramSample } from "./chunk/histogram-chunk-writer.ts";
import type { BatchHistogram } from "./sample-batch.ts";
import type { HistogramRow } from "./wal/histogram-record.ts";

// A field of an object keeps the bits of the marker, see model/sample.ts.
const scratch = new Float64Array(1);
writeStaleMarker(scratch, 0);

/** In the log, the staleness marker of a series of histograms is a histogram with the marker as its sum. */
const staleHistogram: Histogram = {
  countKind: "integer",
  counterReset: "unknown",
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: scratch[0]!,
  positiveSpans: [],
  positiveBuckets: [],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
};

export function rowOf({ ref, timeMs, startTimeMs, histogram }: BatchHistogram): HistogramRow {
  return { ref, timestampMs: timeMs, startTimeMs, histogram: histogram ?? staleHistogram };
}

export function sampleOf({ timestampMs, startTimeMs, histogram }: HistogramRow): HistogramSample {
  scratch[0] = histogram.sum;
  return { timeMs: timestampMs, startTimeMs, histogram: isStaleMarker(scratch, 0) ? null : histogram };
}

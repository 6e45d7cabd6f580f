import type { Histogram } from "../histogram.ts";

/** A histogram of four observations, unless told otherwise. */
export function testHistogram(parts: Partial<Histogram> = {}): Histogram {
  return {
    countKind: "integer",
    counterReset: "unknown",
    schema: 0,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    count: 4,
    sum: 7.5,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: [1, 3],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
    ...parts,
  };
}

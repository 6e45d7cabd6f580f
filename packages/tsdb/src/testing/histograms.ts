import type { Histogram } from "@tatou/model";

/** A histogram of observations that grows with `step`; every tenth step brings a bucket more. */
export function growingHistogram(step: number, parts: Partial<Histogram> = {}): Histogram {
  const bucketCount = 2 + Math.floor(step / 10);
  const positiveBuckets = Array.from({ length: bucketCount }, (_, index) => step + index + 1);
  return {
    countKind: "integer",
    counterReset: "unknown",
    schema: 1,
    zeroThreshold: 0.001,
    zeroCount: step,
    count: step + positiveBuckets.reduce((sum, count) => sum + count, 0),
    sum: step / 4,
    positiveSpans: [{ offset: 1, length: bucketCount }],
    positiveBuckets,
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
    ...parts,
  };
}

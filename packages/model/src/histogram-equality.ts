import { bucketIndexesOf } from "./bucket-spans.ts";
import type { BucketSpan, Histogram } from "./histogram.ts";

/**
 * Whether two histograms are the same data: same buckets, empty ones included, and same numbers. What is known of counter
 * resets is not data.
 */
export function areSameHistograms(left: Histogram, right: Histogram): boolean {
  return (
    left.countKind === right.countKind &&
    left.schema === right.schema &&
    left.count === right.count &&
    Object.is(left.sum, right.sum) &&
    left.zeroThreshold === right.zeroThreshold &&
    left.zeroCount === right.zeroCount &&
    areSameNumbers(left.positiveBuckets, right.positiveBuckets) &&
    areSameNumbers(left.negativeBuckets, right.negativeBuckets) &&
    areSameNumbers(left.customValues, right.customValues) &&
    areSameBuckets(left.positiveSpans, right.positiveSpans) &&
    areSameBuckets(left.negativeSpans, right.negativeSpans)
  );
}

/** Spans may be cut differently and mean the same buckets. */
function areSameBuckets(left: readonly BucketSpan[], right: readonly BucketSpan[]): boolean {
  return areSameNumbers(bucketIndexesOf(left), bucketIndexesOf(right));
}

function areSameNumbers(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((number, index) => number === right[index]);
}

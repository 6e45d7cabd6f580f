import type { BucketSpan } from "@tatou/model";

/** What is in either of two ascending lists. */
export function unionOf(left: readonly number[], right: readonly number[]): number[] {
  return [...new Set([...left, ...right])].sort((a, b) => a - b);
}

/** Counts of the buckets `to`, which has all of `from`; what is not in `from` is 0. */
export function spreadBuckets(buckets: readonly number[], from: readonly number[], to: readonly number[]): number[] {
  let position = 0;
  return to.map((index) => (from[position] === index ? (buckets[position++] ?? 0) : 0));
}

export function areSameSpans(left: readonly BucketSpan[], right: readonly BucketSpan[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((span, index) => span.offset === right[index]!.offset && span.length === right[index]!.length);
}

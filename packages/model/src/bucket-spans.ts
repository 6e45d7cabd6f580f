import type { BucketSpan } from "./histogram.ts";

/** The index of each bucket in the spans, ascending. */
export function bucketIndexesOf(spans: readonly BucketSpan[]): number[] {
  const indexes: number[] = [];
  let next = 0;
  for (const { offset, length } of spans) {
    next += offset;
    for (const end = next + length; next < end; next++) indexes.push(next);
  }
  return indexes;
}

/** The spans of buckets, given by their ascending indexes. */
export function spansOf(indexes: readonly number[]): BucketSpan[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}

/** How many buckets the spans hold. */
export function bucketCountOf(spans: readonly BucketSpan[]): number {
  let count = 0;
  for (const span of spans) count += span.length;
  return count;
}

import { bucketIndexesOf, spansOf } from "./bucket-spans.ts";
import type { BucketSpan, Histogram } from "./histogram.ts";

/** A histogram with wider buckets: those that lie in one bucket of the lower schema are added up. */
export function reduceResolution(histogram: Histogram, schema: number): Histogram {
  const shift = histogram.schema - schema;
  const [positiveSpans, positiveBuckets] = merged(histogram.positiveSpans, histogram.positiveBuckets, shift);
  const [negativeSpans, negativeBuckets] = merged(histogram.negativeSpans, histogram.negativeBuckets, shift);
  return { ...histogram, schema, positiveSpans, positiveBuckets, negativeSpans, negativeBuckets };
}

function merged(spans: readonly BucketSpan[], buckets: readonly number[], shift: number): [BucketSpan[], number[]] {
  const counts = new Map<number, number>();
  bucketIndexesOf(spans).forEach((index, position) => {
    // A bucket's index is that of its upper bound.
    const target = Math.ceil(index / 2 ** shift);
    counts.set(target, (counts.get(target) ?? 0) + buckets[position]!);
  });
  return [spansOf([...counts.keys()]), [...counts.values()]];
}

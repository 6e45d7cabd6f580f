import { bucketCountOf } from "./bucket-spans.ts";
import { type BucketSpan, customBucketsSchema, type Histogram } from "./histogram.ts";

const schemaMin = -4;
const schemaMax = 8;

/** Why a histogram cannot be, in Prometheus' words; null when it can. */
export function histogramProblem(histogram: Histogram): string | null {
  const { schema } = histogram;
  if (schema === customBucketsSchema) return customProblem(histogram) ?? countProblem(histogram);
  if (schema < schemaMin || schema > schemaMax || !Number.isInteger(schema)) {
    return (
      `histogram has an invalid schema, which must be between ${schemaMin} and ${schemaMax} for exponential buckets, ` +
      `or ${customBucketsSchema} for custom buckets, got schema ${schema}`
    );
  }
  return exponentialProblem(histogram) ?? countProblem(histogram);
}

function exponentialProblem(histogram: Histogram): string | null {
  const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets, customValues } = histogram;
  const problem =
    onSide("positive", spansProblem(positiveSpans, positiveBuckets.length)) ??
    onSide("negative", spansProblem(negativeSpans, negativeBuckets.length)) ??
    onSide("negative", bucketsProblem(negativeBuckets));
  if (problem !== null) return problem;
  return customValues.length > 0 ? "histogram with exponential schema must not have custom bounds" : null;
}

function customProblem(histogram: Histogram): string | null {
  const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets, customValues } = histogram;
  const problem =
    boundsProblem(customValues) ??
    spansProblem(positiveSpans, positiveBuckets.length, true) ??
    coverageProblem(customValues, positiveSpans);
  if (problem !== null) return `custom buckets: ${problem}`;
  if (histogram.zeroCount !== 0) return "custom buckets: must have zero count of 0";
  if (histogram.zeroThreshold !== 0) return "custom buckets: must have zero threshold of 0";
  if (negativeSpans.length > 0) return "custom buckets: must not have negative spans";
  return negativeBuckets.length > 0 ? "custom buckets: must not have negative buckets" : null;
}

function countProblem(histogram: Histogram): string | null {
  const { countKind, count, zeroCount, sum, positiveBuckets, negativeBuckets } = histogram;
  const problem = onSide("positive", bucketsProblem(positiveBuckets));
  if (problem !== null) return problem;
  if (count < 0) return `observation count is ${count}: histogram's observation count is negative`;
  if (zeroCount < 0) return `zero bucket has observation count of ${zeroCount}: ${negativeBucket}`;
  // Sums of floats are rounded.
  if (countKind === "float") return null;
  const observations = [...positiveBuckets, ...negativeBuckets].reduce((total, bucket) => total + bucket, zeroCount);
  const found = `${observations} observations found in buckets, but the Count field is ${count}`;
  // An observation of NaN is counted and in no bucket.
  if (Number.isNaN(sum)) return observations > count ? `${found}: ${tooFew}` : null;
  return observations === count ? null : `${found}: ${notEqual}`;
}

const negativeBucket = "histogram has a bucket whose observation count is negative";
const tooFew = "histogram's observation count should be at least the number of observations found in the buckets";
const notEqual =
  "histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)";

function onSide(side: string, problem: string | null): string | null {
  return problem === null ? null : `${side} side: ${problem}`;
}

/** @param isFirstChecked the offset of the first span is an index, which only custom buckets begin at 0 */
function spansProblem(spans: readonly BucketSpan[], bucketCount: number, isFirstChecked = false): string | null {
  const backwards = spans.findIndex(({ offset }, index) => offset < 0 && (index > 0 || isFirstChecked));
  if (backwards >= 0) {
    const { offset } = spans[backwards]!;
    return `span number ${backwards + 1} with offset ${offset}: histogram has a span whose offset is negative`;
  }
  const needed = bucketCountOf(spans);
  return needed === bucketCount
    ? null
    : `spans need ${needed} buckets, have ${bucketCount} buckets: histogram spans specify different number of buckets than provided`;
}

function bucketsProblem(buckets: readonly number[]): string | null {
  const below = buckets.findIndex((count) => count < 0);
  return below < 0 ? null : `bucket number ${below + 1} has observation count of ${buckets[below]}: ${negativeBucket}`;
}

function boundsProblem(bounds: readonly number[]): string | null {
  for (const [index, bound] of bounds.entries()) {
    const last = bounds[index - 1];
    if (Number.isNaN(bound)) return "histogram custom bounds must not be NaN";
    if (last !== undefined && bound <= last) {
      const found = `previous bound is ${last.toFixed(6)} and current is ${bound.toFixed(6)}`;
      return `${found}: histogram custom bounds must be in strictly increasing order`;
    }
  }
  return bounds.at(-1) === Number.POSITIVE_INFINITY
    ? "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite"
    : null;
}

/** The last bucket has no bound of its own. */
function coverageProblem(bounds: readonly number[], spans: readonly BucketSpan[]): string | null {
  const length = spans.reduce((sum, span) => sum + span.offset + span.length, 0);
  if (length <= bounds.length + 1) return null;
  return `only ${bounds.length} custom bounds defined which is insufficient to cover total span length of ${length}: histogram custom bounds are too few`;
}

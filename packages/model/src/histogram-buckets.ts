import { bucketIndexesOf } from "./bucket-spans.ts";
import { customBucketsSchema, type Histogram } from "./histogram.ts";

/** A bucket with the bounds that its index stands for. */
export interface HistogramBucket {
  readonly lower: number;
  readonly upper: number;
  readonly isLowerIncluded: boolean;
  readonly isUpperIncluded: boolean;
  readonly count: number;
}

/** The buckets that are not empty, from low to high. */
export function bucketsOf(histogram: Histogram): HistogramBucket[] {
  const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets, zeroCount, zeroThreshold } = histogram;
  const negative = bucketIndexesOf(negativeSpans).map((index, position) => {
    const lower = -boundOf(histogram, index);
    const upper = -boundOf(histogram, index - 1);
    return { ...inclusive(histogram, index, lower, upper), count: negativeBuckets[position]! };
  });
  const zero = {
    lower: -zeroThreshold,
    upper: zeroThreshold,
    isLowerIncluded: true,
    isUpperIncluded: true,
    count: zeroCount,
  };
  const positive = bucketIndexesOf(positiveSpans).map((index, position) => {
    const lower = boundOf(histogram, index - 1);
    const upper = boundOf(histogram, index);
    return { ...inclusive(histogram, index, lower, upper), count: positiveBuckets[position]! };
  });
  return [...negative.toReversed(), zero, ...positive].filter(({ count }) => count !== 0);
}

/**
 * A histogram as Prometheus prints it: {count:12, sum:18.4, (0.5,1]:5, (1,2]:7}.
 *
 * @param formatFloat as Go's %g prints
 */
export function formatHistogram(histogram: Histogram, formatFloat: (value: number) => string): string {
  const formatCount = (count: number) => (histogram.countKind === "integer" ? String(count) : formatFloat(count));
  const buckets = bucketsOf(histogram).map(({ lower, upper, isLowerIncluded, isUpperIncluded, count }) => {
    const open = isLowerIncluded ? "[" : "(";
    const close = isUpperIncluded ? "]" : ")";
    return `, ${open}${formatFloat(lower)},${formatFloat(upper)}${close}:${formatCount(count)}`;
  });
  return `{count:${formatCount(histogram.count)}, sum:${formatFloat(histogram.sum)}${buckets.join("")}}`;
}

// oxlint-disable-next-line max-params -- a bucket is its index and two bounds
function inclusive({ schema }: Histogram, index: number, lower: number, upper: number) {
  const isCustom = schema === customBucketsSchema;
  return {
    lower,
    upper,
    isLowerIncluded: isCustom ? index === 0 : lower < 0,
    isUpperIncluded: isCustom ? true : upper > 0,
  };
}

/** The upper bound of a bucket of observations above 0. */
function boundOf({ schema, customValues }: Histogram, index: number): number {
  if (schema !== customBucketsSchema) return exponentialBound(schema, index);
  if (index < 0) return Number.NEGATIVE_INFINITY;
  return customValues[index] ?? Number.POSITIVE_INFINITY;
}

/** The exponent of the first power of two beyond float64. */
const exponentEnd = 1024;
/** 2^(1/2), 2^(1/4), ... The first is what Prometheus calculates with; the nearest float64 is the next one. */
const roots = [1.414213562373095];
for (let root = Math.SQRT2, level = 1; level < 52; level++) {
  root = Math.sqrt(root);
  roots.push(root);
}

/** 2^(index × 2^-schema) to the bit as Prometheus has it, so that bounds print alike. */
function exponentialBound(schema: number, index: number): number {
  if (schema < 0) return powerOfTwo(index * 2 ** -schema);
  const perOctave = 2 ** schema;
  const octave = Math.floor(index / perOctave);
  let fraction = 0.5;
  let rest = index - octave * perOctave;
  for (let level = 1, half = perOctave / 2; rest > 0; level++, half /= 2) {
    if (rest < half) continue;
    fraction *= roots[level - 1]!;
    rest -= half;
  }
  return fraction === 0.5 ? powerOfTwo(octave) : fraction * 2 ** octave * 2;
}

/** The last bucket ends at the greatest float64; the one behind it is for infinity. */
function powerOfTwo(exponent: number): number {
  return exponent === exponentEnd ? Number.MAX_VALUE : 2 ** exponent;
}

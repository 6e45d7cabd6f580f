/** One bucket of a classic histogram at one time; the count is cumulative. */
export interface Bucket {
  readonly upperBound: number;
  readonly count: number;
}

export interface QuantileResult {
  readonly value: number;
  /** Counts that decreased and were raised; null when there were none. */
  readonly fix: MonotonicityFix | null;
}

export interface MonotonicityFix {
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDifference: number;
}

/**
 * The q-quantile of the observations in the buckets, assumed to be spread evenly inside each. NaN without a +Inf bucket,
 * with one bucket alone or without observations; the highest finite bound when the quantile is in the +Inf bucket.
 *
 * @param buckets at least one, in any order
 */
export function bucketQuantile(q: number, buckets: readonly Bucket[]): QuantileResult {
  if (Number.isNaN(q)) return { value: Number.NaN, fix: null };
  if (q < 0) return { value: Number.NEGATIVE_INFINITY, fix: null };
  if (q > 1) return { value: Number.POSITIVE_INFINITY, fix: null };
  const joined = joinBuckets(buckets);
  if (joined === null) return { value: Number.NaN, fix: null };
  const { ascending, fix } = forceAscending(joined);
  return { value: quantileIn(q, ascending), fix };
}

function quantileIn(q: number, buckets: readonly Bucket[]): number {
  const last = buckets.length - 1;
  const observations = buckets[last]!.count;
  if (buckets.length < 2 || observations === 0) return Number.NaN;
  const rank = q * observations;
  let index = 0;
  while (index < last && buckets[index]!.count < rank) index++;
  if (index === last) return buckets[last - 1]!.upperBound;
  const { upperBound, count } = buckets[index]!;
  if (index === 0 && upperBound <= 0) return upperBound;
  const below = index === 0 ? { upperBound: 0, count: 0 } : buckets[index - 1]!;
  return below.upperBound + (upperBound - below.upperBound) * ((rank - below.count) / (count - below.count));
}

/** The share of observations between two values, assumed to be spread evenly inside each bucket. */
export function bucketFraction(lower: number, upper: number, buckets: readonly Bucket[]): number {
  const joined = joinBuckets(buckets);
  if (joined === null) return Number.NaN;
  const total = joined.at(-1)!.count;
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, joined) - rankOf(lower, joined)) / total;
}

/** How many observations are below a value. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  const total = buckets.at(-1)!.count;
  let rank = 0;
  let lowerBound = buckets[0]!.upperBound <= 0 ? Number.NEGATIVE_INFINITY : 0;
  for (const { upperBound, count } of buckets) {
    if (lowerBound >= value) return Math.min(rank, total);
    if (upperBound > value) {
      // There is no line to go along from minus infinity.
      if (lowerBound === Number.NEGATIVE_INFINITY) return Math.min(count, total);
      return Math.min(total, rank + ((count - rank) * (value - lowerBound)) / (upperBound - lowerBound));
    }
    rank = count;
    lowerBound = upperBound;
  }
  return total;
}

/** Sorts, and adds up buckets with the same bound ("1" and "1.0"); null when the +Inf bucket is missing. */
function joinBuckets(buckets: readonly Bucket[]): readonly Bucket[] | null {
  const sorted = buckets.toSorted((left, right) => compareNumbers(left.upperBound, right.upperBound));
  if (sorted.at(-1)!.upperBound !== Number.POSITIVE_INFINITY) return null;
  const joined: Bucket[] = [];
  for (const bucket of sorted) {
    const previous = joined.at(-1);
    if (previous?.upperBound === bucket.upperBound)
      joined[joined.length - 1] = { ...bucket, count: previous.count + bucket.count };
    else joined.push(bucket);
  }
  return joined;
}

function compareNumbers(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Differences up to this relative size are noise of floating point, in either direction. */
const smallDeltaTolerance = 1e-12;

/** Counts must not decrease; where they do (an inconsistent scrape), the larger count before goes on. */
function forceAscending(buckets: readonly Bucket[]): {
  readonly ascending: readonly Bucket[];
  readonly fix: MonotonicityFix | null;
} {
  const ascending = [buckets[0]!];
  let fix: MonotonicityFix | null = null;
  let previous = buckets[0]!.count;
  for (const bucket of buckets.slice(1)) {
    const isNoise = isAlmostEqual(previous, bucket.count);
    if (!isNoise && bucket.count < previous) fix = widenFix(fix, bucket, previous - bucket.count);
    else if (!isNoise) previous = bucket.count;
    ascending.push({
      upperBound: bucket.upperBound,
      count: isNoise || bucket.count < previous ? previous : bucket.count,
    });
  }
  return { ascending, fix };
}

function widenFix(fix: MonotonicityFix | null, { upperBound }: Bucket, difference: number): MonotonicityFix {
  return {
    minBucket: Math.min(fix?.minBucket ?? upperBound, upperBound),
    maxBucket: Math.max(fix?.maxBucket ?? upperBound, upperBound),
    maxDifference: Math.max(fix?.maxDifference ?? 0, difference),
  };
}

/** The smallest number with all its digits. */
const minNormal = 2 ** -1022;

function isAlmostEqual(left: number, right: number): boolean {
  if (left === right) return true;
  const sum = Math.abs(left) + Math.abs(right);
  const difference = Math.abs(left - right);
  if (left === 0 || right === 0 || sum < minNormal) return difference < smallDeltaTolerance * minNormal;
  return difference / Math.min(sum, Number.MAX_VALUE) < smallDeltaTolerance;
}

/**
 * Sums that lose as few digits as Prometheus' do: Kahan's compensation with Neumaier's improvement. The sum proper and
 * what was lost are kept apart until the end.
 */
export interface CompensatedSum {
  sum: number;
  lost: number;
}

export function addTo(total: CompensatedSum, value: number): void {
  const sum = total.sum + value;
  if (sum === Number.POSITIVE_INFINITY || sum === Number.NEGATIVE_INFINITY) total.lost = 0;
  else if (Math.abs(total.sum) >= Math.abs(value)) total.lost += total.sum - sum + value;
  else total.lost += value - sum + total.sum;
  total.sum = sum;
}

/** Some values of an array: from `start` up to, not including, `end`. There is at least one. */
export interface Slice {
  readonly values: Float64Array;
  readonly start: number;
  readonly end: number;
}

export function sumOf({ values, start, end }: Slice): number {
  const total = { sum: 0, lost: 0 };
  for (let index = start; index < end; index++) addTo(total, values[index]!);
  return Number.isFinite(total.sum) ? total.sum + total.lost : total.sum;
}

/** The mean; where the sum would overflow, the mean is carried along instead of the sum. */
export function meanOf({ values, start, end }: Slice): number {
  const total = { sum: values[start]!, lost: 0 };
  for (let index = start + 1; index < end; index++) {
    const { sum, lost } = total;
    addTo(total, values[index]!);
    if (total.sum !== Number.POSITIVE_INFINITY && total.sum !== Number.NEGATIVE_INFINITY) continue;
    const count = index - start;
    return runningMean({ values, start: index, end }, { sum: sum / count, lost: lost / count }, count);
  }
  const count = end - start;
  return total.sum / count + total.lost / count;
}

/** Goes on from the mean of the first `seen` values. */
function runningMean({ values, start, end }: Slice, mean: CompensatedSum, seen: number): number {
  let count = seen;
  for (let index = start; index < end; index++) {
    count++;
    const weight = (count - 1) / count;
    mean.sum *= weight;
    mean.lost *= weight;
    addTo(mean, values[index]! / count);
  }
  return mean.sum + mean.lost;
}

/** The population variance, by Welford's method with compensated sums. */
export function varianceOf({ values, start, end }: Slice): number {
  const mean = { sum: 0, lost: 0 };
  const squares = { sum: 0, lost: 0 };
  for (let index = start; index < end; index++) {
    const value = values[index]!;
    const delta = value - (mean.sum + mean.lost);
    addTo(mean, delta / (index - start + 1));
    addTo(squares, delta * (value - (mean.sum + mean.lost)));
  }
  return (squares.sum + squares.lost) / (end - start);
}

export function minOf({ values, start, end }: Slice): number {
  let min = values[start]!;
  for (let index = start; index < end; index++) {
    const value = values[index]!;
    if (value < min || Number.isNaN(min)) min = value;
  }
  return min;
}

export function maxOf({ values, start, end }: Slice): number {
  let max = values[start]!;
  for (let index = start; index < end; index++) {
    const value = values[index]!;
    if (value > max || Number.isNaN(max)) max = value;
  }
  return max;
}

/** The q-quantile, on the line between the two values around its rank; NaN values count as the smallest. */
export function quantileOf(q: number, { values, start, end }: Slice): number {
  if (end <= start || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const sorted = Float64Array.from(values.subarray(start, end)).sort(compareNanFirst);
  const rank = q * (sorted.length - 1);
  const lowerIndex = Math.max(0, Math.floor(rank));
  const upperIndex = Math.min(sorted.length - 1, lowerIndex + 1);
  const weight = rank - Math.floor(rank);
  return sorted[lowerIndex]! * (1 - weight) + sorted[upperIndex]! * weight;
}

function compareNanFirst(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1;
  if (Number.isNaN(right)) return 1;
  return left - right;
}

import { growSampleColumn, type SampleColumn } from "@tatou/model";

/** Copies samples [start, end) of one column to the end of another that asks for the same parts. */
export function appendSamples(target: SampleColumn, source: SampleColumn, start = 0, end = source.count): void {
  if (end <= start) return;
  growSampleColumn(target, target.count + end - start);
  target.timesMs.set(source.timesMs.subarray(start, end), target.count);
  // From array to array, so that a staleness marker keeps its bits.
  target.values.set(source.values.subarray(start, end), target.count);
  if (target.startTimesMs !== null && source.startTimesMs !== null)
    target.startTimesMs.set(source.startTimesMs.subarray(start, end), target.count);
  if (target.histograms !== null && source.histograms !== null) {
    for (let index = start; index < end; index++) {
      target.histograms[target.count + index - start] = source.histograms[index];
    }
  }
  target.count += end - start;
}

/** Takes all samples out. */
export function clearSamples(column: SampleColumn): void {
  column.count = 0;
  // Histograms would otherwise live as long as the column does.
  if (column.histograms !== null) column.histograms.length = 0;
}

/** Puts the samples of two columns into a third, by time. Where both have a sample at one time, the left one's stays. */
export function mergeSamples(left: SampleColumn, right: SampleColumn, target: SampleColumn): void {
  clearSamples(target);
  let leftIndex = 0;
  let rightIndex = 0;
  while (leftIndex < left.count && rightIndex < right.count) {
    const leftEnd = firstFrom(left, leftIndex, right.timesMs[rightIndex]!);
    appendSamples(target, left, leftIndex, leftEnd);
    leftIndex = leftEnd;
    if (leftIndex === left.count) break;
    const rightEnd = firstFrom(right, rightIndex, left.timesMs[leftIndex]!);
    appendSamples(target, right, rightIndex, rightEnd);
    rightIndex = rightEnd;
    if (right.timesMs[rightIndex] === left.timesMs[leftIndex]) rightIndex++;
  }
  appendSamples(target, left, leftIndex);
  appendSamples(target, right, rightIndex);
}

/** The index of the first sample at a time or later, from `index` on; step by step, since it is mostly near. */
function firstFrom({ timesMs, count }: SampleColumn, index: number, timeMs: number): number {
  let found = index;
  while (found < count && timesMs[found]! < timeMs) found++;
  return found;
}

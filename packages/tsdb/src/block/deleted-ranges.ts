import type { SampleColumn } from "@tatou/model";
import type { BlockTombstone } from "./tombstones-file.ts";

/** Both inclusive. */
export interface TimeRange {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

const none: readonly TimeRange[] = [];

/** What was deleted of the series of a block. Deleting is rare, so these are plain objects. */
export class DeletedRanges {
  /** By series: ranges that ascend and neither overlap nor touch. */
  readonly #ranges = new Map<number, readonly TimeRange[]>();

  constructor(tombstones: readonly BlockTombstone[]) {
    for (const { series, minTimeMs, maxTimeMs } of tombstones) this.add(series, { minTimeMs, maxTimeMs });
  }

  get count(): number {
    let count = 0;
    for (const ranges of this.#ranges.values()) count += ranges.length;
    return count;
  }

  of(series: number): readonly TimeRange[] {
    return this.#ranges.get(series) ?? none;
  }

  /** Adds a range, as one with those it touches. */
  add(series: number, added: TimeRange): void {
    const ranges = this.of(series);
    const before = ranges.filter((range) => range.maxTimeMs < added.minTimeMs - 1);
    const behind = ranges.filter((range) => range.minTimeMs > added.maxTimeMs + 1);
    const touching = ranges.slice(before.length, ranges.length - behind.length);
    const minTimeMs = Math.min(added.minTimeMs, touching[0]?.minTimeMs ?? added.minTimeMs);
    const maxTimeMs = Math.max(added.maxTimeMs, touching.at(-1)?.maxTimeMs ?? added.maxTimeMs);
    this.#ranges.set(series, [...before, { minTimeMs, maxTimeMs }, ...behind]);
  }

  /** By series and time. */
  tombstones(): BlockTombstone[] {
    const series = [...this.#ranges.keys()].sort((left, right) => left - right);
    return series.flatMap((each) => this.of(each).map((range) => ({ series: each, ...range })));
  }
}

/** Whether all of [minTimeMs, maxTimeMs] was deleted. */
export function isDeleted(ranges: readonly TimeRange[], minTimeMs: number, maxTimeMs: number): boolean {
  return ranges.some((range) => range.minTimeMs <= minTimeMs && range.maxTimeMs >= maxTimeMs);
}

/** Whether anything of [minTimeMs, maxTimeMs] was deleted. */
export function isTouched(ranges: readonly TimeRange[], minTimeMs: number, maxTimeMs: number): boolean {
  return ranges.some((range) => range.minTimeMs <= maxTimeMs && range.maxTimeMs >= minTimeMs);
}

/** Takes the samples in the ranges out of a column. */
export function removeRanges(column: SampleColumn, ranges: readonly TimeRange[]): void {
  for (const { minTimeMs, maxTimeMs } of ranges) {
    const start = firstNotBefore(column, minTimeMs);
    let end = start;
    while (end < column.count && column.timesMs[end]! <= maxTimeMs) end++;
    removeSamples(column, start, end);
  }
}

/** Leaves out samples from `from` on that are not in the range. The others move forward. */
export function keepRange(column: SampleColumn, from: number, { minTimeMs, maxTimeMs }: TimeRange): void {
  let end = column.count;
  while (end > from && column.timesMs[end - 1]! > maxTimeMs) end--;
  removeSamples(column, end, column.count);
  let start = from;
  while (start < end && column.timesMs[start]! < minTimeMs) start++;
  removeSamples(column, from, start);
}

function removeSamples(column: SampleColumn, start: number, end: number): void {
  if (start === end) return;
  const { count } = column;
  column.timesMs.copyWithin(start, end, count);
  // Within one array, copyWithin moves bits; an assignment would change those of a staleness marker.
  column.values.copyWithin(start, end, count);
  column.startTimesMs?.copyWithin(start, end, count);
  if (column.histograms !== null) {
    column.histograms.length = Math.max(column.histograms.length, end);
    column.histograms.splice(start, end - start);
  }
  column.count = count - (end - start);
}

function firstNotBefore(column: SampleColumn, timeMs: number): number {
  let low = 0;
  let high = column.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.timesMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

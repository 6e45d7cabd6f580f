import { setImmediate } from "node:timers/promises";
import {
  assert,
  compareLabels,
  type Labels,
  newSampleColumn,
  type SampleColumn,
  type SeriesSelection,
} from "@tatou/model";
import { withRoomFor } from "../head/columns.ts";
import { appendSamples, mergeSamples } from "./sample-columns.ts";

/** Series that are merged before others get their turn: a few milliseconds. */
const seriesPerTurn = 2048;

export interface MergeOptions {
  /** At most so many series; 0 for no limit. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One selection over several, which it takes over: closing it closes them, and when merging fails they are closed.
 *
 * @param sources by time; where two have a sample of one series at one time, that of the first stays
 */
export async function mergeSelections(
  sources: readonly SeriesSelection[],
  { limit = 0, signal }: MergeOptions = {},
): Promise<SeriesSelection> {
  const [first, ...others] = sources.filter((source) => source.seriesCount > 0);
  if (first !== undefined && others.length === 0 && (limit === 0 || first.seriesCount <= limit)) {
    for (const source of sources) if (source !== first) source.close();
    return first;
  }
  try {
    const merge = new SeriesMerge(sources);
    while (merge.takeSeries(limit)) {
      if (merge.seriesCount % seriesPerTurn !== 0) continue;
      await setImmediate();
      signal?.throwIfAborted();
    }
    return new MergeSelection(sources, merge);
  } catch (error) {
    for (const source of sources) source.close();
    throw error;
  }
}

/** Which series of which source are the same one. Numbers only, since there may be a million. */
class SeriesMerge {
  seriesCount = 0;
  /** Per merged series, and one more: where its parts begin. */
  firstParts = new Uint32Array(64);
  /** Per part: the source, and the series in it. */
  partSources = new Uint32Array(64);
  partSeries = new Uint32Array(64);
  #partCount = 0;
  readonly #sources: readonly SeriesSelection[];
  /** Per source: the series it is at, and its labels; null at the end. */
  readonly #next: number[];
  readonly #labels: (Labels | null)[];

  constructor(sources: readonly SeriesSelection[]) {
    this.#sources = sources;
    this.#next = sources.map(() => 0);
    this.#labels = sources.map((source) => (source.seriesCount === 0 ? null : source.labelsAt(0)));
  }

  /** Takes the next series from all sources that have it; false when there is none, or no more may be. */
  takeSeries(limit: number): boolean {
    if (limit > 0 && this.seriesCount === limit) return false;
    const lowest = lowestOf(this.#labels);
    if (lowest === null) return false;
    for (const [source, labels] of this.#labels.entries()) {
      if (labels === null || (labels !== lowest && compareLabels(labels, lowest) !== 0)) continue;
      this.#addPart(source, this.#next[source]!);
      this.#advance(source);
    }
    this.seriesCount++;
    this.firstParts = withRoomFor(this.firstParts, this.seriesCount);
    this.firstParts[this.seriesCount] = this.#partCount;
    return true;
  }

  #addPart(source: number, series: number): void {
    this.partSources = withRoomFor(this.partSources, this.#partCount);
    this.partSeries = withRoomFor(this.partSeries, this.#partCount);
    this.partSources[this.#partCount] = source;
    this.partSeries[this.#partCount] = series;
    this.#partCount++;
  }

  #advance(source: number): void {
    const series = this.#next[source]! + 1;
    this.#next[source] = series;
    const { seriesCount } = this.#sources[source]!;
    this.#labels[source] = series < seriesCount ? this.#sources[source]!.labelsAt(series) : null;
  }
}

function lowestOf(candidates: readonly (Labels | null)[]): Labels | null {
  let lowest: Labels | null = null;
  for (const labels of candidates) {
    if (labels !== null && (lowest === null || compareLabels(labels, lowest) < 0)) lowest = labels;
  }
  return lowest;
}

class MergeSelection implements SeriesSelection {
  readonly seriesCount: number;
  readonly #sources: readonly SeriesSelection[];
  readonly #merge: SeriesMerge;
  #scratch: Scratch | null = null;
  #isOpen = true;

  constructor(sources: readonly SeriesSelection[], merge: SeriesMerge) {
    this.#sources = sources;
    this.#merge = merge;
    this.seriesCount = merge.seriesCount;
  }

  labelsAt(index: number): Labels {
    const part = this.#merge.firstParts[this.#checked(index)]!;
    return this.#sourceOf(part).labelsAt(this.#merge.partSeries[part]!);
  }

  readSamples(index: number, column: SampleColumn): void {
    const { firstParts, partSeries } = this.#merge;
    const start = firstParts[this.#checked(index)]!;
    const end = firstParts[index + 1]!;
    this.#sourceOf(start).readSamples(partSeries[start]!, column);
    for (let part = start + 1; part < end; part++) {
      const { more, merged } = this.#scratchFor(column);
      this.#sourceOf(part).readSamples(partSeries[part]!, more);
      if (more.count === 0) continue;
      // Almost always what a later source has is later.
      if (column.count > 0 && more.timesMs[0]! <= column.timesMs[column.count - 1]!) {
        mergeSamples(column, more, merged);
        exchange(column, merged);
      } else appendSamples(column, more);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const source of this.#sources) source.close();
  }

  #sourceOf(part: number): SeriesSelection {
    return this.#sources[this.#merge.partSources[part]!]!;
  }

  #checked(index: number): number {
    assert(this.#isOpen, "a selection is read before it is closed");
    assert(index >= 0 && index < this.seriesCount, "a series is one of the selection");
    return index;
  }

  #scratchFor(column: SampleColumn): Scratch {
    const histograms = column.histograms !== null;
    const startTimes = column.startTimesMs !== null;
    const known = this.#scratch;
    if (known?.hasHistograms === histograms && known.hasStartTimes === startTimes) return known;
    const [more, merged] = [0, 1].map(() => newSampleColumn(128, { histograms, startTimes }));
    this.#scratch = { hasHistograms: histograms, hasStartTimes: startTimes, more: more!, merged: merged! };
    return this.#scratch;
  }
}

/** Columns for reading all but the first part of a series, of the same parts as the caller's column. */
interface Scratch {
  readonly hasHistograms: boolean;
  readonly hasStartTimes: boolean;
  readonly more: SampleColumn;
  readonly merged: SampleColumn;
}

/** Gives each column the samples of the other. */
function exchange(left: SampleColumn, right: SampleColumn): void {
  const before = { ...left };
  Object.assign(left, right);
  Object.assign(right, before);
}

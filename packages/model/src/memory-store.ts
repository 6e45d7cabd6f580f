import {
  type Appendable,
  type Appender,
  type AppendStatus,
  appendRowOneByOne,
  appendStatus,
  SampleLimitError,
  SeriesLimitError,
  type SeriesRef,
} from "./appendable.ts";
import { assert } from "./assert.ts";
import type { Histogram } from "./histogram.ts";
import { areSameHistograms } from "./histogram-equality.ts";
import { compareLabels, compareStrings, type Labels, labelsKey, labelValue, metricNameLabel } from "./labels.ts";
import { accepts, type Matcher } from "./matcher.ts";
import type { Queryable, SeriesQuery, SeriesSelection } from "./queryable.ts";
import { growSampleColumn, newSampleColumn, type SampleColumn, writeStaleMarker } from "./sample.ts";

/** How much a store takes; without limit by default. */
export interface MemoryStoreLimits {
  readonly seriesCountMax?: number;
  /** 16 bytes each. */
  readonly sampleCountMax?: number;
}

interface StoredSeries {
  readonly labels: Labels;
  readonly column: SampleColumn;
}

interface StagedSample {
  readonly series: StoredSeries;
  readonly timeMs: number;
  readonly value: StagedValue;
}

/** null is the staleness marker. */
type StagedValue = number | Histogram | null;

/** Samples in memory, found by the names of their metrics: for tests of rules, drills, and tests of what reads and writes. */
export class MemoryStore implements Queryable, Appendable {
  readonly #limits: Required<MemoryStoreLimits>;
  readonly #series: StoredSeries[] = [];
  readonly #refByKey = new Map<string, SeriesRef>();
  readonly #seriesByName = new Map<string, StoredSeries[]>();
  #sampleCount = 0;

  constructor({
    seriesCountMax = Number.POSITIVE_INFINITY,
    sampleCountMax = Number.POSITIVE_INFINITY,
  }: MemoryStoreLimits = {}) {
    this.#limits = { seriesCountMax, sampleCountMax };
  }

  /** Its `commit` throws SampleLimitError, and drops the batch, when there would be more samples than the limit. */
  appender(): Appender {
    const staged: StagedSample[] = [];
    const stage = (ref: SeriesRef, timeMs: number, value: StagedValue): AppendStatus => {
      const series = this.#seriesOf(ref);
      const status = statusOf(series.column, timeMs, value);
      if (status === appendStatus.ok) staged.push({ series, timeMs, value });
      return status;
    };
    const appender: Appender = {
      resolve: (labels) => this.#resolve(labels),
      isLive: (ref) => ref in this.#series,
      append: (ref, timeMs, value) => stage(ref, timeMs, value),
      appendRow: (row) => appendRowOneByOne(appender, row),
      appendStale: (ref, timeMs) => stage(ref, timeMs, null),
      appendHistogram: (ref, timeMs, histogram) => stage(ref, timeMs, histogram),
      // What else belongs to a series is not kept here.
      noteStartTime: () => appendStatus.ok,
      appendExemplar: () => {},
      setMetadata: () => {},
      commit: () => this.#commit(staged.splice(0)),
      rollback: () => void staged.splice(0),
    };
    return appender;
  }

  async select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection> {
    signal?.throwIfAborted();
    const found = this.#matching(query);
    return {
      seriesCount: found.length,
      labelsAt: (index) => itemAt(found, index).labels,
      readSamples: (index, target) => copyRange(itemAt(found, index).column, query, target),
      close: () => {},
    };
  }

  async labelNames(query: SeriesQuery): Promise<readonly string[]> {
    const names = this.#matching(query).flatMap(({ labels }) => labels.map((label) => label.name));
    return [...new Set(names)].sort(compareStrings);
  }

  async labelValues(name: string, query: SeriesQuery): Promise<readonly string[]> {
    const values = this.#matching(query).map(({ labels }) => labelValue(labels, name));
    return [...new Set(values)].filter((value) => value !== "").sort(compareStrings);
  }

  #seriesOf(ref: SeriesRef): StoredSeries {
    return itemAt(this.#series, ref);
  }

  #resolve(labels: Labels): SeriesRef {
    const key = labelsKey(labels);
    const known = this.#refByKey.get(key);
    if (known !== undefined) return known;
    if (this.#series.length >= this.#limits.seriesCountMax) throw new SeriesLimitError(this.#limits.seriesCountMax);
    const series = { labels, column: newSampleColumn(4, { histograms: true }) };
    const ref = (this.#series.push(series) - 1) as SeriesRef;
    this.#refByKey.set(key, ref);
    const name = labelValue(labels, metricNameLabel);
    const sameName = this.#seriesByName.get(name);
    if (sameName === undefined) this.#seriesByName.set(name, [series]);
    else sameName.push(series);
    return ref;
  }

  #matching({ matchers, minTimeMs, maxTimeMs }: SeriesQuery): readonly StoredSeries[] {
    return this.#candidates(matchers)
      .filter(({ labels }) => matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label))))
      .filter(({ column }) => firstFrom(column, minTimeMs) < firstFrom(column, maxTimeMs + 1))
      .sort((left, right) => compareLabels(left.labels, right.labels));
  }

  /** Almost every selector names its metric. */
  #candidates(matchers: readonly Matcher[]): readonly StoredSeries[] {
    const name = matchers.find((matcher) => matcher.label === metricNameLabel && matcher.kind === "equal");
    if (name?.kind !== "equal") return this.#series;
    return this.#seriesByName.get(name.value) ?? [];
  }

  #commit(staged: readonly StagedSample[]): void {
    const { sampleCountMax } = this.#limits;
    if (this.#sampleCount + staged.length > sampleCountMax) throw new SampleLimitError(sampleCountMax);
    for (const { series, timeMs, value } of staged) if (push(series.column, timeMs, value)) this.#sampleCount++;
  }
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  assert(item !== undefined, "a ref or an index is one that was given out");
  return item;
}

function statusOf(column: SampleColumn, timeMs: number, value: StagedValue): AppendStatus {
  const newestIndex = column.count - 1;
  const newestMs = column.timesMs[newestIndex];
  if (column.count === 0 || newestMs === undefined || timeMs > newestMs) return appendStatus.ok;
  if (timeMs < newestMs) return appendStatus.outOfOrder;
  const newestHistogram = column.histograms?.[newestIndex];
  if (newestHistogram !== undefined || isHistogram(value)) {
    const isSame = newestHistogram !== undefined && isHistogram(value) && areSameHistograms(newestHistogram, value);
    return isSame ? appendStatus.ok : appendStatus.duplicate;
  }
  const bits = newSampleColumn(1).values;
  write(bits, 0, value);
  return bitsAt(column.values, newestIndex) === bitsAt(bits, 0) ? appendStatus.ok : appendStatus.duplicate;
}

function isHistogram(value: StagedValue): value is Histogram {
  return value !== null && typeof value === "object";
}

function bitsAt(values: Float64Array, index: number): bigint {
  return new DataView(values.buffer, values.byteOffset).getBigUint64(index * 8);
}

/** What came earlier in the same batch counts too: only ascending times are kept. False when it is not. */
function push(column: SampleColumn, timeMs: number, value: StagedValue): boolean {
  const newestMs = column.timesMs[column.count - 1];
  if (column.count > 0 && newestMs !== undefined && timeMs <= newestMs) return false;
  growSampleColumn(column, column.count + 1);
  column.timesMs[column.count] = timeMs;
  if (isHistogram(value)) column.histograms![column.count] = value;
  else write(column.values, column.count, value);
  column.count++;
  return true;
}

function write(values: Float64Array, index: number, value: number | null): void {
  if (value === null) writeStaleMarker(values, index);
  else values[index] = value;
}

/** The index of the first sample at a time or later. */
function firstFrom({ timesMs, count }: SampleColumn, timeMs: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function copyRange(source: SampleColumn, { minTimeMs, maxTimeMs }: SeriesQuery, target: SampleColumn): void {
  const start = firstFrom(source, minTimeMs);
  const end = firstFrom(source, maxTimeMs + 1);
  target.count = 0;
  growSampleColumn(target, end - start);
  target.startTimesMs?.fill(0, 0, end - start);
  if (target.histograms !== null) target.histograms.length = 0;
  for (let index = start; index < end; index++) {
    const histogram = source.histograms?.[index];
    if (histogram !== undefined && target.histograms === null) continue;
    target.timesMs[target.count] = source.timesMs[index]!;
    target.values.set(source.values.subarray(index, index + 1), target.count);
    if (histogram !== undefined) target.histograms![target.count] = histogram;
    target.count++;
  }
}

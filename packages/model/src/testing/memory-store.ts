import {
  type Appendable,
  type Appender,
  type AppendStatus,
  appendStatus,
  SeriesLimitError,
  type SeriesRef,
} from "../appendable.ts";
import { assert } from "../assert.ts";
import { compareLabels, compareStrings, type Labels, labelsKey, labelsOf, labelValue } from "../labels.ts";
import { accepts } from "../matcher.ts";
import type { Queryable, SeriesQuery, SeriesSelection } from "../queryable.ts";
import { growSampleColumn, newSampleColumn, type SampleColumn, writeStaleMarker } from "../sample.ts";
import type { TestSeries } from "./test-series.ts";

interface StoredSeries {
  readonly labels: Labels;
  readonly column: SampleColumn;
}

/** The plainest store that keeps the contracts of Queryable and Appendable: for tests, and to check the suites by. */
export class MemoryStore implements Queryable, Appendable {
  readonly #series: StoredSeries[] = [];
  readonly #refByKey = new Map<string, SeriesRef>();
  readonly #seriesCountMax: number;

  constructor(series: readonly TestSeries[] = [], seriesCountMax = Number.POSITIVE_INFINITY) {
    this.#seriesCountMax = seriesCountMax;
    const appender = this.appender();
    for (const { labels, samples } of series) {
      const ref = appender.resolve(labelsOf(labels));
      for (const [timeMs, value] of samples) {
        if (value === "stale") appender.appendStale(ref, timeMs);
        else appender.append(ref, timeMs, value);
      }
    }
    appender.commit();
  }

  appender(): Appender {
    const staged: { ref: SeriesRef; timeMs: number; valueBits: Float64Array }[] = [];
    const stage = (ref: SeriesRef, timeMs: number, valueBits: Float64Array): AppendStatus => {
      const status = statusOf(this.#seriesOf(ref).column, timeMs, valueBits);
      if (status === appendStatus.ok) staged.push({ ref, timeMs, valueBits });
      return status;
    };
    return {
      resolve: (labels) => this.#resolve(labels),
      isLive: (ref) => ref in this.#series,
      append: (ref, timeMs, value) => stage(ref, timeMs, Float64Array.of(value)),
      appendStale(ref, timeMs) {
        const valueBits = new Float64Array(1);
        writeStaleMarker(valueBits, 0);
        return stage(ref, timeMs, valueBits);
      },
      commit: () => {
        for (const { ref, timeMs, valueBits } of staged.splice(0)) push(this.#seriesOf(ref).column, timeMs, valueBits);
      },
      rollback: () => void staged.splice(0),
    };
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
    if (this.#series.length >= this.#seriesCountMax) throw new SeriesLimitError(this.#seriesCountMax);
    const ref = this.#series.length as SeriesRef;
    this.#series.push({ labels, column: newSampleColumn(4) });
    this.#refByKey.set(key, ref);
    return ref;
  }

  #matching({ matchers, minTimeMs, maxTimeMs }: SeriesQuery): StoredSeries[] {
    return this.#series
      .filter(({ labels }) => matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label))))
      .filter(({ column }) =>
        column.timesMs.subarray(0, column.count).some((timeMs) => timeMs >= minTimeMs && timeMs <= maxTimeMs),
      )
      .sort((left, right) => compareLabels(left.labels, right.labels));
  }
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  assert(item !== undefined, "a ref or an index is one that was given out");
  return item;
}

function statusOf(column: SampleColumn, timeMs: number, valueBits: Float64Array): AppendStatus {
  const newestMs = column.timesMs[column.count - 1];
  if (newestMs === undefined || timeMs > newestMs) return appendStatus.ok;
  if (timeMs < newestMs) return appendStatus.outOfOrder;
  return bitsAt(column.values, column.count - 1) === bitsAt(valueBits, 0) ? appendStatus.ok : appendStatus.duplicate;
}

function bitsAt(values: Float64Array, index: number): bigint {
  return new DataView(values.buffer, values.byteOffset).getBigUint64(index * 8);
}

/** What came earlier in the same batch counts too: only ascending times are kept. */
function push(column: SampleColumn, timeMs: number, valueBits: Float64Array): void {
  const newestMs = column.timesMs[column.count - 1];
  if (newestMs !== undefined && timeMs <= newestMs) return;
  growSampleColumn(column, column.count + 1);
  column.timesMs[column.count] = timeMs;
  column.values.set(valueBits, column.count);
  column.count++;
}

function copyRange(source: SampleColumn, { minTimeMs, maxTimeMs }: SeriesQuery, target: SampleColumn): void {
  const times = source.timesMs.subarray(0, source.count);
  const start = times.findIndex((timeMs) => timeMs >= minTimeMs);
  const past = times.findIndex((timeMs) => timeMs > maxTimeMs);
  const first = start === -1 ? source.count : start;
  const end = Math.max(first, past === -1 ? source.count : past);
  target.count = 0;
  growSampleColumn(target, end - first);
  target.timesMs.set(times.subarray(first, end));
  target.values.set(source.values.subarray(first, end));
  target.count = end - first;
}

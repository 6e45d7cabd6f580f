import {
  type Appendable,
  type Appender,
  type AppendStatus,
  accepts,
  appendStatus,
  assert,
  compareLabels,
  formatLabels,
  growSampleColumn,
  isStaleMarker,
  type Labels,
  labelsKey,
  labelValue,
  newSampleColumn,
  type Queryable,
  type SampleColumn,
  type SeriesQuery,
  type SeriesRef,
  type SeriesSelection,
  StorageWriteError,
  writeStaleMarker,
} from "@tatou/model";

interface StoredSeries {
  readonly labels: Labels;
  readonly column: SampleColumn;
}

/** Samples in memory, written and read through the two seams. */
export class MemoryStorage implements Appendable, Queryable {
  readonly #series: StoredSeries[] = [];
  readonly #refs = new Map<string, number>();
  /** Makes every commit fail, as a full disk does. */
  isFull = false;

  appender(): Appender {
    const writes: (() => void)[] = [];
    return {
      resolve: (labels) => this.#resolve(labels),
      isLive: () => true,
      append: (ref, timestampMs, value) =>
        this.#check(ref, timestampMs, () => writes.push(() => this.#write(ref, timestampMs, value))),
      appendStale: (ref, timestampMs) =>
        this.#check(ref, timestampMs, () => writes.push(() => this.#write(ref, timestampMs, null))),
      appendRow: () => refuse("a row of samples"),
      appendHistogram: () => refuse("a native histogram"),
      noteStartTime: () => refuse("a start time"),
      appendExemplar: () => refuse("an exemplar"),
      setMetadata: () => refuse("metadata"),
      commit: () => {
        if (this.isFull) throw new StorageWriteError("no space left on device");
        for (const write of writes) write();
      },
      rollback: () => undefined,
    };
  }

  select(query: SeriesQuery): Promise<SeriesSelection> {
    const found = this.#series
      .filter(({ labels }) => query.matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label))))
      .sort((left, right) => compareLabels(left.labels, right.labels));
    return Promise.resolve({
      seriesCount: found.length,
      labelsAt: (index) => found[index]?.labels ?? [],
      readSamples: (index, column) => {
        const series = found[index];
        if (series !== undefined) copyRange(series.column, column, query);
      },
      close: () => undefined,
    });
  }

  labelNames(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  labelValues(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  /** All samples of the series with a metric name, as `series @time value`; "stale" for a staleness marker. */
  dump(metricName: string): string[] {
    return this.#series
      .filter(({ labels }) => labelValue(labels, "__name__") === metricName)
      .flatMap(({ labels, column }) =>
        Array.from({ length: column.count }, (_, index) => {
          const value = isStaleMarker(column.values, index) ? "stale" : String(column.values[index]);
          return `${formatLabels(labels)} @${(column.timesMs[index] ?? 0) / 1000} ${value}`;
        }),
      );
  }

  #resolve(labels: Labels): SeriesRef {
    const key = labelsKey(labels);
    const known = this.#refs.get(key);
    if (known !== undefined) return known as SeriesRef;
    const ref = this.#series.push({ labels, column: newSampleColumn(4) }) - 1;
    this.#refs.set(key, ref);
    return ref as SeriesRef;
  }

  #at(ref: SeriesRef): StoredSeries {
    const series = this.#series[ref];
    assert(series !== undefined, "a ref comes from resolve");
    return series;
  }

  #check(ref: SeriesRef, timestampMs: number, write: () => void): AppendStatus {
    const { column } = this.#at(ref);
    const lastMs = column.timesMs[column.count - 1] ?? Number.NEGATIVE_INFINITY;
    if (column.count > 0 && timestampMs < lastMs) return appendStatus.outOfOrder;
    if (column.count > 0 && timestampMs === lastMs) return appendStatus.duplicate;
    write();
    return appendStatus.ok;
  }

  #write(ref: SeriesRef, timestampMs: number, value: number | null): void {
    const { column } = this.#at(ref);
    growSampleColumn(column, column.count + 1);
    column.timesMs[column.count] = timestampMs;
    if (value === null) writeStaleMarker(column.values, column.count);
    else column.values[column.count] = value;
    column.count++;
  }
}

function copyRange(from: SampleColumn, to: SampleColumn, range: SeriesQuery): void {
  growSampleColumn(to, from.count);
  to.count = 0;
  const fromBits = new BigUint64Array(from.values.buffer);
  const toBits = new BigUint64Array(to.values.buffer);
  for (let index = 0; index < from.count; index++) {
    const timeMs = from.timesMs[index] ?? 0;
    if (timeMs < range.minTimeMs || timeMs > range.maxTimeMs) continue;
    to.timesMs[to.count] = timeMs;
    toBits[to.count++] = fromBits[index] ?? 0n;
  }
}

/** Rules append floats and staleness markers, nothing else. */
function refuse(what: string): never {
  throw new Error(`Cannot append ${what}: this store takes what rules make`);
}

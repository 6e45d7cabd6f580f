/**
 * Samples that come in any order, on their way into a block: three columns grow with every sample; at the end they are
 * sorted by series (counting sort) and, where a series is not in time order already, by time.
 */
import {
  compareLabels,
  compareStrings,
  growSampleColumn,
  type Labels,
  newSampleColumn,
  type SampleColumn,
} from "@tatou/model";
import type { SeriesStream } from "../block/series-stream.ts";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";

/** As Prometheus cuts chunks of a head. */
const samplesPerChunkMax = 120;

/** The samples of one block, gathered in memory: about 20 bytes each, and as much again while the block is written. */
export class GatheredSamples {
  #count = 0;
  #series = new Uint32Array(1024);
  #timesMs = new Float64Array(1024);
  #values = new Float64Array(1024);
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;

  get count(): number {
    return this.#count;
  }

  /** Of the first and the last sample, both inclusive; Infinity and -Infinity while there is none. */
  get minTimeMs(): number {
    return this.#minTimeMs;
  }

  get maxTimeMs(): number {
    return this.#maxTimeMs;
  }

  /** @param series a number of the caller's for the series, counted from 0 */
  add(series: number, timestampMs: number, value: number): void {
    if (this.#count === this.#series.length) this.#grow();
    this.#series[this.#count] = series;
    this.#timesMs[this.#count] = timestampMs;
    this.#values[this.#count] = value;
    this.#count++;
    if (timestampMs < this.#minTimeMs) this.#minTimeMs = timestampMs;
    if (timestampMs > this.#maxTimeMs) this.#maxTimeMs = timestampMs;
  }

  /**
   * What was gathered, for `writeBlock`. Of several samples of one series and time the last one that was added stays.
   * @param labels of each series, by its number; each label set once
   */
  stream(labels: readonly Labels[]): GatheredStream {
    const starts = new Uint32Array(labels.length + 1);
    for (let index = 0; index < this.#count; index++) starts[this.#series[index]! + 1]!++;
    const order: number[] = [];
    for (let series = 0; series < labels.length; series++) {
      if (starts[series + 1]! > 0) order.push(series);
      starts[series + 1]! += starts[series]!;
    }
    order.sort((left, right) => compareLabels(labels[left]!, labels[right]!));
    return new GatheredStream(labels, order, { starts, ...this.#bySeries(starts) });
  }

  #bySeries(starts: Uint32Array): { readonly timesMs: Float64Array; readonly values: Float64Array } {
    const next = starts.slice();
    const timesMs = new Float64Array(this.#count);
    const values = new Float64Array(this.#count);
    for (let index = 0; index < this.#count; index++) {
      const position = next[this.#series[index]!]!++;
      timesMs[position] = this.#timesMs[index]!;
      values[position] = this.#values[index]!;
    }
    return { timesMs, values };
  }

  #grow(): void {
    const size = this.#series.length * 2;
    const series = new Uint32Array(size);
    series.set(this.#series);
    this.#series = series;
    const timesMs = new Float64Array(size);
    timesMs.set(this.#timesMs);
    this.#timesMs = timesMs;
    const values = new Float64Array(size);
    values.set(this.#values);
    this.#values = values;
  }
}

interface SortedSamples {
  /** Per series, and one more: where its samples begin. */
  readonly starts: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** Gathered samples as series in the order of a block. */
export class GatheredStream implements SeriesStream {
  /** How many samples gave way to a later one of the same series and time; known when the stream was read to its end. */
  repeatedCount = 0;
  readonly #labels: readonly Labels[];
  readonly #order: readonly number[];
  readonly #samples: SortedSamples;
  readonly #column: SampleColumn = newSampleColumn();
  readonly #encoder = new ChunkEncoder();
  #position = -1;
  #chunks: readonly ChunkData[] = [];

  constructor(labels: readonly Labels[], order: readonly number[], samples: SortedSamples) {
    this.#labels = labels;
    this.#order = order;
    this.#samples = samples;
  }

  symbols(): Iterable<string> {
    const symbols = new Set<string>();
    for (const series of this.#order) {
      for (const { name, value } of this.#labels[series]!) {
        symbols.add(name);
        symbols.add(value);
      }
    }
    return [...symbols].sort(compareStrings);
  }

  get labels(): Labels {
    return this.#labels[this.#order[this.#position]!]!;
  }

  get chunks(): readonly ChunkData[] {
    return this.#chunks;
  }

  next(): boolean {
    this.#position++;
    const series = this.#order[this.#position];
    if (series === undefined) return false;
    this.#fillColumn(this.#samples.starts[series]!, this.#samples.starts[series + 1]!);
    this.#chunks = this.#encoder.encodeColumn(this.#column, {
      samplesMax: samplesPerChunkMax,
      isBestWindows: false,
      keepStartTimes: false,
    });
    return true;
  }

  close(): void {
    this.#chunks = [];
  }

  /** Samples from start to end, by time, each time once. */
  #fillColumn(start: number, end: number): void {
    const { timesMs, values } = this.#samples;
    const column = this.#column;
    column.count = 0;
    growSampleColumn(column, end - start);
    const order = isAscending(timesMs, start, end) ? null : orderByTime(timesMs, start, end);
    for (let index = start; index < end; index++) {
      const from = order === null ? index : order[index - start]!;
      const isRepeated = column.count > 0 && column.timesMs[column.count - 1] === timesMs[from];
      if (isRepeated) {
        this.repeatedCount++;
        column.count--;
      }
      column.timesMs[column.count] = timesMs[from]!;
      column.values[column.count] = values[from]!;
      column.count++;
    }
  }
}

function isAscending(timesMs: Float64Array, start: number, end: number): boolean {
  for (let index = start + 1; index < end; index++) if (timesMs[index]! < timesMs[index - 1]!) return false;
  return true;
}

/** Indexes by time; of equal times the one that was added first comes first. */
function orderByTime(timesMs: Float64Array, start: number, end: number): Uint32Array {
  const order = Uint32Array.from({ length: end - start }, (_, index) => start + index);
  return order.sort((left, right) => timesMs[left]! - timesMs[right]! || left - right);
}

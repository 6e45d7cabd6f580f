import type { Histogram, SampleRow } from "@tatou/model";
import { highWordIndex, lowWordIndex } from "./head/words.ts";
import type { SampleRows } from "./wal/sample-record.ts";
import type { ExemplarRow, MetadataRow } from "./wal/series-record.ts";

/** A histogram, or null for the staleness marker of a series of them. */
export interface BatchHistogram {
  readonly ref: number;
  readonly timeMs: number;
  /** 0 where none is known. */
  readonly startTimeMs: number;
  readonly histogram: Histogram | null;
}

/** Floats side by side in typed arrays, in the order in which they were added; histograms, which are rare, as objects. */
export class SampleBatch implements SampleRows {
  refs: Uint32Array<ArrayBuffer>;
  timesMs: Float64Array<ArrayBuffer>;
  valueWords: Int32Array<ArrayBuffer>;
  /** The same memory as the words. */
  #values: Float64Array;
  count = 0;
  histograms: BatchHistogram[] = [];

  constructor(capacity = 256) {
    this.refs = new Uint32Array(capacity);
    this.timesMs = new Float64Array(capacity);
    this.valueWords = new Int32Array(2 * capacity);
    this.#values = new Float64Array(this.valueWords.buffer);
  }

  /** Of both kinds. */
  get sampleCount(): number {
    return this.count + this.histograms.length;
  }

  add(ref: number, timestampMs: number, high: number, low: number): void {
    const index = this.count;
    if (index === this.refs.length) this.#double();
    this.refs[index] = ref;
    this.timesMs[index] = timestampMs;
    this.valueWords[2 * index + highWordIndex] = high;
    this.valueWords[2 * index + lowWordIndex] = low;
    this.count = index + 1;
  }

  /**
   * The same for a sample of a row, whose value is no NaN. There must be room, see `reserve`. (Numbers that are handed from
   * call to call would each be put into an object.)
   */
  addOfRow(row: SampleRow, index: number): void {
    const own = this.count;
    this.refs[own] = row.refs[index]!;
    this.timesMs[own] = row.timestampMs;
    this.#values[own] = row.values[index]!;
    this.count = own + 1;
  }

  reserve(capacity: number): void {
    while (this.refs.length < capacity) this.#double();
  }

  high(index: number): number {
    return this.valueWords[2 * index + highWordIndex]!;
  }

  low(index: number): number {
    return this.valueWords[2 * index + lowWordIndex]!;
  }

  /** -Infinity when there is none. */
  maxTimeMs(): number {
    let maxTimeMs = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < this.count; row++) maxTimeMs = Math.max(maxTimeMs, this.timesMs[row]!);
    for (const { timeMs } of this.histograms) maxTimeMs = Math.max(maxTimeMs, timeMs);
    return maxTimeMs;
  }

  /** Keeps the samples that a test accepts. */
  retain(isKept: (ref: number, timeMs: number) => boolean): void {
    let kept = 0;
    for (let row = 0; row < this.count; row++) {
      if (!isKept(this.refs[row]!, this.timesMs[row]!)) continue;
      if (kept !== row) this.#move(row, kept);
      kept++;
    }
    this.count = kept;
    if (this.histograms.length > 0) this.histograms = this.histograms.filter(({ ref, timeMs }) => isKept(ref, timeMs));
  }

  clear(): void {
    this.count = 0;
    this.histograms = [];
  }

  /** Copies a row over an earlier one. */
  #move(from: number, to: number): void {
    this.refs[to] = this.refs[from]!;
    this.timesMs[to] = this.timesMs[from]!;
    this.valueWords[2 * to] = this.valueWords[2 * from]!;
    this.valueWords[2 * to + 1] = this.valueWords[2 * from + 1]!;
  }

  #double(): void {
    const { refs, timesMs, valueWords } = this;
    const capacity = Math.max(16, refs.length * 2);
    this.refs = new Uint32Array(capacity);
    this.refs.set(refs);
    this.timesMs = new Float64Array(capacity);
    this.timesMs.set(timesMs);
    this.valueWords = new Int32Array(2 * capacity);
    this.valueWords.set(valueWords);
    this.#values = new Float64Array(this.valueWords.buffer);
  }
}

/** What an appender gathers until its commit. */
export interface AppendBatch {
  readonly inOrder: SampleBatch;
  /** Samples that came out of order. */
  readonly late: SampleBatch;
  exemplars: ExemplarRow[];
  metadata: MetadataRow[];
}

export function newAppendBatch(): AppendBatch {
  return { inOrder: new SampleBatch(256), late: new SampleBatch(0), exemplars: [], metadata: [] };
}

import { highWordIndex, lowWordIndex } from "./head/words.ts";
import type { SampleRows } from "./wal/record.ts";

/** Samples side by side in typed arrays, in the order in which they were added. */
export class SampleBatch implements SampleRows {
  refs = new Uint32Array(256);
  timesMs = new Float64Array(256);
  valueWords = new Int32Array(512);
  count = 0;

  add(ref: number, timestampMs: number, high: number, low: number): void {
    const index = this.count;
    if (index === this.refs.length) this.#double();
    this.refs[index] = ref;
    this.timesMs[index] = timestampMs;
    this.valueWords[2 * index + highWordIndex] = high;
    this.valueWords[2 * index + lowWordIndex] = low;
    this.count = index + 1;
  }

  high(index: number): number {
    return this.valueWords[2 * index + highWordIndex]!;
  }

  low(index: number): number {
    return this.valueWords[2 * index + lowWordIndex]!;
  }

  /** Copies a row over an earlier one. */
  move(from: number, to: number): void {
    this.refs[to] = this.refs[from]!;
    this.timesMs[to] = this.timesMs[from]!;
    this.valueWords[2 * to] = this.valueWords[2 * from]!;
    this.valueWords[2 * to + 1] = this.valueWords[2 * from + 1]!;
  }

  #double(): void {
    const { refs, timesMs, valueWords } = this;
    this.refs = new Uint32Array(refs.length * 2);
    this.refs.set(refs);
    this.timesMs = new Float64Array(refs.length * 2);
    this.timesMs.set(timesMs);
    this.valueWords = new Int32Array(refs.length * 4);
    this.valueWords.set(valueWords);
  }
}

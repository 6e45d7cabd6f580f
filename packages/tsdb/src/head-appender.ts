import { type Appender, type AppendStatus, appendStatus, assert, type Labels, type SeriesRef } from "@tatou/model";
import type { Head } from "./head/head.ts";
import { seriesField } from "./head/series-table.ts";
import { highWordIndex, lowWordIndex } from "./head/words.ts";
import type { SampleBatch } from "./sample-batch.ts";

/** The year 37648: within it, sums and differences of times are exact in every format. */
const timestampMaxMs = 2 ** 50;
/** Prometheus' own bits for "not a number", which JavaScript's differ from in the last one. */
const nanHigh = 0x7ff80000;
const nanLow = 1;
const staleHigh = 0x7ff00000;
const staleLow = 2;

/** Counts of refused samples, shared by all batches of a store. */
export interface RefusalCounts {
  outOfOrder: number;
  duplicate: number;
  outOfBounds: number;
}

export interface HeadAppenderOptions {
  readonly head: Head;
  /** Marks the batch in series records, to see a series that comes twice. */
  readonly batchNumber: number;
  /** Empty; the appender's own until it is done. */
  readonly batch: SampleBatch;
  /** Older samples are refused. */
  readonly minTimeMs: number;
  readonly refusals: RefusalCounts;
  /** Logs the batch, adds it to the head, takes the batch back. */
  readonly commit: (batch: SampleBatch) => void;
  /** Takes the batch back. */
  readonly rollback: (batch: SampleBatch) => void;
}

const valueScratch = new Float64Array(1);
const wordScratch = new Int32Array(valueScratch.buffer);

/**
 * One batch of samples. They are checked as they come and wait in plain columns, so that the commit is one write to the
 * log and one pass over the series.
 *
 * Hot: `append` runs once per sample.
 */
export class HeadAppender implements Appender {
  readonly #options: HeadAppenderOptions;
  readonly #head: Head;
  readonly #batch: SampleBatch;
  readonly #batchNumber: number;
  readonly #minTimeMs: number;
  #done = false;

  constructor(options: HeadAppenderOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#batch = options.batch;
    this.#batchNumber = options.batchNumber;
    this.#minTimeMs = Math.max(options.minTimeMs, -timestampMaxMs);
  }

  resolve(labels: Labels): SeriesRef {
    assert(!this.#done, "a batch is not used after its end");
    return this.#head.resolve(labels) as SeriesRef;
  }

  isLive(ref: SeriesRef): boolean {
    return this.#head.isLive(ref);
  }

  append(ref: SeriesRef, timestampMs: number, value: number): AppendStatus {
    if (value !== value) return this.#add(ref, timestampMs, nanHigh, nanLow);
    valueScratch[0] = value;
    return this.#add(ref, timestampMs, wordScratch[highWordIndex]!, wordScratch[lowWordIndex]!);
  }

  appendStale(ref: SeriesRef, timestampMs: number): AppendStatus {
    return this.#add(ref, timestampMs, staleHigh, staleLow);
  }

  commit(): void {
    assert(!this.#done, "a batch is not used after its end");
    this.#done = true;
    this.#options.commit(this.#batch);
  }

  rollback(): void {
    assert(!this.#done, "a batch is not used after its end");
    this.#done = true;
    this.#options.rollback(this.#batch);
  }

  #add(ref: number, timestampMs: number, high: number, low: number): AppendStatus {
    assert(!this.#done, "a batch is not used after its end");
    assert(Number.isInteger(timestampMs), "timestamps are whole milliseconds");
    assert(this.#head.isLive(ref), "a ref is live when it is appended to");
    if (timestampMs < this.#minTimeMs || timestampMs > timestampMaxMs) {
      this.#options.refusals.outOfBounds++;
      return appendStatus.outOfBounds;
    }
    const { words } = this.#head.arena;
    const record = this.#head.index.series.recordOf(ref);
    const inBatch = words[record + seriesField.batch] === this.#batchNumber;
    const lastIndex = words[record + seriesField.batchIndex]!;
    const lastTimeMs = inBatch
      ? this.#batch.timesMs[lastIndex]!
      : this.#head.arena.floats[(record >>> 1) + seriesField.lastTime]!;
    if (timestampMs <= lastTimeMs) {
      const same = inBatch
        ? this.#batch.high(lastIndex) === high && this.#batch.low(lastIndex) === low
        : this.#head.hasLastValue(ref, high, low);
      return this.#refuse(timestampMs < lastTimeMs, same);
    }
    words[record + seriesField.batch] = this.#batchNumber;
    words[record + seriesField.batchIndex] = this.#batch.count;
    this.#batch.add(ref, timestampMs, high, low);
    return appendStatus.ok;
  }

  #refuse(isOlder: boolean, isSameValue: boolean): AppendStatus {
    if (isOlder) {
      this.#options.refusals.outOfOrder++;
      return appendStatus.outOfOrder;
    }
    if (isSameValue) return appendStatus.ok;
    this.#options.refusals.duplicate++;
    return appendStatus.duplicate;
  }
}

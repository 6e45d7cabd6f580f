import { isStaleWords, staleHigh, staleLow } from "@tatou/kernels";
import {
  type Appender,
  type AppendStatus,
  appendStatus,
  assert,
  type BucketSpan,
  type Exemplar,
  type Histogram,
  type Labels,
  type SampleRow,
  type SeriesMetadata,
  type SeriesRef,
} from "@tatou/model";
import type { Head } from "./head/head.ts";
import { seriesField } from "./head/series-table.ts";
import { highWordIndex, lowWordIndex } from "./head/words.ts";
import type { AppendBatch, BatchHistogram, SampleBatch } from "./sample-batch.ts";

/** The year 37648: within it, sums and differences of times are exact in every format. */
const timestampMaxMs = 2 ** 50;
/** Prometheus' own bits for "not a number", which JavaScript's differ from in the last one. */
const nanHigh = 0x7ff80000;
const nanLow = 1;
/** Marks the position of a histogram in a batch; `none`: the series is not in it. */
const isHistogram = 0x8000_0000;
const none = 0xffff_ffff;

/** Counts of refused samples, shared by all batches of a store. */
export interface RefusalCounts {
  outOfOrder: number;
  duplicate: number;
  outOfBounds: number;
  tooOld: number;
  /** Series of which samples from the future were put aside, so that others could be taken. */
  futureSetAside: number;
}

/** What a batch takes, as of the moment when it is opened. */
export interface AppendBounds {
  /** Older samples are no part of what is in order. */
  readonly minTimeMs: number;
  /** Samples out of order are taken from here on; Infinity without a window for them. */
  readonly lateMinTimeMs: number;
  /** Samples after it are from a clock that was ahead. */
  readonly futureMs: number;
  /** How often the head was cut or truncated until then. */
  readonly cutCount: number;
  /** Whether a start time puts a zero in front of its counter. */
  readonly injectsZeros: boolean;
}

/** A batch that is not done yet. */
export interface OpenedBatch {
  readonly batch: AppendBatch;
  readonly batchNumber: number;
  readonly bounds: AppendBounds;
}

export interface HeadAppenderOptions {
  readonly head: Head;
  /** Marks the batch in series records, to see a series that comes twice. */
  readonly batchNumber: number;
  /** Empty; the appender's own until it is done. */
  readonly batch: AppendBatch;
  readonly bounds: AppendBounds;
  readonly refusals: RefusalCounts;
  /** The series with these labels, or one that they are folded into. @throws {SeriesLimitError} */
  readonly resolve: (labels: Labels) => number;
  /** Logs the batch, adds it to the head, takes the batch back. */
  readonly commit: (opened: OpenedBatch) => void;
  /** Takes the batch back. */
  readonly rollback: (opened: OpenedBatch) => void;
}

const valueScratch = new Float64Array(1);
const wordScratch = new Int32Array(valueScratch.buffer);

/**
 * One batch of samples. They are checked as they come and wait in plain columns, so that the commit is one write to the
 * log and one pass over the series.
 *
 * Hot: `appendRow` and `append` run for every sample.
 */
export class HeadAppender implements Appender {
  readonly #options: HeadAppenderOptions;
  readonly #head: Head;
  readonly #batch: AppendBatch;
  readonly #samples: SampleBatch;
  readonly #batchNumber: number;
  readonly #minTimeMs: number;
  /** The series that a start time was noted for last, and that time. */
  #startedRef = 0;
  #startTimeMs = 0;
  #done = false;

  constructor(options: HeadAppenderOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#batch = options.batch;
    this.#samples = options.batch.inOrder;
    this.#batchNumber = options.batchNumber;
    this.#minTimeMs = Math.max(options.bounds.minTimeMs, -timestampMaxMs);
  }

  resolve(labels: Labels): SeriesRef {
    assert(!this.#done, "a batch is not used after its end");
    const ref = this.#options.resolve(labels);
    // While the batch is open, the series stays, even without samples.
    if (this.#head.arena.words[this.#head.index.series.recordOf(ref) + seriesField.batch] !== this.#batchNumber) {
      this.#noteLast(ref, none);
    }
    return ref as SeriesRef;
  }

  isLive(ref: SeriesRef): boolean {
    return this.#head.isLive(ref);
  }

  append(ref: SeriesRef, timestampMs: number, value: number): AppendStatus {
    this.#check(ref, timestampMs);
    if (ref === this.#startedRef) this.#injectZero(ref, timestampMs);
    return this.#addValue(ref, timestampMs, value);
  }

  appendStale(ref: SeriesRef, timestampMs: number): AppendStatus {
    this.#check(ref, timestampMs);
    if (this.#endsWithHistogram(ref)) return this.#addHistogram(ref, timestampMs, null);
    return this.#add(ref, timestampMs, staleHigh, staleLow);
  }

  appendRow(row: SampleRow): number {
    const { count, timestampMs, refs, values, statuses } = row;
    this.#check(0, timestampMs);
    const { series } = this.#head.index;
    const { arena } = this.#head;
    const samples = this.#samples;
    const isInBounds = !this.#isOutOfBounds(timestampMs);
    let refusedCount = 0;
    samples.reserve(samples.count + count);
    for (let index = 0; index < count; index++) {
      const ref = refs[index]!;
      const record = series.liveRecordOf(ref);
      const isNewer = record !== 0 && isInBounds && timestampMs > arena.floats[(record >>> 1) + seriesField.lastTime]!;
      // What nearly all are: newer than the last sample, and the first of their series in this batch.
      if (isNewer && arena.words[record + seriesField.batch] !== this.#batchNumber && !Number.isNaN(values[index])) {
        arena.words[record + seriesField.batch] = this.#batchNumber;
        arena.words[record + seriesField.batchIndex] = samples.count;
        samples.addOfRow(row, index);
        statuses[index] = appendStatus.ok;
        continue;
      }
      const status = record === 0 ? appendStatus.unknownSeries : this.#addValue(ref, timestampMs, values[index]!);
      statuses[index] = status;
      if (status !== appendStatus.ok) refusedCount++;
    }
    return refusedCount;
  }

  appendHistogram(ref: SeriesRef, timestampMs: number, histogram: Histogram): AppendStatus {
    assert(holdsBuckets(histogram), "a histogram has as many buckets as its spans say");
    this.#check(ref, timestampMs);
    // Native histograms are not summed up: those of series that there is no room for are left out.
    if (this.#head.index.series.isFold(ref)) return appendStatus.ok;
    if (ref === this.#startedRef) this.#injectZero(ref, timestampMs, histogram);
    return this.#addHistogram(ref, timestampMs, histogram);
  }

  noteStartTime(ref: SeriesRef, timestampMs: number, startTimeMs: number): AppendStatus {
    this.#check(ref, timestampMs);
    if (!this.#options.bounds.injectsZeros || !(startTimeMs > 0 && startTimeMs < timestampMs)) return appendStatus.ok;
    if (startTimeMs <= this.#lastTimeMs(ref)) return appendStatus.outOfOrder;
    if (this.#isOutOfBounds(startTimeMs)) return appendStatus.outOfBounds;
    this.#startedRef = ref;
    this.#startTimeMs = startTimeMs;
    return appendStatus.ok;
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): void {
    assert(this.#head.isLive(ref), "a ref is live when it is appended to");
    this.#batch.exemplars.push({ ref, exemplar });
  }

  setMetadata(ref: SeriesRef, metadata: SeriesMetadata): void {
    assert(this.#head.isLive(ref), "a ref is live when it is appended to");
    if (!this.#head.metadata.has(this.#head.index.series.recordOf(ref), metadata)) {
      this.#batch.metadata.push({ ref, metadata });
    }
  }

  commit(): void {
    assert(!this.#done, "a batch is not used after its end");
    this.#done = true;
    this.#options.commit(this.#options);
  }

  rollback(): void {
    assert(!this.#done, "a batch is not used after its end");
    this.#done = true;
    this.#options.rollback(this.#options);
  }

  /** @param ref 0 when it is not known yet */
  #check(ref: number, timestampMs: number): void {
    assert(!this.#done, "a batch is not used after its end");
    assert(Number.isInteger(timestampMs), "timestamps are whole milliseconds");
    assert(ref === 0 || this.#head.isLive(ref), "a ref is live when it is appended to");
  }

  #addValue(ref: number, timestampMs: number, value: number): AppendStatus {
    if (value !== value) return this.#add(ref, timestampMs, nanHigh, nanLow);
    valueScratch[0] = value;
    return this.#add(ref, timestampMs, wordScratch[highWordIndex]!, wordScratch[lowWordIndex]!);
  }

  #add(ref: number, timestampMs: number, high: number, low: number): AppendStatus {
    const lastTimeMs = this.#lastTimeMs(ref);
    if (timestampMs <= lastTimeMs || this.#isOutOfBounds(timestampMs)) {
      if (this.#setAsideFuture(ref, timestampMs, lastTimeMs)) return this.#add(ref, timestampMs, high, low);
      if (timestampMs === lastTimeMs && this.#foldIntoLast(ref, high, low)) return appendStatus.ok;
      if (timestampMs === lastTimeMs && this.#isLastValue(ref, high, low)) return appendStatus.ok;
      const status = this.#statusOfLate(timestampMs, lastTimeMs);
      if (status === appendStatus.ok) this.#batch.late.add(ref, timestampMs, high, low);
      return status;
    }
    this.#noteLast(ref, this.#samples.count);
    this.#samples.add(ref, timestampMs, high, low);
    return appendStatus.ok;
  }

  #addHistogram(ref: number, timeMs: number, histogram: Histogram | null): AppendStatus {
    const lastTimeMs = this.#lastTimeMs(ref);
    const sample: BatchHistogram = { ref, timeMs, startTimeMs: 0, histogram };
    if (timeMs <= lastTimeMs || this.#isOutOfBounds(timeMs)) {
      if (this.#setAsideFuture(ref, timeMs, lastTimeMs)) return this.#addHistogram(ref, timeMs, histogram);
      if (timeMs === lastTimeMs && this.#isLastHistogram(ref, histogram)) return appendStatus.ok;
      const status = this.#statusOfLate(timeMs, lastTimeMs);
      if (status === appendStatus.ok) this.#batch.late.histograms.push(sample);
      return status;
    }
    this.#noteLast(ref, (this.#samples.histograms.length | isHistogram) >>> 0);
    this.#samples.histograms.push(sample);
    return appendStatus.ok;
  }

  /** @param like the histogram that follows, if one does */
  #injectZero(ref: number, timestampMs: number, like?: Histogram): void {
    this.#startedRef = 0;
    if (this.#startTimeMs >= timestampMs) return;
    if (like === undefined) this.#add(ref, this.#startTimeMs, 0, 0);
    else this.#addHistogram(ref, this.#startTimeMs, zeroLike(like));
  }

  #isOutOfBounds(timestampMs: number): boolean {
    return timestampMs < this.#minTimeMs || timestampMs > timestampMaxMs;
  }

  /** When what keeps a sample from being taken is from the future: makes way for it. @returns whether it did */
  #setAsideFuture(ref: number, timestampMs: number, lastTimeMs: number): boolean {
    const { futureMs } = this.#options.bounds;
    if (lastTimeMs <= futureMs || timestampMs > futureMs || this.#isOutOfBounds(timestampMs)) return false;
    if (this.#lastIndex(this.#head.index.series.recordOf(ref)) !== none) return false;
    this.#options.refusals.futureSetAside++;
    this.#head.setAsideAfter(ref, futureMs);
    return true;
  }

  /** What comes of a sample that is not newer than the last one of its series, or out of bounds. */
  #statusOfLate(timestampMs: number, lastTimeMs: number): AppendStatus {
    const { refusals, bounds } = this.#options;
    if (timestampMs > timestampMaxMs) {
      refusals.outOfBounds++;
      return appendStatus.outOfBounds;
    }
    if (timestampMs === lastTimeMs && !this.#isOutOfBounds(timestampMs)) {
      refusals.duplicate++;
      return appendStatus.duplicate;
    }
    if (timestampMs >= bounds.lateMinTimeMs) return appendStatus.ok;
    if (bounds.lateMinTimeMs !== Number.POSITIVE_INFINITY) {
      refusals.tooOld++;
      return appendStatus.tooOld;
    }
    if (this.#isOutOfBounds(timestampMs)) {
      refusals.outOfBounds++;
      return appendStatus.outOfBounds;
    }
    refusals.outOfOrder++;
    return appendStatus.outOfOrder;
  }

  /** Position of the series' last sample in this batch, or `none`. */
  #lastIndex(record: number): number {
    const { words } = this.#head.arena;
    return words[record + seriesField.batch] === this.#batchNumber ? words[record + seriesField.batchIndex]! : none;
  }

  #noteLast(ref: number, index: number): void {
    const { words } = this.#head.arena;
    const record = this.#head.index.series.recordOf(ref);
    words[record + seriesField.batch] = this.#batchNumber;
    words[record + seriesField.batchIndex] = index;
  }

  /** Of the series' last sample, those in this batch included. */
  #lastTimeMs(ref: number): number {
    const record = this.#head.index.series.recordOf(ref);
    const lastIndex = this.#lastIndex(record);
    // The common case: a series comes once in a batch.
    if (lastIndex === none) return this.#head.arena.floats[(record >>> 1) + seriesField.lastTime]!;
    if ((lastIndex & isHistogram) === 0) return this.#samples.timesMs[lastIndex]!;
    return this.#samples.histograms[lastIndex & ~isHistogram]!.timeMs;
  }

  /**
   * Adds a value to the last sample of its series, if that is one of this batch and of a series that is a sum. The end of
   * one of its parts does not end a sum.
   */
  #foldIntoLast(ref: number, high: number, low: number): boolean {
    const { series } = this.#head.index;
    const lastIndex = this.#lastIndex(series.recordOf(ref));
    if (lastIndex === none || (lastIndex & isHistogram) !== 0 || !series.isFold(ref)) return false;
    if (isStaleWords(high, low)) return true;
    const words = this.#samples.valueWords;
    const wasStale = isStaleWords(this.#samples.high(lastIndex), this.#samples.low(lastIndex));
    wordScratch[highWordIndex] = high;
    wordScratch[lowWordIndex] = low;
    if (!wasStale) valueScratch[0]! += new Float64Array(words.buffer, words.byteOffset + 8 * lastIndex, 1)[0]!;
    words[2 * lastIndex + highWordIndex] = wordScratch[highWordIndex]!;
    words[2 * lastIndex + lowWordIndex] = wordScratch[lowWordIndex]!;
    return true;
  }

  #isLastValue(ref: number, high: number, low: number): boolean {
    const lastIndex = this.#lastIndex(this.#head.index.series.recordOf(ref));
    if (lastIndex === none) return this.#head.hasLastValue(ref, high, low);
    if ((lastIndex & isHistogram) !== 0) return false;
    return this.#samples.high(lastIndex) === high && this.#samples.low(lastIndex) === low;
  }

  #isLastHistogram(ref: number, histogram: Histogram | null): boolean {
    const lastIndex = this.#lastIndex(this.#head.index.series.recordOf(ref));
    if (lastIndex === none) return this.#head.store.histograms.endsWith(ref, histogram);
    if ((lastIndex & isHistogram) === 0) return false;
    const last = this.#samples.histograms[lastIndex & ~isHistogram]!;
    return JSON.stringify(last.histogram) === JSON.stringify(histogram);
  }

  #endsWithHistogram(ref: number): boolean {
    const lastIndex = this.#lastIndex(this.#head.index.series.recordOf(ref));
    return lastIndex === none ? this.#head.store.endsWithHistogram(ref) : (lastIndex & isHistogram) !== 0;
  }
}

function holdsBuckets({ positiveSpans, positiveBuckets, negativeSpans, negativeBuckets }: Histogram): boolean {
  const bucketCount = (spans: readonly BucketSpan[]): number => spans.reduce((sum, { length }) => sum + length, 0);
  return bucketCount(positiveSpans) === positiveBuckets.length && bucketCount(negativeSpans) === negativeBuckets.length;
}

/** What a histogram was before its first observation. */
function zeroLike(histogram: Histogram): Histogram {
  const noBuckets = { positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [] };
  return { ...histogram, ...noBuckets, counterReset: "unknown", zeroCount: 0, count: 0, sum: 0 };
}

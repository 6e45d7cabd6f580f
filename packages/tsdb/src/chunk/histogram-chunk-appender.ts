/**
 * A chunk of native histograms that grows. Its samples share one layout of buckets, so a histogram with buckets that are new
 * has the chunk written again with room for them, and one that cannot follow the last sample begins a new chunk: a counter
 * fell, the bounds of the buckets changed, or the series had ended.
 */
import {
  type BucketSpan,
  bucketIndexesOf,
  type CounterResetHint,
  customBucketsSchema,
  type Histogram,
  spansOf,
} from "@tatou/model";
import { areSameSpans, spreadBuckets, unionOf } from "./bucket-indexes.ts";
import { type ChunkEncoding, chunkEncoding } from "./chunk-encoding.ts";
import { chunkSampleCountMax } from "./chunk-sample-count.ts";
import { HistogramChunkReader } from "./histogram-chunk-reader.ts";
import { HistogramChunkWriter, type HistogramSample } from "./histogram-chunk-writer.ts";
import { emptyLayout, type HistogramLayout } from "./histogram-layout.ts";

export interface HistogramChunkOptions {
  /** The chunk before, which says whether counters fell between the two. */
  readonly previous?: HistogramChunkAppender | undefined;
  readonly keepStartTimes?: boolean;
}

/** What became of a sample. `newChunk`: it was not added, and must begin the next chunk. */
export type HistogramAppendOutcome = "appended" | "recoded" | "newChunk";

/**
 * Integers are stored as differences of differences of differences, and those must be exact too: above this they are stored
 * as floats.
 */
const integerMax = 2 ** 51;

export class HistogramChunkAppender {
  #writer: HistogramChunkWriter;
  #layout: HistogramLayout = emptyLayout;
  #last: Histogram | null = null;

  /** Begins a chunk with its first sample. */
  static begin(
    sample: HistogramSample,
    { previous, keepStartTimes = false }: HistogramChunkOptions = {},
  ): HistogramChunkAppender {
    const isFloat = sample.histogram === null ? previous?.isFloat === true : !isStoredAsInteger(sample.histogram);
    const appender = new HistogramChunkAppender(
      new HistogramChunkWriter(encodingOf(isFloat, keepStartTimes), counterResetBetween(previous, sample.histogram)),
    );
    if (sample.histogram !== null) appender.#layout = sample.histogram;
    appender.#write(sample);
    return appender;
  }

  private constructor(writer: HistogramChunkWriter) {
    this.#writer = writer;
  }

  get encoding(): ChunkEncoding {
    return this.#writer.encoding;
  }

  get isFloat(): boolean {
    const { encoding } = this;
    return encoding === chunkEncoding.floatHistogram || encoding === chunkEncoding.floatHistogramWithStartTimes;
  }

  get sampleCount(): number {
    return this.#writer.sampleCount;
  }

  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  get minTimeMs(): number {
    return this.#writer.minTimeMs;
  }

  get maxTimeMs(): number {
    return this.#writer.maxTimeMs;
  }

  /** The last sample, with the chunk's buckets; null for a staleness marker. */
  get last(): Histogram | null {
    return this.#last;
  }

  /** A copy of the chunk as it is now. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.bytes().slice();
  }

  /** Adds a sample that is newer than the last one, if it can follow it in one chunk. */
  tryAppend(sample: HistogramSample): HistogramAppendOutcome {
    const { histogram } = sample;
    if (this.sampleCount >= chunkSampleCountMax(this.encoding)) return "newChunk";
    if (histogram === null) {
      this.#write(sample);
      return "appended";
    }
    if (this.#last === null || (histogram.counterReset === "gauge") !== (this.#writer.counterReset === "gauge")) {
      return "newChunk";
    }
    if (isStoredAsInteger(histogram) === this.isFloat || counterResetBetween(this, histogram) === "reset")
      return "newChunk";
    if (!hasSameBounds(this.#last, histogram)) return "newChunk";
    return this.#appendSpread(sample, histogram);
  }

  #appendSpread(sample: HistogramSample, histogram: Histogram): HistogramAppendOutcome {
    const { positiveSpans, negativeSpans } = this.#layout;
    if (areSameSpans(positiveSpans, histogram.positiveSpans) && areSameSpans(negativeSpans, histogram.negativeSpans)) {
      this.#write(sample);
      return "appended";
    }
    const positive = bucketIndexesOf(positiveSpans);
    const negative = bucketIndexesOf(negativeSpans);
    const allPositive = unionOf(positive, bucketIndexesOf(histogram.positiveSpans));
    const allNegative = unionOf(negative, bucketIndexesOf(histogram.negativeSpans));
    const isWider = allPositive.length > positive.length || allNegative.length > negative.length;
    if (isWider) {
      this.#recode({ ...this.#layout, positiveSpans: spansOf(allPositive), negativeSpans: spansOf(allNegative) });
    }
    this.#write({ ...sample, histogram: spreadTo(histogram, this.#layout) });
    return isWider ? "recoded" : "appended";
  }

  /** Writes the samples again, with the buckets of a wider layout. */
  #recode(layout: HistogramLayout): void {
    const { encoding, counterReset } = this.#writer;
    const reader = new HistogramChunkReader();
    reader.open({ encoding, bytes: this.#writer.bytes() });
    this.#writer = new HistogramChunkWriter(encoding, counterReset);
    this.#layout = layout;
    while (reader.next()) {
      const histogram = spreadTo(reader.histogram(), layout);
      this.#write({ timeMs: reader.timeMs, startTimeMs: reader.startTimeMs, histogram });
    }
  }

  #write(sample: HistogramSample): void {
    this.#writer.append(sample, this.#layout);
    this.#last = sample.histogram;
  }
}

function encodingOf(isFloat: boolean, keepStartTimes: boolean): ChunkEncoding {
  if (keepStartTimes) {
    return isFloat ? chunkEncoding.floatHistogramWithStartTimes : chunkEncoding.histogramWithStartTimes;
  }
  return isFloat ? chunkEncoding.floatHistogram : chunkEncoding.histogram;
}

function isStoredAsInteger({ countKind, count, zeroCount, positiveBuckets, negativeBuckets }: Histogram): boolean {
  if (countKind === "float") return false;
  return isExact(count) && isExact(zeroCount) && positiveBuckets.every(isExact) && negativeBuckets.every(isExact);
}

function isExact(count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count < integerMax;
}

/** What is known of the counters between the last sample of a chunk and the next one. */
function counterResetBetween(chunk: HistogramChunkAppender | undefined, next: Histogram | null): CounterResetHint {
  if (next === null) return "unknown";
  if (next.counterReset === "gauge" || next.counterReset === "reset") return next.counterReset;
  const last = chunk?.last ?? null;
  if (last === null || last.counterReset === "gauge" || last.countKind !== next.countKind) return "unknown";
  if (next.count < last.count) return "reset";
  if (last.schema !== next.schema || last.zeroThreshold !== next.zeroThreshold) return "unknown";
  if (!hasSameBounds(last, next) || next.zeroCount < last.zeroCount) return "reset";
  return hasFallen(positiveSide(last), positiveSide(next)) || hasFallen(negativeSide(last), negativeSide(next))
    ? "reset"
    : "notReset";
}

interface Side {
  readonly spans: readonly BucketSpan[];
  readonly buckets: readonly number[];
}

function positiveSide({ positiveSpans, positiveBuckets }: Histogram): Side {
  return { spans: positiveSpans, buckets: positiveBuckets };
}

function negativeSide({ negativeSpans, negativeBuckets }: Histogram): Side {
  return { spans: negativeSpans, buckets: negativeBuckets };
}

/** Whether a bucket has less than before; one that is gone has 0. */
function hasFallen(last: Side, next: Side): boolean {
  if (areSameSpans(last.spans, next.spans)) return last.buckets.some((count, index) => next.buckets[index]! < count);
  const nextIndexes = bucketIndexesOf(next.spans);
  const lastIndexes = bucketIndexesOf(last.spans);
  const all = unionOf(lastIndexes, nextIndexes);
  const nextBuckets = spreadBuckets(next.buckets, nextIndexes, all);
  return spreadBuckets(last.buckets, lastIndexes, all).some((count, index) => nextBuckets[index]! < count);
}

/** The histogram with the buckets of a layout that has all of its. */
function spreadTo(histogram: Histogram, { positiveSpans, negativeSpans }: HistogramLayout): Histogram {
  const spread = ({ spans, buckets }: Side, to: readonly BucketSpan[]) =>
    spreadBuckets(buckets, bucketIndexesOf(spans), bucketIndexesOf(to));
  return {
    ...histogram,
    positiveSpans,
    positiveBuckets: spread(positiveSide(histogram), positiveSpans),
    negativeSpans,
    negativeBuckets: spread(negativeSide(histogram), negativeSpans),
  };
}

function hasSameBounds(left: Histogram, right: Histogram): boolean {
  if (left.schema !== right.schema || left.zeroThreshold !== right.zeroThreshold) return false;
  if (left.schema !== customBucketsSchema) return true;
  return (
    left.customValues.length === right.customValues.length &&
    left.customValues.every((bound, index) => bound === right.customValues[index])
  );
}

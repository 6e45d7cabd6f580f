/**
 * Chunks of native histograms in the head. Histograms are rare and large, so their chunks are plain objects beside the
 * arena, one for each entry that says so, until they are written to a file.
 *
 * While such a chunk is open, the series' record holds its sample count with a bit position of 0, which no open chunk of
 * floats has. As there, entry and count are a snapshot: a chunk that is written again with more buckets has the same
 * samples.
 */
import { assert, type Histogram } from "@tatou/model";
import type { ChunkSlice } from "../chunk/chunk-data.ts";
import { HistogramChunkAppender } from "../chunk/histogram-chunk-appender.ts";
import type { HistogramSample } from "../chunk/histogram-chunk-writer.ts";

/** As in Prometheus: a chunk ends when it is this large, unless it has only a few samples. */
const chunkSizeTargetBytes = 1024;
const sampleCountMin = 10;

/** What comes after is decided by the last sample of a series. */
interface HistogramSeries {
  /** The entry of its newest chunk. */
  entry: number;
  appender: HistogramChunkAppender;
  last: Histogram | null;
}

export class HistogramStore {
  /** Bytes of the chunks that ended and are not in a file. */
  endedBytes = 0;
  readonly #keepStartTimes: boolean;
  readonly #byRef = new Map<number, HistogramSeries>();
  /** Chunks that are open: the appender; that ended: the bytes. */
  readonly #byEntry = new Map<number, HistogramChunkAppender | ChunkSlice>();

  constructor(keepStartTimes: boolean) {
    this.#keepStartTimes = keepStartTimes;
  }

  /**
   * Adds a sample to the open chunk of a series.
   *
   * @returns the number of samples in the chunk now; 0 when it must go into a new one
   */
  append(ref: number, sample: HistogramSample): number {
    const series = this.#byRef.get(ref)!;
    const { appender } = series;
    if (appender.sampleCount >= sampleCountMin && appender.sizeBytes >= chunkSizeTargetBytes) return 0;
    if (appender.tryAppend(sample) === "newChunk") return 0;
    series.last = sample.histogram;
    return appender.sampleCount;
  }

  /** Begins a chunk with a sample. @param previousEntry of the chunk before, of either kind */
  begin(
    ref: number,
    sample: HistogramSample,
    { entry, previousEntry }: { entry: number; previousEntry: number },
  ): number {
    const series = this.#byRef.get(ref);
    const previous = series?.entry === previousEntry ? { previous: series.appender } : {};
    const appender = HistogramChunkAppender.begin(sample, { ...previous, keepStartTimes: this.#keepStartTimes });
    this.#byRef.set(ref, { entry, appender, last: sample.histogram });
    this.#byEntry.set(entry, appender);
    return appender.encoding;
  }

  /** Ends the open chunk behind an entry. */
  end(entry: number): void {
    const { encoding, bytes } = this.slice(entry);
    this.#byEntry.set(entry, { encoding, bytes });
    this.endedBytes += bytes.length;
  }

  slice(entry: number): ChunkSlice {
    const chunk = this.#byEntry.get(entry);
    assert(chunk !== undefined, "an entry of histograms has its chunk");
    return chunk instanceof HistogramChunkAppender ? { encoding: chunk.encoding, bytes: chunk.bytes() } : chunk;
  }

  /** Forgets the chunk behind an entry, which is in a file or dropped. */
  forget(entry: number): void {
    const chunk = this.#byEntry.get(entry);
    if (chunk !== undefined && !(chunk instanceof HistogramChunkAppender)) this.endedBytes -= chunk.bytes.length;
    this.#byEntry.delete(entry);
  }

  /** Whether the last sample of a series is this one. */
  endsWith(ref: number, histogram: Histogram | null): boolean {
    const series = this.#byRef.get(ref);
    return series !== undefined && JSON.stringify(series.last) === JSON.stringify(histogram);
  }

  forgetSeries(ref: number): void {
    this.#byRef.delete(ref);
  }
}

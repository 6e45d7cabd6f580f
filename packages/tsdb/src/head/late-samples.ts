/**
 * Samples that came out of order, within the window in which those are taken: per series up to 32 in a sorted column, then
 * as a chunk. Such chunks overlap each other and those in order; whoever reads merges them. They are rare, so all of this
 * is plain objects beside the arena.
 */

import { staleHigh, staleLow } from "@tatou/kernels";
import { assert, growSampleColumn, type Histogram, newSampleColumn, type SampleColumn } from "@tatou/model";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import type { FileChunk } from "./sample-store.ts";
import { highWordIndex, lowWordIndex } from "./words.ts";

/** As in Prometheus. */
const samplesPerChunk = 32;

/** A chunk in chunks_head, or one that is still to be written. */
export type LateChunk = ChunkData | FileChunk;

export interface LateSample {
  readonly timeMs: number;
  /** Of floats; for histograms 0. */
  readonly high: number;
  readonly low: number;
  readonly histogram: Histogram | undefined;
}

export function lateHistogram(timeMs: number, histogram: Histogram | null): LateSample {
  if (histogram === null) return { timeMs, high: staleHigh, low: staleLow, histogram: undefined };
  return { timeMs, high: 0, low: 0, histogram };
}

interface LateSeries {
  column: SampleColumn;
  chunks: readonly LateChunk[];
  /** Of chunks that are in no file. */
  unwrittenBytes: number;
}

/** What a selection reads: the samples of one moment. */
export interface LateSnapshot {
  readonly column: SampleColumn;
  readonly chunks: readonly LateChunk[];
}

export class LateSamples {
  /** Of all chunks that are not in a file. */
  unwrittenBytes = 0;
  /** Series with such chunks. */
  readonly unwritten = new Set<number>();
  /** Chunks that are in a cut. */
  readonly #cut = new Set<LateChunk>();
  readonly #encoder = new ChunkEncoder();
  readonly #byRef = new Map<number, LateSeries>();

  get seriesCount(): number {
    return this.#byRef.size;
  }

  has(ref: number): boolean {
    return this.#byRef.has(ref);
  }

  refs(): number[] {
    return [...this.#byRef.keys()];
  }

  chunksOf(ref: number): readonly LateChunk[] {
    return this.#byRef.get(ref)?.chunks ?? [];
  }

  /** The samples of a series that are in no chunk. */
  columnOf(ref: number): SampleColumn | null {
    return this.#byRef.get(ref)?.column ?? null;
  }

  /** Adds a sample. @returns false when there is one of that time among those that are in no chunk yet */
  insert(ref: number, sample: LateSample): boolean {
    const series = this.#seriesOf(ref);
    const index = firstNotBefore(series.column, sample.timeMs);
    if (index < series.column.count && series.column.timesMs[index] === sample.timeMs) return false;
    if (series.column.count < samplesPerChunk) insertAt(series.column, index, sample);
    else {
      this.endChunk(ref);
      insertAt(series.column, 0, sample);
    }
    return true;
  }

  /** Makes a chunk, or one of floats and one of histograms, of the samples that are in none. */
  endChunk(ref: number): void {
    const series = this.#seriesOf(ref);
    if (series.column.count === 0) return;
    const options = { samplesMax: samplesPerChunk, isBestWindows: false, keepStartTimes: false };
    this.#setChunks(ref, [...series.chunks, ...this.#encoder.encodeColumn(series.column, options)]);
    series.column = newLateColumn();
  }

  /** Adds a chunk: one that a start finds in a file, or one that was in order. */
  addChunk(ref: number, chunk: LateChunk): void {
    this.#setChunks(ref, [...this.#seriesOf(ref).chunks, chunk]);
  }

  /** Replaces a chunk by what says where it is written. */
  moveToFile(ref: number, chunk: LateChunk, place: FileChunk): void {
    const { chunks } = this.#seriesOf(ref);
    this.#setChunks(
      ref,
      chunks.map((known) => (known === chunk ? place : known)),
    );
    if (this.#cut.has(chunk)) this.#cut.add(place);
  }

  /** Forgets all of a series that is in no file: it is said to be in the chunks that are. */
  forgetUnwritten(ref: number): void {
    const series = this.#seriesOf(ref);
    series.column = newLateColumn();
    this.#setChunks(ref, series.chunks.filter(isFileChunk));
  }

  /** Ends all chunks, and takes note of those that there are: they go into a cut. */
  cutAll(): void {
    this.#cut.clear();
    for (const [ref, series] of this.#byRef) {
      this.endChunk(ref);
      for (const chunk of series.chunks) this.#cut.add(chunk);
    }
  }

  /** Drops what went into the cut. */
  dropCut(): void {
    for (const ref of this.refs()) this.dropChunks(ref, (chunk) => this.#cut.has(chunk));
    this.#cut.clear();
  }

  /** Drops chunks; a series of which nothing is left is forgotten. */
  dropChunks(ref: number, isDropped: (chunk: LateChunk) => boolean): void {
    const series = this.#byRef.get(ref);
    if (series === undefined) return;
    this.#setChunks(
      ref,
      series.chunks.filter((chunk) => !isDropped(chunk)),
    );
    if (series.chunks.length === 0 && series.column.count === 0) this.#byRef.delete(ref);
  }

  /** A copy for a selection. */
  snapshot(ref: number): LateSnapshot | null {
    const series = this.#byRef.get(ref);
    if (series === undefined) return null;
    const { timesMs, values, histograms, count } = series.column;
    const column = {
      timesMs: timesMs.slice(0, count),
      values: values.slice(0, count),
      count,
      histograms: [...histograms!],
      startTimesMs: null,
    };
    return { column, chunks: series.chunks };
  }

  /** Time of the oldest and of the newest sample of a series; infinite without any. */
  timesOf(ref: number): { readonly minTimeMs: number; readonly maxTimeMs: number } {
    const series = this.#byRef.get(ref);
    let minTimeMs = Number.POSITIVE_INFINITY;
    let maxTimeMs = Number.NEGATIVE_INFINITY;
    for (const chunk of series?.chunks ?? []) {
      minTimeMs = Math.min(minTimeMs, chunk.minTimeMs);
      maxTimeMs = Math.max(maxTimeMs, chunk.maxTimeMs);
    }
    if (series !== undefined && series.column.count > 0) {
      minTimeMs = Math.min(minTimeMs, series.column.timesMs[0]!);
      maxTimeMs = Math.max(maxTimeMs, series.column.timesMs[series.column.count - 1]!);
    }
    return { minTimeMs, maxTimeMs };
  }

  /** The lowest file that a chunk is in; Infinity when none is. */
  get lowestFile(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const { chunks } of this.#byRef.values()) {
      for (const chunk of chunks) if (isFileChunk(chunk)) lowest = Math.min(lowest, chunk.file);
    }
    return lowest;
  }

  #setChunks(ref: number, chunks: readonly LateChunk[]): void {
    const series = this.#seriesOf(ref);
    series.chunks = chunks;
    this.unwrittenBytes -= series.unwrittenBytes;
    series.unwrittenBytes = chunks.reduce((sum, chunk) => sum + (isFileChunk(chunk) ? 0 : chunk.bytes.length), 0);
    this.unwrittenBytes += series.unwrittenBytes;
    if (series.unwrittenBytes > 0) this.unwritten.add(ref);
    else this.unwritten.delete(ref);
  }

  #seriesOf(ref: number): LateSeries {
    let series = this.#byRef.get(ref);
    if (series === undefined) {
      series = { column: newLateColumn(), chunks: [], unwrittenBytes: 0 };
      this.#byRef.set(ref, series);
    }
    return series;
  }
}

export function isFileChunk(chunk: LateChunk): chunk is FileChunk {
  return "file" in chunk;
}

function newLateColumn(): SampleColumn {
  return newSampleColumn(4, { histograms: true });
}

function firstNotBefore({ timesMs, count }: SampleColumn, timeMs: number): number {
  // Late samples mostly come in the order of their times.
  let index = count;
  while (index > 0 && timesMs[index - 1]! >= timeMs) index--;
  return index;
}

function insertAt(column: SampleColumn, index: number, sample: LateSample): void {
  growSampleColumn(column, column.count + 1);
  const { timesMs, values, histograms, count } = column;
  assert(histograms !== null, "a column of late samples takes histograms");
  timesMs.copyWithin(index + 1, index, count);
  values.copyWithin(index + 1, index, count);
  histograms.length = count;
  histograms.splice(index, 0, sample.histogram);
  timesMs[index] = sample.timeMs;
  const words = new Int32Array(values.buffer, values.byteOffset + 8 * index, 2);
  words[highWordIndex] = sample.high;
  words[lowWordIndex] = sample.low;
  column.count = count + 1;
}

import { emptyLabels, type Labels, newSampleColumn } from "@tatou/model";
import type { ChunkData, ChunkSlice } from "../chunk/chunk-data.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { chunkSampleCount } from "../chunk/chunk-sample-count.ts";
import { clearSamples } from "../query/sample-columns.ts";
import type { BlockParts } from "./block-selection.ts";
import { isDeleted, isTouched, keepRange, removeRanges, type TimeRange } from "./deleted-ranges.ts";
import { SeriesEntry } from "./series-entry.ts";
import type { SeriesStream } from "./series-stream.ts";

/** All series of a block with their chunks, without what was deleted and what lies outside a range. */
export class BlockStream implements SeriesStream {
  labels: Labels = emptyLabels;
  chunks: readonly ChunkData[] = [];
  readonly #parts: BlockParts;
  readonly #range: TimeRange;
  readonly #series: Uint32Array;
  readonly #entry = new SeriesEntry();
  /** For chunks that keep a part of their samples. */
  readonly #encoder = new ChunkEncoder();
  readonly #column = newSampleColumn(128, { histograms: true, startTimes: true });
  #position = 0;

  constructor(parts: BlockParts, range: TimeRange) {
    this.#parts = parts;
    this.#range = range;
    this.#series = parts.index.allSeries();
  }

  symbols(): Iterable<string> {
    return this.#parts.index.sortedSymbols();
  }

  /** Series that have nothing left are left out. @throws {BlockCorruptError} */
  next(): boolean {
    while (this.#position < this.#series.length) {
      const series = this.#series[this.#position++]!;
      this.#parts.index.readSeries(series, this.#entry);
      this.chunks = this.#readChunks(this.#parts.deleted.of(series));
      if (this.chunks.length === 0) continue;
      this.labels = this.#parts.index.labelsOf(this.#entry);
      return true;
    }
    return false;
  }

  /** The block's files are the block's. */
  close(): void {
    this.chunks = [];
  }

  #readChunks(deleted: readonly TimeRange[]): readonly ChunkData[] {
    const entry = this.#entry;
    const [first, end] = chunksInRange(entry, this.#range);
    const chunks: ChunkData[] = [];
    let index = first;
    this.#parts.chunks.visit(entry.references, first, end, (slice, reference) => {
      const minTimeMs = entry.minTimesMs[index]!;
      const maxTimeMs = entry.maxTimesMs[index]!;
      index++;
      const isWhole = minTimeMs >= this.#range.minTimeMs && maxTimeMs <= this.#range.maxTimeMs;
      if (isWhole && !isTouched(deleted, minTimeMs, maxTimeMs)) {
        chunks.push({ encoding: slice.encoding, minTimeMs, maxTimeMs, bytes: bytesOf(slice) });
      } else if (!isDeleted(deleted, minTimeMs, maxTimeMs)) {
        chunks.push(...this.#rest(slice, reference, deleted));
      }
    });
    return chunks;
  }

  /** What is left of a chunk, encoded anew. */
  #rest(slice: ChunkSlice, reference: number, deleted: readonly TimeRange[]): readonly ChunkData[] {
    const column = this.#column;
    clearSamples(column);
    this.#parts.reader.decode(this.#parts.chunks, { slice, reference }, column);
    keepRange(column, 0, this.#range);
    removeRanges(column, deleted);
    const samplesMax = chunkSampleCount(slice.encoding, slice.bytes, slice.startByte);
    return this.#encoder.encodeColumn(column, { samplesMax, isBestWindows: false, keepStartTimes: true });
  }
}

function bytesOf({ bytes, startByte, endByte }: ChunkSlice): Uint8Array {
  return bytes.subarray(startByte, endByte);
}

/** The first chunk that overlaps the range, and the one behind the last: in between may be some that don't. */
function chunksInRange(entry: SeriesEntry, { minTimeMs, maxTimeMs }: TimeRange): readonly [number, number] {
  let first = 0;
  let end = entry.chunkCount;
  while (first < end && !overlaps(entry, first, minTimeMs, maxTimeMs)) first++;
  while (first < end && !overlaps(entry, end - 1, minTimeMs, maxTimeMs)) end--;
  return [first, end];
}

function overlaps(entry: SeriesEntry, chunk: number, minTimeMs: number, maxTimeMs: number): boolean {
  return entry.minTimesMs[chunk]! <= maxTimeMs && entry.maxTimesMs[chunk]! >= minTimeMs;
}

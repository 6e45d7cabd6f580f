import { CodecError } from "@tatou/kernels";
import { newSampleColumn, type SampleColumn } from "@tatou/model";
import type { ChunkSlice } from "../chunk/chunk-data.ts";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { appendSamples, clearSamples, mergeSamples } from "../query/sample-columns.ts";
import type { ChunkSegmentReader } from "./chunk-segment-reader.ts";
import { keepRange, type TimeRange } from "./deleted-ranges.ts";
import type { SeriesEntry } from "./series-entry.ts";

/** Reads the samples of series from their chunks. Keeps buffers, so one serves many reads. */
export class SeriesReader {
  readonly #decoder = new ChunkDecoder();

  /**
   * Puts the samples of a series in the range into the column, replacing what is there.
   *
   * @throws {BlockCorruptError} a chunk is damaged
   */
  read(chunks: ChunkSegmentReader, entry: SeriesEntry, range: TimeRange, column: SampleColumn): void {
    clearSamples(column);
    const { minTimesMs, maxTimesMs } = entry;
    for (let first = 0; first < entry.chunkCount; ) {
      if (!overlaps(entry, first, range)) {
        first++;
        continue;
      }
      let end = first + 1;
      while (end < entry.chunkCount && overlaps(entry, end, range) && minTimesMs[end]! > maxTimesMs[end - 1]!) end++;
      this.#readRow(chunks, entry, { first, end, range }, column);
      first = end;
    }
  }

  /** Chunks [first, end), which follow each other in time. */
  #readRow(
    chunks: ChunkSegmentReader,
    entry: SeriesEntry,
    row: { readonly first: number; readonly end: number; readonly range: TimeRange },
    column: SampleColumn,
  ): void {
    const lastTimeMs = column.count === 0 ? Number.NEGATIVE_INFINITY : column.timesMs[column.count - 1]!;
    // Chunks overlap only in blocks of other programs, or before a block of ours is compacted.
    const isBehind = entry.minTimesMs[row.first]! > lastTimeMs;
    const target = isBehind ? column : columnLike(column);
    chunks.visit(entry.references, row.first, row.end, (slice, reference) => {
      const from = target.count;
      this.decode(chunks, { slice, reference }, target);
      keepRange(target, from, row.range);
      const isAscending = from === 0 || target.count === from || target.timesMs[from]! > target.timesMs[from - 1]!;
      if (!isAscending) throw chunks.corrupt(reference, "a chunk begins before the one before it ends");
    });
    if (isBehind) return;
    const merged = columnLike(column);
    mergeSamples(column, target, merged);
    clearSamples(column);
    appendSamples(column, merged);
  }

  /** Adds the samples of a chunk to the end of a column. @throws {BlockCorruptError} */
  decode(
    chunks: ChunkSegmentReader,
    { slice, reference }: { readonly slice: ChunkSlice; readonly reference: number },
    column: SampleColumn,
  ): void {
    try {
      this.#decoder.decodeInto(slice, column);
    } catch (error) {
      if (error instanceof CodecError) throw chunks.corrupt(reference, error.message);
      throw error;
    }
  }
}

function overlaps(entry: SeriesEntry, chunk: number, range: TimeRange): boolean {
  return entry.minTimesMs[chunk]! <= range.maxTimeMs && entry.maxTimesMs[chunk]! >= range.minTimeMs;
}

function columnLike(column: SampleColumn): SampleColumn {
  return newSampleColumn(128, { histograms: column.histograms !== null, startTimes: column.startTimesMs !== null });
}

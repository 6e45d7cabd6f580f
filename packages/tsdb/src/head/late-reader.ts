import { newSampleColumn, type SampleColumn } from "@tatou/model";
import { keepRange, type TimeRange } from "../block/deleted-ranges.ts";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { appendSamples, clearSamples, mergeSamples } from "../query/sample-columns.ts";
import type { ReadFileChunk } from "./entry-reader.ts";
import { isFileChunk, type LateSnapshot } from "./late-samples.ts";

/** Puts samples that came out of order between those that came in order. */
export class LateReader {
  readonly #readFileChunk: ReadFileChunk;
  readonly #decoder = new ChunkDecoder();

  constructor(readFileChunk: ReadFileChunk) {
    this.#readFileChunk = readFileChunk;
  }

  /**
   * Adds the late samples in a range to a column, which holds those in order. Of two of one time, the one in order stays.
   *
   * @throws {HeadChunkCorruptError}
   * @throws {CodecError}
   */
  addTo(column: SampleColumn, { column: open, chunks }: LateSnapshot, range: TimeRange): void {
    const parts = { histograms: column.histograms !== null, startTimes: column.startTimesMs !== null };
    const late = newSampleColumn(128, parts);
    const merged = newSampleColumn(column.count + 128, parts);
    const take = (): void => {
      keepRange(late, 0, range);
      if (late.count === 0) return;
      mergeSamples(column, late, merged);
      clearSamples(column);
      appendSamples(column, merged);
      clearSamples(late);
    };
    for (const chunk of chunks) {
      if (chunk.maxTimeMs < range.minTimeMs || chunk.minTimeMs > range.maxTimeMs) continue;
      this.#decoder.decodeInto(isFileChunk(chunk) ? this.#readFileChunk(chunk.file, chunk.offset) : chunk, late);
      take();
    }
    for (let index = 0; index < open.count; index++) {
      // Without histograms, they are left out of the answer, as when a chunk is decoded.
      if (parts.histograms || open.histograms![index] === undefined) appendSamples(late, open, index, index + 1);
    }
    take();
  }
}

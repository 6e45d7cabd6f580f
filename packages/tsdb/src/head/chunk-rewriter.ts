import { newSampleColumn } from "@tatou/model";
import { removeRanges, type TimeRange } from "../block/deleted-ranges.ts";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";

/** As many as a chunk may hold: samples are only left out, so one chunk stays one. */
const samplesMax = 0xffff;

/** Writes chunks anew when samples of them are left out. */
export class ChunkRewriter {
  readonly #decoder = new ChunkDecoder();
  readonly #encoder = new ChunkEncoder();
  readonly #column = newSampleColumn(128, { histograms: true, startTimes: true });

  /** The chunk without the samples in the ranges; none at all when no sample is left. */
  without(chunk: ChunkData, ranges: readonly TimeRange[]): ChunkData[] {
    const column = this.#column;
    column.count = 0;
    this.#decoder.decodeInto(chunk, column);
    removeRanges(column, ranges);
    return this.#encoder.encodeColumn(column, { samplesMax, isBestWindows: false, keepStartTimes: true });
  }
}

import { CodecError, XorDecoder } from "@tatou/kernels";
import { growSampleColumn, type SampleColumn, writeStaleMarker } from "@tatou/model";
import type { ChunkSlice } from "./chunk-data.ts";
import { chunkEncoding } from "./chunk-encoding.ts";
import { chunkSampleCount } from "./chunk-sample-count.ts";
import { HistogramChunkReader } from "./histogram-chunk-reader.ts";
import { Xor2Decoder } from "./xor2-decoder.ts";

/** Decodes chunk after chunk. Keeps buffers, so one serves many reads. */
export class ChunkDecoder {
  readonly #floats = new XorDecoder();
  readonly #xor2 = new Xor2Decoder();
  readonly #histograms = new HistogramChunkReader();

  /**
   * Adds the samples of a chunk to the end of a column. Histograms are left out of a column that doesn't ask for them; the
   * staleness markers among them are not.
   *
   * @throws {CodecError} the chunk is damaged; then the column is as it was
   */
  decodeInto(slice: ChunkSlice, column: SampleColumn): void {
    const countBefore = column.count;
    // A column that was used before may have more of them than samples.
    if (column.histograms !== null) column.histograms.length = Math.min(column.histograms.length, countBefore);
    try {
      this.#decode(slice, column);
    } catch (error) {
      column.count = countBefore;
      if (column.histograms !== null) column.histograms.length = Math.min(column.histograms.length, countBefore);
      throw error;
    }
  }

  #decode(slice: ChunkSlice, column: SampleColumn): void {
    switch (slice.encoding) {
      case chunkEncoding.xor:
        return this.#decodeFloats(slice, column);
      case chunkEncoding.xor2:
        return this.#xor2.decodeInto(slice, column);
      case chunkEncoding.histogram:
      case chunkEncoding.floatHistogram:
      case chunkEncoding.histogramWithStartTimes:
      case chunkEncoding.floatHistogramWithStartTimes:
        return this.#decodeHistograms(slice, column);
    }
    throw new CodecError(`Cannot read a chunk: found encoding ${String(slice.encoding)}, expected 1 to 6`);
  }

  #decodeFloats(slice: ChunkSlice, column: SampleColumn): void {
    const { bytes, startByte = 0, endByte = bytes.length } = slice;
    if (endByte - startByte < 2) throw new CodecError("Cannot read a chunk: it ends early");
    const held = chunkSampleCount(slice.encoding, bytes, startByte);
    const count = this.#floats.decode(bytes, startByte, endByte, Math.min(slice.sampleCount ?? held, held));
    const start = column.count;
    growSampleColumn(column, start + count);
    column.timesMs.set(this.#floats.timesMs.subarray(0, count), start);
    column.values.set(this.#floats.values.subarray(0, count), start);
    column.startTimesMs?.fill(0, start, start + count);
    column.count = start + count;
  }

  #decodeHistograms(slice: ChunkSlice, column: SampleColumn): void {
    const reader = this.#histograms;
    reader.open(slice);
    while (reader.next()) {
      if (!reader.isStale && column.histograms === null) continue;
      const index = column.count;
      growSampleColumn(column, index + 1);
      column.timesMs[index] = reader.timeMs;
      if (column.startTimesMs !== null) column.startTimesMs[index] = reader.startTimeMs;
      if (reader.isStale) writeStaleMarker(column.values, index);
      else {
        column.values[index] = 0;
        column.histograms![index] = reader.histogram();
      }
      column.count = index + 1;
    }
  }
}

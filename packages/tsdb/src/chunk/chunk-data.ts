import type { ChunkEncoding } from "./chunk-encoding.ts";

/** A finished chunk of one series. */
export interface ChunkData {
  readonly encoding: ChunkEncoding;
  /** Of its first and last sample, both inclusive. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** The samples alone: without the length, the encoding byte and the checksum that stand around them in files. */
  readonly bytes: Uint8Array;
}

/** Where a chunk stands in memory; a ChunkData is one too. */
export interface ChunkSlice {
  readonly encoding: ChunkEncoding;
  readonly bytes: Uint8Array;
  /** The chunk is bytes[startByte, endByte): all of them unless said otherwise. */
  readonly startByte?: number;
  readonly endByte?: number;
  /** Samples to read when it is less than the chunk holds: a reader beside a writer passes the count it was told. */
  readonly sampleCount?: number;
}

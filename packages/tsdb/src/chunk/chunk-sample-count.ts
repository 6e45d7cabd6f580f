import { type ChunkEncoding, chunkEncoding } from "./chunk-encoding.ts";

/** Most samples that a chunk can count. */
export function chunkSampleCountMax(encoding: ChunkEncoding): number {
  // Histogram chunks with start times keep the counter reset in the first two bits.
  return encoding >= chunkEncoding.histogramWithStartTimes ? 0x3fff : 0xffff;
}

/** How many samples the chunk that begins at `startByte` says it holds; it must have two bytes at least. */
export function chunkSampleCount(encoding: ChunkEncoding, bytes: Uint8Array, startByte = 0): number {
  return ((bytes[startByte]! << 8) | bytes[startByte + 1]!) & chunkSampleCountMax(encoding);
}

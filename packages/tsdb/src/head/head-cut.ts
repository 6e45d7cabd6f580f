/**
 * A stretch of the head, ready to be written as a block by another thread: numbers and shared memory only. The chunks in
 * it do not change any more, and are not freed until `release` of the store that made it.
 */
export interface HeadCut {
  /** The cut covers [startMs, endMs). */
  readonly startMs: number;
  readonly endMs: number;
  /** The arena; addresses below are offsets in it. */
  readonly memory: SharedArrayBuffer;
  /** UTF-8 of each symbol: address and length in bytes, by symbol. */
  readonly symbolAddresses: Uint32Array;
  readonly symbolLengths: Uint32Array;
  /** Name and value symbol of each label pair, by pair. */
  readonly pairNames: Uint32Array;
  readonly pairValues: Uint32Array;
  /** Per series, in no order: where its pairs stand in the arena (byte address), and how many they are. */
  readonly seriesPairAddresses: Uint32Array;
  readonly seriesPairCounts: Uint16Array;
  /** Per series, and one more: index of its first chunk in the columns below. A series' chunks ascend by time. */
  readonly seriesFirstChunks: Uint32Array;
  /** Per chunk: encoding, sample count (0: what the chunk says), times (inclusive). */
  readonly chunkEncodings: Uint8Array;
  readonly chunkSampleCounts: Uint16Array;
  readonly chunkMinTimesMs: Float64Array;
  readonly chunkMaxTimesMs: Float64Array;
  /**
   * Per chunk: where its bytes are. In the arena: file number 0, address of the first slab (see slabs.ts) and size. In
   * chunks_head: the file's number, the offset in it, and size 0. Else: `looseChunks` as file number, index among those.
   */
  readonly chunkFiles: Uint32Array;
  readonly chunkAddresses: Uint32Array;
  readonly chunkSizesBytes: Uint32Array;
  readonly chunksHeadDirectory: string;
  /** Chunks of histograms that are in no file yet. */
  readonly looseChunks: readonly Uint8Array[];
  /** Deleted stretches: series (index in the columns above), times (inclusive). */
  readonly tombstones: readonly { readonly series: number; readonly minTimeMs: number; readonly maxTimeMs: number }[];
}

/** Stands for the file number of chunks that come along with the cut. */
export const looseChunks = 0xffff_ffff;

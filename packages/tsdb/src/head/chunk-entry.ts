import type { Arena } from "./arena.ts";

/**
 * What the head keeps of a chunk: an entry of 32 bytes in the arena, chained per series from new to old. The samples
 * themselves are in slabs of the arena (see slabs.ts) or in a file of chunks_head.
 *
 *   word  0    address of the next older entry; of the oldest one that is left it may lead nowhere, see olderEntry
 *         1    encoding (lowest byte) and flags
 *         2-3  time of the first sample (float64)
 *         4-5  time of the last sample (float64); in an open chunk: not yet written
 *         6    in the arena: address of the first slab; in a file: the file's number
 *         7    in the arena: size in bytes, 0 while the chunk is open; in a file: the offset in it
 */
export const entrySizeBytes = 32;

/** Words from the entry's first one. */
export const entryWord = { older: 0, kind: 1, place: 6, size: 7 } as const;
/** Floats from the entry's first one. */
export const entryFloat = { minTime: 1, maxTime: 2 } as const;

export const entryKind = {
  encodingMask: 0xff,
  inFile: 0x100,
  /** Neither in a file nor in the arena: see histogram-store.ts. */
  isHistogram: 0x200,
} as const;

/**
 * The next older entry; 0 behind the one that the oldest sample left is in. The link of that one is not taken back when
 * what is older goes, because open selections still follow it.
 */
export function olderEntry({ words, floats }: Arena, entry: number, oldestTimeMs: number): number {
  return floats[(entry >>> 3) + entryFloat.minTime]! <= oldestTimeMs ? 0 : words[entry >>> 2]!;
}

import type { Arena } from "./arena.ts";
import { withRoomFor } from "./columns.ts";

/**
 * One record of 64 bytes per series, in the arena, in pages of 256 records. A series' number (its ref) is given out once
 * and never again, so a ref that is kept too long finds nothing instead of another series. Pages whose series are all
 * gone are given back.
 *
 *   word  0-1  last time (float64), -Infinity before the first sample
 *         2-3  time of the oldest sample kept (float64), +Infinity while there is none
 *         4,5  last value: high word, low word
 *         6    entry of the newest chunk; they are chained from new to old, see chunk-entry.ts
 *         7    bit position in the newest chunk (high half), samples in it (low half); 0 while it is not open
 *         8    last delta in ms; fits, because a chunk spans two hours at most
 *         9    address of the label pairs
 *        10    number of label pairs (high half), leading zeros, trailing zeros
 *        11    hash of the label pairs
 *        12    batch that touched the series last
 *        13    position of its last sample in that batch
 *        14    flags (low half), number of its metadata
 *        15    last slab of the newest chunk, while it is open
 */
export const seriesField = {
  lastTime: 0,
  oldestTime: 1,
  valueHigh: 4,
  valueLow: 5,
  newestChunk: 6,
  bitPositionAndCount: 7,
  delta: 8,
  pairs: 9,
  pairCountAndWindow: 10,
  hash: 11,
  batch: 12,
  batchIndex: 13,
  flags: 14,
  lastSlab: 15,
} as const;

export const seriesFlag = {
  live: 1,
  /** It had no samples when the head was truncated last, */
  idle: 2,
  /** It had samples that came out of order. */
  late: 4,
  /** It holds the sum of series for which there was no room. */
  fold: 8,
  /** and none at the truncation before. */
  longIdle: 16,
} as const;

const recordWords = 16;
const pageRecords = 256;
const pageShift = 8;
const pageSizeBytes = pageRecords * recordWords * 4;
/** The most labels that a series can have: their number is kept in 16 bits. */
export const labelCountMax = 65535;
/** Refs are 32-bit here; that is four thousand million series in the life of one log. */
export const seriesRefMax = 0xffff_fffe;

export class SeriesTable {
  readonly #arena: Arena;
  /** First word of each page; 0 where there is none. */
  #pages = new Uint32Array(64);
  #pageLiveCounts = new Uint32Array(64);
  #nextRef = 1;
  #count = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get count(): number {
    return this.#count;
  }

  /** The ref that `create` gives out next; all refs in use are below. */
  get nextRef(): number {
    return this.#nextRef;
  }

  /** Keeps refs up to this one from being given out: they are used in a log that was read. */
  skipTo(ref: number): void {
    this.#nextRef = Math.max(this.#nextRef, ref + 1);
  }

  /** First word of a series' record in `arena.words`; the same for the life of the series. */
  recordOf(ref: number): number {
    return this.#pages[ref >>> pageShift]! + (ref & (pageRecords - 1)) * recordWords;
  }

  /** The same for any number; 0 when it is not the ref of a series. */
  liveRecordOf(ref: number): number {
    if (!(ref > 0 && ref < this.#nextRef)) return 0;
    const page = this.#pages[ref >>> pageShift] ?? 0;
    if (page === 0) return 0;
    const record = page + (ref & (pageRecords - 1)) * recordWords;
    return (this.#arena.words[record + seriesField.flags]! & seriesFlag.live) === 0 ? 0 : record;
  }

  isLive(ref: number): boolean {
    return this.liveRecordOf(ref) !== 0;
  }

  markFold(ref: number): void {
    this.#arena.words[this.recordOf(ref) + seriesField.flags]! |= seriesFlag.fold;
  }

  isFold(ref: number): boolean {
    return (this.#arena.words[this.recordOf(ref) + seriesField.flags]! & seriesFlag.fold) !== 0;
  }

  /** Takes a ref for a series with these label pairs. @param pairs in the order of the labels */
  create(ref: number, pairs: Uint32Array, hash: number): void {
    const record = this.#openRecord(ref);
    const pairsAddress = this.#arena.allocate(Math.max(1, pairs.length) * 4);
    const { words, floats } = this.#arena;
    words.set(pairs, pairsAddress >>> 2);
    words.fill(0, record, record + recordWords);
    floats[(record >>> 1) + seriesField.lastTime] = Number.NEGATIVE_INFINITY;
    floats[(record >>> 1) + seriesField.oldestTime] = Number.POSITIVE_INFINITY;
    words[record + seriesField.pairs] = pairsAddress;
    words[record + seriesField.pairCountAndWindow] = pairs.length << 16;
    words[record + seriesField.hash] = hash;
    words[record + seriesField.flags] = seriesFlag.live;
    this.skipTo(ref);
    this.#count++;
  }

  /** The label pairs of a series; valid until the next change. */
  pairsOf(ref: number): Uint32Array {
    const { words } = this.#arena;
    const record = this.recordOf(ref);
    const start = words[record + seriesField.pairs]! >>> 2;
    return words.subarray(start, start + (words[record + seriesField.pairCountAndWindow]! >>> 16));
  }

  remove(ref: number): void {
    const { words } = this.#arena;
    const record = this.recordOf(ref);
    this.#arena.release(words[record + seriesField.pairs]!, Math.max(1, this.pairsOf(ref).length) * 4);
    words[record + seriesField.flags] = 0;
    this.#count--;
    const page = ref >>> pageShift;
    if (--this.#pageLiveCounts[page]! > 0) return;
    this.#arena.release(this.#pages[page]! * 4, pageSizeBytes);
    this.#pages[page] = 0;
  }

  /** The refs in use from one on, ascending. */
  refs(fromRef = 0): Uint32Array {
    const refs = new Uint32Array(this.#count);
    let count = 0;
    for (let page = fromRef >>> pageShift; page * pageRecords < this.#nextRef && page < this.#pages.length; page++) {
      if (this.#pages[page] === 0) continue;
      const first = page * pageRecords;
      for (let ref = Math.max(first, fromRef); ref < first + pageRecords; ref++) {
        if (this.isLive(ref)) refs[count++] = ref;
      }
    }
    return refs.subarray(0, count);
  }

  #openRecord(ref: number): number {
    const page = ref >>> pageShift;
    this.#pages = withRoomFor(this.#pages, page);
    this.#pageLiveCounts = withRoomFor(this.#pageLiveCounts, page);
    if (this.#pages[page] === 0) {
      const start = this.#arena.allocate(pageSizeBytes) >>> 2;
      this.#arena.words.fill(0, start, start + pageSizeBytes / 4);
      this.#pages[page] = start;
    }
    this.#pageLiveCounts[page]!++;
    return this.recordOf(ref);
  }
}

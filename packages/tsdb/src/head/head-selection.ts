import { CodecError, XorDecoder } from "@tatou/kernels";
import { assert, growSampleColumn, type Labels, type SampleColumn, type SeriesSelection } from "@tatou/model";
import type { Arena } from "./arena.ts";
import type { Epochs, Generation } from "./epochs.ts";
import type { LabelIndex } from "./label-index.ts";
import { chunkHeaderBytes } from "./sample-store.ts";
import { seriesField } from "./series-table.ts";
import type { Tombstones } from "./tombstones.ts";

/** What all selections of one head share. */
export interface HeadReader {
  readonly arena: Arena;
  readonly epochs: Epochs;
  readonly index: LabelIndex;
  readonly tombstones: Tombstones;
}

/** Both inclusive. */
export interface TimeRange {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/**
 * Series of the head as they were at one moment: per series the address of its newest chunk and the number of samples in
 * it (see sample-store.ts). Commits that come later don't change what is read, so a query never sees half a scrape.
 */
export class HeadSelection implements SeriesSelection {
  readonly seriesCount: number;
  readonly #reader: HeadReader;
  readonly #range: TimeRange;
  readonly #refs: Uint32Array;
  /** Per series: newest chunk, samples in it, last time. */
  readonly #newestChunks: Uint32Array;
  readonly #newestCounts: Uint16Array;
  readonly #lastTimesMs: Float64Array;
  readonly #generation: Generation;
  #open = true;

  /** @param refs sorted by labels; the selection keeps the array */
  constructor(reader: HeadReader, refs: Uint32Array, range: TimeRange) {
    this.#reader = reader;
    this.#refs = refs;
    this.#range = range;
    this.seriesCount = refs.length;
    this.#newestChunks = new Uint32Array(refs.length);
    this.#newestCounts = new Uint16Array(refs.length);
    this.#lastTimesMs = new Float64Array(refs.length);
    const { words, floats } = reader.arena;
    for (let index = 0; index < refs.length; index++) {
      const record = reader.index.series.recordOf(refs[index]!);
      this.#newestChunks[index] = words[record + seriesField.newestChunk]!;
      this.#newestCounts[index] = words[record + seriesField.bitPositionAndCount]! & 0xffff;
      this.#lastTimesMs[index] = floats[(record >>> 1) + seriesField.lastTime]!;
    }
    this.#generation = reader.epochs.enter();
  }

  labelsAt(index: number): Labels {
    assert(this.#open, "a selection is read before it is closed");
    const ref = this.#refs[index]!;
    assert(this.#reader.index.series.isLive(ref), "a selection is closed within a few rounds of maintenance");
    return this.#reader.index.labelsOf(ref);
  }

  readSamples(index: number, column: SampleColumn): void {
    assert(this.#open, "a selection is read before it is closed");
    column.count = 0;
    const newest = this.#newestChunks[index]!;
    if (newest === 0) return;
    const { words } = this.#reader.arena;
    const chunks = chunksInRange(this.#reader.arena, newest, this.#lastTimesMs[index]!, this.#range);
    for (let position = chunks.length - 1; position >= 0; position--) {
      const address = chunks[position]!;
      const endByte = address + words[(address >>> 2) + 1]!;
      const count = address === newest ? this.#newestCounts[index]! : sampleCountOf(this.#reader.arena, address);
      decoder.decode(this.#reader.arena.bytes, address + chunkHeaderBytes, endByte, count);
      appendRange(column, count, this.#range);
    }
    this.#reader.tombstones.apply(this.#refs[index]!, column);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#reader.epochs.leave(this.#generation);
  }
}

const decoder = new XorDecoder();

/** Addresses of the chunks that overlap the range, newest first. */
function chunksInRange(arena: Arena, newest: number, lastTimeMs: number, range: TimeRange): number[] {
  const { words, floats } = arena;
  const chunks: number[] = [];
  let chunkLastTimeMs = lastTimeMs;
  for (let address = newest; address !== 0 && chunkLastTimeMs >= range.minTimeMs; ) {
    if (floats[(address >>> 3) + 1]! <= range.maxTimeMs) chunks.push(address);
    address = words[address >>> 2]!;
    chunkLastTimeMs = floats[(address >>> 3) + 2]!;
  }
  return chunks;
}

function sampleCountOf(arena: Arena, address: number): number {
  const count = (arena.bytes[address + chunkHeaderBytes]! << 8) | arena.bytes[address + chunkHeaderBytes + 1]!;
  if (count === 0) throw new CodecError("Cannot read a chunk: it has no samples");
  return count;
}

/** Moves the decoder's samples that lie in the range to the end of the column. */
function appendRange(column: SampleColumn, count: number, range: TimeRange): void {
  const { timesMs, values } = decoder;
  let start = 0;
  let end = count;
  // Only the first and the last chunk of a range are cut.
  while (start < end && timesMs[start]! < range.minTimeMs) start++;
  while (end > start && timesMs[end - 1]! > range.maxTimeMs) end--;
  growSampleColumn(column, column.count + end - start);
  column.timesMs.set(timesMs.subarray(start, end), column.count);
  column.values.set(values.subarray(start, end), column.count);
  column.count += end - start;
}

/**
 * Samples of the head: XOR chunks in the arena, chained per series from new to old.
 *
 *   block of a chunk:  word 0    address of the next older chunk, 0 for none
 *                           1    size of the block in bytes
 *                           2-3  time of its first sample (float64)
 *                           4-5  time of its last sample (float64); in the newest chunk: not yet written
 *                      byte 24   the chunk itself, see docs/format/xor-chunk.md
 *
 * The newest chunk grows through a few block sizes and is trimmed to fit when it is full. A chunk takes about 120 samples
 * and ends at each multiple of two hours, so that a block of two hours can later be cut out of the head without encoding
 * anything again.
 *
 * What a reader needs is the address of the newest chunk and the number of samples in it: bits once written stay as they
 * are, a chunk that moves leaves its old block to the readers that hold it (see Epochs), so the pair is a snapshot.
 *
 * Hot: `append` runs once per sample.
 */
import { XorEncoder, xorSampleSizeMaxBytes } from "@tatou/kernels";
import { assert } from "@tatou/model";
import { type Arena, blockSizeBytes, chunkBlockSizeMinBytes } from "./arena.ts";
import type { Epochs } from "./epochs.ts";
import { seriesField } from "./series-table.ts";

export const chunkHeaderBytes = 24;
const samplesPerChunk = 120;
/** Blocks are aligned to this, and so are chunks: the window of a block of Prometheus. */
const chunkWindowMs = 2 * 60 * 60 * 1000;
/** A chunk of values that don't compress ends before its block, header included, would be larger. */
const chunkBlockSizeMaxBytes = 1024;
/** Sizes of the newest chunk's block; a counter that moves now and then ends in the third or fourth. */
const growthBytes = [chunkBlockSizeMinBytes, 112, 192, 304, 432, 624, 832, chunkBlockSizeMaxBytes];
/** Room asked for beyond the smallest block per sample, so that chunks can grow to a useful size. */
const growthFactor = 4;

const field = seriesField;

export class SampleStore {
  readonly #arena: Arena;
  readonly #epochs: Epochs;
  readonly #encoder = new XorEncoder();
  #reservedBlocks = 0;
  #windowStartMs = 0;
  #chunkCount = 0;

  constructor(arena: Arena, epochs: Epochs) {
    this.#arena = arena;
    this.#epochs = epochs;
  }

  get chunkCount(): number {
    return this.#chunkCount;
  }

  /**
   * Keeps blocks for so many samples: from now on, chunks don't grow at their cost.
   *
   * @returns false when there are not that many; then memory has to be freed first
   */
  reserve(sampleCount: number): boolean {
    this.#reservedBlocks = sampleCount;
    return this.#arena.chunkBlocksLeft >= sampleCount * growthFactor;
  }

  /**
   * Adds a sample that is newer than the series' last one. A block must be reserved for it.
   *
   * @param record first word of the series' record
   */
  append(record: number, timestampMs: number, high: number, low: number): void {
    const encoder = this.#encoder;
    const { words, floats } = this.#arena;
    const lastTimeMs = floats[(record >>> 1) + field.lastTime]!;
    const position = words[record + field.bitPositionAndCount]!;
    const count = position & 0xffff;
    if (count === 0 || this.#isFull(position, lastTimeMs, timestampMs) || !this.#hasRoom(record, position)) {
      this.#beginChunk(record, timestampMs);
    } else this.#load(record, lastTimeMs);
    encoder.append(timestampMs, high, low);
    this.#keep(record);
  }

  /** Drops chunks of which every sample is older; returns whether samples are left. */
  dropBefore(record: number, minTimeMs: number): boolean {
    const { words, floats } = this.#arena;
    if (floats[(record >>> 1) + field.oldestTime]! >= minTimeMs) return words[record + field.newestChunk] !== 0;
    if (floats[(record >>> 1) + field.lastTime]! < minTimeMs) {
      this.dropAll(record);
      return false;
    }
    let kept = words[record + field.newestChunk]!;
    let older = words[kept >>> 2]!;
    while (older !== 0 && floats[(older >>> 3) + 2]! >= minTimeMs) {
      kept = older;
      older = words[kept >>> 2]!;
    }
    words[kept >>> 2] = 0;
    this.#releaseChain(older);
    floats[(record >>> 1) + field.oldestTime] = floats[(kept >>> 3) + 1]!;
    return true;
  }

  /** Drops all samples; the last time stays, so that older ones are still refused. */
  dropAll(record: number): void {
    const { words, floats } = this.#arena;
    this.#releaseChain(words[record + field.newestChunk]!);
    words[record + field.newestChunk] = 0;
    words[record + field.bitPositionAndCount] = 0;
    floats[(record >>> 1) + field.oldestTime] = Number.POSITIVE_INFINITY;
  }

  #isFull(position: number, lastTimeMs: number, timestampMs: number): boolean {
    return (
      (position & 0xffff) >= samplesPerChunk ||
      chunkHeaderBytes + (position >>> 19) + xorSampleSizeMaxBytes > chunkBlockSizeMaxBytes ||
      lastTimeMs < this.#windowStartOf(timestampMs)
    );
  }

  /** The multiple of two hours at or before a time; all samples of a scrape have the same one. */
  #windowStartOf(timestampMs: number): number {
    if (timestampMs < this.#windowStartMs || timestampMs >= this.#windowStartMs + chunkWindowMs) {
      this.#windowStartMs = Math.floor(timestampMs / chunkWindowMs) * chunkWindowMs;
    }
    return this.#windowStartMs;
  }

  #beginChunk(record: number, timestampMs: number): void {
    const sizeBytes = chunkBlockSizeMinBytes;
    const address = this.#arena.allocateForChunk(sizeBytes);
    assert(address !== 0, "there is room for a sample that is appended");
    const { words, floats } = this.#arena;
    const older = words[record + field.newestChunk] === 0 ? 0 : this.#trim(record);
    words[address >>> 2] = older;
    words[(address >>> 2) + 1] = sizeBytes;
    floats[(address >>> 3) + 1] = timestampMs;
    words[record + field.newestChunk] = address;
    words[record + field.newestChunkSizeBytes] = sizeBytes;
    if (older === 0) floats[(record >>> 1) + field.oldestTime] = timestampMs;
    this.#encoder.bytes = this.#arena.bytes;
    this.#encoder.begin(address + chunkHeaderBytes);
    this.#chunkCount++;
  }

  /** Ends the newest chunk; moves it into a block that fits when that saves memory. @returns its address */
  #trim(record: number): number {
    const { words, floats } = this.#arena;
    const address = words[record + field.newestChunk]!;
    floats[(address >>> 3) + 2] = floats[(record >>> 1) + field.lastTime]!;
    const usedBytes = chunkHeaderBytes + (((words[record + field.bitPositionAndCount]! >>> 16) + 7) >>> 3);
    const fittingBytes = Math.max(chunkBlockSizeMinBytes, blockSizeBytes(usedBytes));
    if (fittingBytes >= words[(address >>> 2) + 1]!) return address;
    const moved = this.#move(address, fittingBytes);
    return moved === 0 ? address : moved;
  }

  /** Sees to it that the newest chunk has room for one more sample; false when memory doesn't allow it. */
  #hasRoom(record: number, position: number): boolean {
    const { words } = this.#arena;
    const neededBytes = chunkHeaderBytes + (position >>> 19) + xorSampleSizeMaxBytes;
    if (neededBytes <= words[record + field.newestChunkSizeBytes]!) return true;
    const sizeBytes = growthBytes.find((size) => size >= neededBytes) ?? chunkBlockSizeMaxBytes;
    const moved = this.#move(words[record + field.newestChunk]!, sizeBytes);
    if (moved === 0) return false;
    const { words: wordsNow } = this.#arena;
    wordsNow[record + field.newestChunk] = moved;
    wordsNow[record + field.newestChunkSizeBytes] = sizeBytes;
    return true;
  }

  /** Copies a chunk into a block of another size; 0 when there is none. */
  #move(address: number, sizeBytes: number): number {
    // The old block may be in use by readers, so it is not counted on.
    if (this.#arena.chunkBlocksLeft - sizeBytes / chunkBlockSizeMinBytes < this.#reservedBlocks) return 0;
    const moved = this.#arena.allocateForChunk(sizeBytes);
    if (moved === 0) return 0;
    const { bytes, words } = this.#arena;
    const oldSizeBytes = words[(address >>> 2) + 1]!;
    bytes.copyWithin(moved, address, address + Math.min(sizeBytes, oldSizeBytes));
    words[(moved >>> 2) + 1] = sizeBytes;
    this.#epochs.release(address, oldSizeBytes);
    return moved;
  }

  #releaseChain(newest: number): void {
    const { words } = this.#arena;
    for (let address = newest; address !== 0; ) {
      const older = words[address >>> 2]!;
      this.#epochs.release(address, words[(address >>> 2) + 1]!);
      this.#chunkCount--;
      address = older;
    }
  }

  /** Sets the encoder to go on with the newest chunk. */
  #load(record: number, lastTimeMs: number): void {
    const encoder = this.#encoder;
    const { bytes, words } = this.#arena;
    const position = words[record + field.bitPositionAndCount]!;
    const window = words[record + field.pairCountAndWindow]!;
    encoder.bytes = bytes;
    encoder.startByte = words[record + field.newestChunk]! + chunkHeaderBytes;
    encoder.bitPosition = position >>> 16;
    encoder.count = position & 0xffff;
    encoder.timestampMs = lastTimeMs;
    encoder.deltaMs = words[record + field.delta]!;
    encoder.valueHigh = words[record + field.valueHigh]! | 0;
    encoder.valueLow = words[record + field.valueLow]! | 0;
    encoder.leadingZeros = (window >>> 8) & 255;
    encoder.trailingZeros = window & 255;
  }

  #keep(record: number): void {
    const encoder = this.#encoder;
    const { words, floats } = this.#arena;
    floats[(record >>> 1) + field.lastTime] = encoder.timestampMs;
    words[record + field.bitPositionAndCount] = (encoder.bitPosition << 16) | encoder.count;
    words[record + field.delta] = encoder.deltaMs;
    words[record + field.valueHigh] = encoder.valueHigh;
    words[record + field.valueLow] = encoder.valueLow;
    const pairCount = words[record + field.pairCountAndWindow]! & 0xffff_0000;
    words[record + field.pairCountAndWindow] = pairCount | (encoder.leadingZeros << 8) | encoder.trailingZeros;
  }
}

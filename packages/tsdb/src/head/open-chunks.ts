/**
 * The open XOR chunk of each series, which grows in slabs. What its encoder has to know from sample to sample is kept in the
 * series' record, a line of the processor's cache.
 *
 * Most samples come at the distance of the one before: their bits are put together here, in the format of
 * docs/format/xor-chunk.md, and written in whole words. The others, and those for which their slab has no room, go through
 * the encoder of @tatou/kernels; the bits are the same.
 *
 * Hot: runs once per sample.
 */
import { leadingZerosOf, trailingZerosOf, XorEncoder, xorSampleSizeMaxBytes } from "@tatou/kernels";
import type { SampleRows } from "../wal/sample-record.ts";
import type { Arena } from "./arena.ts";
import { seriesField } from "./series-table.ts";
import { type Slabs, slabPayloadBytes } from "./slabs.ts";
import { highWordIndex, lowWordIndex } from "./words.ts";

/** The encoder's chunk begins here in the scratch: two bytes for its count, then what is copied. */
const scratchStart = 2;
/** To be added to a series' bit position and count. */
const twoBitsAndOneSample = (2 << 16) + 1;
/** Of a value: its window stays; a new one follows, of 5 bits and 6 bits. Both are behind the bit that says: the same distance. */
const sameWindowBits = 0b010;
const sameWindowSize = 3;
const newWindowBits = 0b011 << 11;
const newWindowSize = 14;

const field = seriesField;

export class OpenChunks {
  readonly #arena: Arena;
  readonly #slabs: Slabs;
  readonly #encoder = new XorEncoder();

  constructor(arena: Arena, slabs: Slabs) {
    this.#arena = arena;
    this.#slabs = slabs;
    this.#encoder.bytes = slabs.scratch;
  }

  /** Whether one more sample might make a chunk larger than it may be. @param position its bit position and count */
  isFull(position: number, sizeMaxBytes: number): boolean {
    return (position >>> 19) + xorSampleSizeMaxBytes > sizeMaxBytes;
  }

  /** Begins a chunk in an empty slab. */
  begin(record: number, slab: number): void {
    const { words } = this.#arena;
    const encoder = this.#encoder;
    words[record + field.lastSlab] = slab;
    encoder.begin(0);
    words[record + field.bitPositionAndCount] = encoder.bitPosition << 16;
    words[record + field.pairCountAndWindow] =
      (words[record + field.pairCountAndWindow]! & 0xffff_0000) | (encoder.leadingZeros << 8);
  }

  /** Adds the sample of a row to the open chunk of a series; there must be room for a slab. */
  append(record: number, rows: SampleRows, row: number): void {
    if (!this.#appendRegular(record, rows, row)) this.#encode(record, rows, row);
  }

  /** Adds a sample that comes at the distance of the one before. @returns false when it does not, or needs a new slab */
  #appendRegular(record: number, { timesMs, valueWords }: SampleRows, row: number): boolean {
    const { words, floats, view } = this.#arena;
    const position = words[record + field.bitPositionAndCount]!;
    if ((position & 0xffff) < 2) return false;
    const timeMs = timesMs[row]!;
    if (timeMs - floats[(record >>> 1) + field.lastTime]! !== words[record + field.delta]) return false;
    const start = position >>> 16;
    const used = start & 7;
    const high = valueWords[2 * row + highWordIndex]!;
    const low = valueWords[2 * row + lowWordIndex]!;
    const xorHigh = high ^ words[record + field.valueHigh]!;
    const xorLow = low ^ words[record + field.valueLow]!;
    if ((xorHigh | xorLow) === 0 && used !== 0 && used !== 7) {
      // Two zero bits, which stand there already in the byte that is begun: the chunk need not even be looked at.
      floats[(record >>> 1) + field.lastTime] = timeMs;
      words[record + field.bitPositionAndCount] = position + twoBitsAndOneSample;
      return true;
    }
    const inSlab = (start >>> 3) % slabPayloadBytes;
    // A slab that would begin here is not there yet.
    if (inSlab === 0 && used === 0) return false;
    let control = 0;
    let controlSize = 2;
    let leading = 0;
    let size = 0;
    if ((xorHigh | xorLow) !== 0) {
      const window = words[record + field.pairCountAndWindow]!;
      leading = (window >>> 8) & 255;
      let trailing = window & 255;
      const ownLeading = leadingZerosOf(xorHigh, xorLow);
      const ownTrailing = trailingZerosOf(xorHigh, xorLow);
      control = sameWindowBits;
      controlSize = sameWindowSize;
      // No XOR has as many zeros as stand there while there is no window.
      if (ownLeading < leading || ownTrailing < trailing) {
        leading = ownLeading;
        trailing = ownTrailing;
        control = newWindowBits | (leading << 6) | ((64 - leading - trailing) & 63);
        controlSize = newWindowSize;
      }
      size = 64 - leading - trailing;
      if (inSlab + ((used + controlSize + size + 31) >>> 5) * 4 > slabPayloadBytes) return false;
      words[record + field.pairCountAndWindow] = (window & 0xffff_0000) | (leading << 8) | trailing;
      words[record + field.valueHigh] = high;
      words[record + field.valueLow] = low;
    } else if (inSlab + 4 > slabPayloadBytes) return false;
    const address = words[record + field.lastSlab]! + inSlab;
    const before = used + controlSize;
    const begun = used === 0 ? 0 : view.getUint8(address) << 24;
    // The XOR without its leading zeros; behind its window, it has none but zeros.
    const first = leading === 0 ? xorHigh : (xorHigh << leading) | (xorLow >>> (32 - leading));
    const second = xorLow << leading;
    view.setInt32(address, begun | (control << (32 - before)) | (first >>> before));
    if (before + size > 32) view.setInt32(address + 4, (first << (32 - before)) | (second >>> before));
    if (before + size > 64) view.setInt32(address + 8, second << (32 - before));
    floats[(record >>> 1) + field.lastTime] = timeMs;
    words[record + field.bitPositionAndCount] = position + ((controlSize + size) << 16) + 1;
    return true;
  }

  #encode(record: number, { timesMs, valueWords }: SampleRows, row: number): void {
    const start = this.#load(record);
    this.#encoder.append(timesMs[row]!, valueWords[2 * row + highWordIndex]!, valueWords[2 * row + lowWordIndex]!);
    this.#keep(record, start);
  }

  /** Sets the encoder to go on with the open chunk. @returns the chunk's bit position */
  #load(record: number): number {
    const encoder = this.#encoder;
    const { words, floats, bytes } = this.#arena;
    const position = words[record + field.bitPositionAndCount]!;
    const window = words[record + field.pairCountAndWindow]!;
    const start = position >>> 16;
    // The scratch holds the byte that is begun, if one is; the rest of the chunk is not needed.
    if ((start & 7) !== 0) {
      const inSlab = (start >>> 3) % slabPayloadBytes;
      encoder.bytes[scratchStart] = bytes[words[record + field.lastSlab]! + inSlab]!;
    }
    encoder.bitPosition = 8 * scratchStart + (start & 7);
    encoder.count = position & 0xffff;
    encoder.timestampMs = floats[(record >>> 1) + field.lastTime]!;
    encoder.deltaMs = words[record + field.delta]!;
    encoder.valueHigh = words[record + field.valueHigh]! | 0;
    encoder.valueLow = words[record + field.valueLow]! | 0;
    encoder.leadingZeros = (window >>> 8) & 255;
    encoder.trailingZeros = window & 255;
    return start;
  }

  /** Takes over what the encoder wrote. @param start the chunk's bit position before */
  #keep(record: number, start: number): void {
    const encoder = this.#encoder;
    const begun = (start & 7) !== 0;
    const byteIndex = (start >>> 3) % slabPayloadBytes;
    // A byte that is not begun and would be the first of a slab is written behind the one before.
    const inSlab = byteIndex === 0 && !begun ? slabPayloadBytes : byteIndex;
    const lastSlab = this.#slabs.write(
      this.#arena.words[record + field.lastSlab]!,
      inSlab,
      scratchStart,
      (encoder.bitPosition + 7) >>> 3,
    );
    const { words, floats } = this.#arena;
    const position = start - (start & 7) + encoder.bitPosition - 8 * scratchStart;
    floats[(record >>> 1) + field.lastTime] = encoder.timestampMs;
    words[record + field.lastSlab] = lastSlab;
    words[record + field.bitPositionAndCount] = (position << 16) | encoder.count;
    words[record + field.delta] = encoder.deltaMs;
    words[record + field.valueHigh] = encoder.valueHigh;
    words[record + field.valueLow] = encoder.valueLow;
    const pairCount = words[record + field.pairCountAndWindow]! & 0xffff_0000;
    words[record + field.pairCountAndWindow] = pairCount | (encoder.leadingZeros << 8) | encoder.trailingZeros;
  }
}

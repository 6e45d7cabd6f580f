/**
 * Writes XOR chunks: float64 samples in the bit format of Prometheus (docs/format/xor-chunk.md).
 *
 *   0        2                                                       bits from here on
 *   ┌────────┬──────────────┬────────────┬────────────────┬─────────┬──────────────────┬─────────┬─ ─ ─
 *   │ count  │ time 0       │ value 0    │ time 1 - time 0│ value 1 │ delta of deltas  │ value 2 │ ...
 *   │ uint16 │ varint       │ 64 bits    │ uvarint        │ XORed   │ of time 2        │ XORed   │
 *   └────────┴──────────────┴────────────┴────────────────┴─────────┴──────────────────┴─────────┴─ ─ ─
 *
 *   delta of deltas D            XOR X of the value with the one before
 *     0     D = 0                  0                       X = 0
 *     10    14 bits                10  bits                the bits of X inside the last window
 *     110   17 bits                11  LLLLL SSSSSS bits   a new window: L leading zeros, S significant bits (0: 64)
 *     1110  20 bits
 *     1111  64 bits
 *
 * Hot: runs once per sample. Values travel as two 32-bit words, so there is no BigInt and no NaN changes its bits; the
 * encoder is a cursor whose fields the caller loads and keeps, so there is no object per chunk.
 */
import { leadingZerosOf, noWindow, trailingZerosOf } from "./xor-window.ts";
import { sameWindow } from "./xor-window-planner.ts";

const twoTo32 = 4294967296;
/** There is no plan for a sample's window. */
const unplanned = -2;

/** The most bytes one append may touch: 68 bits of time, 77 of value, what is left of a byte, and three bytes of overrun. */
export const xorSampleSizeMaxBytes = 24;

/** Appends to one chunk at a time. Set all fields to go on with another chunk; `begin` starts an empty one. */
export class XorEncoder {
  /** Where chunks lie; the chunk at hand begins at `startByte`. */
  bytes: Uint8Array = new Uint8Array(0);
  startByte = 0;
  /** Of the next bit, from the chunk's beginning. */
  bitPosition = 0;
  count = 0;
  timestampMs = 0;
  deltaMs = 0;
  valueHigh = 0;
  valueLow = 0;
  leadingZeros = noWindow;
  trailingZeros = 0;

  /** Starts an empty chunk; there must be room for two bytes. */
  begin(startByte: number): void {
    this.startByte = startByte;
    this.count = 0;
    this.bitPosition = 16;
    this.leadingZeros = noWindow;
    this.trailingZeros = 0;
    this.deltaMs = 0;
    this.#writeCount();
  }

  /** Bytes of the chunk so far. */
  get sizeBytes(): number {
    return (this.bitPosition + 7) >>> 3;
  }

  /**
   * Adds a sample. There must be room for xorSampleSizeMaxBytes from `bitPosition` on; bytes there may hold anything.
   *
   * @param timestampMs whole, above the last one
   * @param high the value's sign, exponent and upper bits; `low` the other 32
   * @param window what XorWindowPlanner planned for it; without a plan, a window is kept as long as values fit into it
   */
  append(timestampMs: number, high: number, low: number, window = unplanned): void {
    if (this.count > 1) {
      const deltaMs = timestampMs - this.timestampMs;
      const change = deltaMs - this.deltaMs;
      // Scrapes come at regular intervals, and regular means the same to the millisecond: a zero bit before that of the value.
      if (change !== 0) this.#deltaOfDelta(change);
      this.deltaMs = deltaMs;
      this.#value(high ^ this.valueHigh, low ^ this.valueLow, change === 0 ? 1 : 0, window);
    } else if (this.count === 0) {
      this.#bytewise(timestampMs >= 0 ? timestampMs * 2 : -timestampMs * 2 - 1);
      this.#bits32(high);
      this.#bits32(low);
    } else {
      this.deltaMs = timestampMs - this.timestampMs;
      this.#bytewise(this.deltaMs);
      this.#value(high ^ this.valueHigh, low ^ this.valueLow, 0, window);
    }
    this.timestampMs = timestampMs;
    this.valueHigh = high;
    this.valueLow = low;
    this.count++;
    this.#writeCount();
  }

  #writeCount(): void {
    this.bytes[this.startByte] = this.count >>> 8;
    this.bytes[this.startByte + 1] = this.count;
  }

  #deltaOfDelta(change: number): void {
    if (change >= -8191 && change <= 8192) this.#bits((0b10 << 14) | (change & 0x3fff), 16);
    else if (change >= -65535 && change <= 65536) this.#bits((0b110 << 17) | (change & 0x1ffff), 20);
    else if (change >= -524287 && change <= 524288) this.#bits((0b1110 << 20) | (change & 0xfffff), 24);
    else {
      const high = Math.floor(change / twoTo32);
      this.#bits(0b1111, 4);
      this.#bits32(high | 0);
      this.#bits32((change - high * twoTo32) | 0);
    }
  }

  /** @param zeros bits that are zero, to be written before */
  #value(xorHigh: number, xorLow: number, zeros: number, window: number): void {
    if ((xorHigh | xorLow) === 0) {
      this.#bits(0, zeros + 1);
      return;
    }
    if (window === unplanned ? this.#fits(xorHigh, xorLow) : window === sameWindow) this.#bits(0b10, zeros + 2);
    else {
      const leading = window === unplanned ? leadingZerosOf(xorHigh, xorLow) : window >>> 8;
      const trailing = window === unplanned ? trailingZerosOf(xorHigh, xorLow) : window & 255;
      this.leadingZeros = leading;
      this.trailingZeros = trailing;
      this.#bits((0b11 << 11) | (leading << 6) | ((64 - leading - trailing) & 63), zeros + 13);
    }
    this.#significant(xorHigh, xorLow);
  }

  #fits(xorHigh: number, xorLow: number): boolean {
    return (
      this.leadingZeros !== noWindow &&
      leadingZerosOf(xorHigh, xorLow) >= this.leadingZeros &&
      trailingZerosOf(xorHigh, xorLow) >= this.trailingZeros
    );
  }

  /** The bits of the XOR inside the window. */
  #significant(xorHigh: number, xorLow: number): void {
    const shift = this.trailingZeros;
    let high = 0;
    let low = xorLow;
    if (shift >= 32) low = xorHigh >>> (shift - 32);
    else if (shift > 0) {
      low = (xorLow >>> shift) | (xorHigh << (32 - shift));
      high = xorHigh >>> shift;
    } else high = xorHigh;
    const size = 64 - this.leadingZeros - shift;
    if (size > 32) {
      this.#bitsUpTo32(high, size - 32);
      this.#bits32(low);
    } else this.#bitsUpTo32(low, size);
  }

  #bitsUpTo32(value: number, size: number): void {
    if (size <= 24) this.#bits(value & (0xffffff >>> (24 - size)), size);
    else {
      this.#bits((value >>> 16) & (0xffff >>> (32 - size)), size - 16);
      this.#bits(value & 0xffff, 16);
    }
  }

  #bits32(value: number): void {
    this.#bits(value >>> 16, 16);
    this.#bits(value & 0xffff, 16);
  }

  /**
   * Writes up to 24 bits. Together with the bits before them in their first byte these are 31 at most, so the byte of the
   * next bit is always written too, and zero behind it: that is what lets the next call or into it.
   */
  #bits(value: number, size: number): void {
    const { bytes, bitPosition } = this;
    const index = this.startByte + (bitPosition >>> 3);
    const used = bitPosition & 7;
    const word = (value << (32 - size)) >>> used;
    bytes[index] = used === 0 ? word >>> 24 : bytes[index]! | (word >>> 24);
    bytes[index + 1] = word >>> 16;
    bytes[index + 2] = word >>> 8;
    bytes[index + 3] = word;
    this.bitPosition = bitPosition + size;
  }

  /** A uvarint: the first two times are written before any bit that is not a whole byte. */
  #bytewise(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bits((rest % 128) | 128, 8);
    this.#bits(rest, 8);
  }
}

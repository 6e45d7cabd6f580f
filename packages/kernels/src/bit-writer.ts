/**
 * Writes a stream of bits, the highest bit of a byte first, into a buffer that grows; the counterpart of BitReader. For chunks
 * that are not the common floats in the head: those have XorEncoder, which writes into memory that it is given.
 */
import type { XorWindow } from "./xor-window.ts";

const twoTo32 = 4294967296;
/** A write touches the bytes of its bits and up to four more. */
const overrunBytes = 8;

export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #position = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes + overrunBytes);
  }

  get sizeBytes(): number {
    return (this.#position + 7) >>> 3;
  }

  /** A view of the bytes so far, the last one filled up with zeros; valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.sizeBytes);
  }

  /** Writes over a byte that is there, such as one of a header. */
  setByte(index: number, value: number): void {
    this.#bytes[index] = value;
  }

  /** @param value its lowest `size` bits are written, the others are zeros @param size 1 to 24 */
  bits(value: number, size: number): void {
    this.#reserve();
    const position = this.#position;
    const bytes = this.#bytes;
    const index = position >>> 3;
    const used = position & 7;
    const word = (value << (32 - size)) >>> used;
    bytes[index] = used === 0 ? word >>> 24 : bytes[index]! | (word >>> 24);
    bytes[index + 1] = word >>> 16;
    bytes[index + 2] = word >>> 8;
    bytes[index + 3] = word;
    this.#position = position + size;
  }

  #bits32(word: number): void {
    this.bits(word >>> 16, 16);
    this.bits(word & 0xffff, 16);
  }

  /** Writes a float64 by its words, so that no NaN loses its bits on the way. */
  words(high: number, low: number): void {
    this.#bits32(high);
    this.#bits32(low);
  }

  /** @param value whole, within 2^53 */
  int64(value: number): void {
    const high = Math.floor(value / twoTo32);
    this.words(high | 0, (value - high * twoTo32) | 0);
  }

  /** @param value whole, 0 to 2^53 */
  uvarint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bits((rest % 128) | 128, 8);
    this.bits(rest, 8);
  }

  /** @param value whole, within 2^52 */
  varint(value: number): void {
    this.uvarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** @param value whole, within 2^53 */
  varbitInt(value: number): void {
    if (value === 0) this.bits(0, 1);
    else if (value >= -3 && value <= 4) this.bits((0b10 << 3) | (value & 0x7), 5);
    else if (value >= -31 && value <= 32) this.bits((0b110 << 6) | (value & 0x3f), 9);
    else if (value >= -255 && value <= 256) this.bits((0b1110 << 9) | (value & 0x1ff), 13);
    else if (value >= -2047 && value <= 2048) this.bits((0b11110 << 12) | (value & 0xfff), 17);
    else if (value >= -131071 && value <= 131072) this.bits((0b111110 << 18) | (value & 0x3ffff), 24);
    else if (value >= -16777215 && value <= 16777216) this.#long(0b1111110, 7, value & 0x1ffffff);
    else this.#bits56(value);
  }

  /** @param value whole, 0 to 2^53 */
  varbitUint(value: number): void {
    if (value === 0) this.bits(0, 1);
    else if (value < 8) this.bits((0b10 << 3) | value, 5);
    else if (value < 64) this.bits((0b110 << 6) | value, 9);
    else if (value < 512) this.bits((0b1110 << 9) | value, 13);
    else if (value < 4096) this.bits((0b11110 << 12) | value, 17);
    else if (value < 2 ** 18) this.bits((0b111110 << 18) | value, 24);
    else if (value < 2 ** 25) this.#long(0b1111110, 7, value);
    else this.#bits56(value);
  }

  /** Writes the XOR of a value with the one before, and moves the window to it. */
  xorValue(window: XorWindow, high: number, low: number): void {
    const xorHigh = high ^ window.high;
    const xorLow = low ^ window.low;
    if ((xorHigh | xorLow) === 0) {
      this.bits(0, 1);
      return;
    }
    const isNew = window.renew(xorHigh, xorLow);
    this.bits(isNew ? 0b11 : 0b10, 2);
    if (isNew) this.newWindow(window);
    this.significantBits(window, high, low);
  }

  /** Writes where the significant bits lie. */
  newWindow(window: XorWindow): void {
    this.bits((window.leadingZeros << 6) | (window.significantBits & 63), 11);
  }

  /** Writes the bits of the XOR inside the window, and makes the value the window's. */
  significantBits(window: XorWindow, high: number, low: number): void {
    const xorHigh = high ^ window.high;
    const xorLow = low ^ window.low;
    const shift = window.trailingZeros;
    const size = window.significantBits;
    window.high = high;
    window.low = low;
    if (shift >= 32) {
      this.#upTo32(xorHigh >>> (shift - 32), size);
      return;
    }
    const lowBits = shift === 0 ? xorLow : (xorLow >>> shift) | (xorHigh << (32 - shift));
    if (size > 32) this.#upTo32(xorHigh >>> shift, size - 32);
    this.#upTo32(lowBits, Math.min(size, 32));
  }

  #long(prefix: number, prefixSize: number, value: number): void {
    this.bits(prefix, prefixSize);
    this.bits(value >>> 16, 9);
    this.bits(value & 0xffff, 16);
  }

  #bits56(value: number): void {
    const high = Math.floor(value / twoTo32);
    this.bits(0b11111110, 8);
    this.bits(high & 0xffffff, 24);
    this.#bits32((value - high * twoTo32) | 0);
  }

  #upTo32(value: number, size: number): void {
    if (size > 16) this.bits((value >>> 16) & (0xffff >>> (32 - size)), size - 16);
    this.bits(size >= 16 ? value & 0xffff : value & ((1 << size) - 1), Math.min(size, 16));
  }

  #reserve(): void {
    if ((this.#position >>> 3) + overrunBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

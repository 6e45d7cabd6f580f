/**
 * Reads a stream of bits, the highest bit of a byte first: what chunks are made of (docs/format/xor-chunk.md and
 * docs/format/histogram-chunk.md). Every read past the end is a CodecError, so damage can neither crash nor hang a reader.
 *
 * Hot: a window of 32 bits is taken at the bit position and answers most questions at once.
 */
import { CodecError } from "./errors.ts";
import type { XorWindow } from "./xor-window.ts";

const twoTo32 = 4294967296;
/** Bits behind a varbit's prefix of as many ones as the index says; 8 ones have no zero behind them. */
const varbitSizes = [0, 3, 6, 9, 12, 18, 25, 56, 64];

const scratch = new DataView(new ArrayBuffer(8));

export class BitReader {
  /** What `words` and `xorValue` read: the halves of a float64. */
  high = 0;
  low = 0;
  #view: DataView = scratch;
  #startByte = 0;
  /** From #startByte on, so that positions stay small numbers in large files. */
  #position = 0;
  #end = 0;

  /** Starts with the first bit of bytes[startByte, endByte). */
  reset(bytes: Uint8Array, startByte: number, endByte: number): void {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#startByte = startByte;
    this.#position = 0;
    this.#end = (Math.min(endByte, bytes.length) - startByte) * 8;
  }

  get remainingBits(): number {
    return this.#end - this.#position;
  }

  /** @param size 1 to 32 @returns an unsigned number */
  bits(size: number): number {
    const value = this.#window() >>> (32 - size);
    this.#advance(size);
    return value;
  }

  /** Reads one bit. */
  bit(): boolean {
    const isSet = this.#window() < 0;
    this.#advance(1);
    return isSet;
  }

  /** A prefix code: ones up to a zero, or `max` ones. @returns the number of ones */
  ones(max: number): number {
    const ones = Math.clz32(~this.#window());
    this.#advance(Math.min(ones + 1, max));
    return Math.min(ones, max);
  }

  /** Two's complement. @param size 2 to 32 */
  signed(size: number): number {
    const value = this.#window() >> (32 - size);
    this.#advance(size);
    return value;
  }

  /** Reads 64 bits into `high` and `low`. */
  words(): void {
    this.high = this.#window();
    this.#advance(32);
    this.low = this.#window();
    this.#advance(32);
  }

  /** 64 bits as a signed whole number. */
  int64(): number {
    const high = this.bits(32) | 0;
    return exact(high * twoTo32 + this.bits(32));
  }

  /** A float64; a NaN may lose its bits, see `words`. */
  float64(): number {
    this.words();
    scratch.setInt32(0, this.high);
    scratch.setInt32(4, this.low);
    return scratch.getFloat64(0);
  }

  /** Seven bits a byte, low bits first; the bytes need not be aligned. */
  uvarint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bits(8);
      value += (byte & 127) * scale;
      if (byte < 128) return exact(value);
      if (scale > 2 ** 56) throw new CodecError("Cannot read a varint: it goes on after ten bytes");
    }
  }

  varint(): number {
    const zigzag = this.uvarint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /** A prefix of ones says how many bits follow; the most negative pattern of each size means the most positive number. */
  varbitInt(): number {
    const window = this.#window();
    if (window >= 0) {
      this.#advance(1);
      return 0;
    }
    const ones = Math.clz32(~window);
    if (ones > 6) return this.#longVarbit(ones, true);
    const size = varbitSizes[ones]!;
    const bits = (window << (ones + 1)) >>> (32 - size);
    this.#advance(ones + 1 + size);
    return signedBits(bits, size);
  }

  varbitUint(): number {
    const window = this.#window();
    const ones = Math.clz32(~window);
    if (ones > 6) return this.#longVarbit(ones, false);
    const size = varbitSizes[ones]!;
    this.#advance(ones + 1 + size);
    return size === 0 ? 0 : (window << (ones + 1)) >>> (32 - size);
  }

  /** Reads the XOR of a value with the one before, and moves the window to it. */
  xorValue(window: XorWindow): void {
    if (!this.bit()) return;
    if (this.bit()) this.newWindow(window);
    this.significantBits(window);
  }

  /** Reads where the significant bits of the XOR lie. */
  newWindow(window: XorWindow): void {
    const leadingZeros = this.bits(5);
    const significantBits = this.bits(6) || 64;
    if (leadingZeros + significantBits > 64) {
      throw new CodecError(
        `Cannot read a chunk: a value of ${leadingZeros + significantBits} bits, expected 64 at most`,
      );
    }
    window.leadingZeros = leadingZeros;
    window.trailingZeros = 64 - leadingZeros - significantBits;
  }

  /** Reads the bits of the XOR inside the window, and applies them to its value. */
  significantBits(window: XorWindow): void {
    const shift = window.trailingZeros;
    const size = window.significantBits;
    if (size <= 32) {
      const bits = this.bits(size);
      if (shift >= 32) window.high ^= bits << (shift - 32);
      else {
        window.low ^= bits << shift;
        if (shift > 0) window.high ^= bits >>> (32 - shift);
      }
      return;
    }
    const highBits = this.bits(size - 32);
    const lowBits = this.bits(32);
    window.low ^= lowBits << shift;
    window.high ^= shift === 0 ? highBits : (highBits << shift) | (lowBits >>> (32 - shift));
  }

  #longVarbit(ones: number, isSigned: boolean): number {
    this.#advance(8);
    if (ones > 7) {
      const high = isSigned ? this.bits(32) | 0 : this.bits(32);
      return exact(high * twoTo32 + this.bits(32));
    }
    const high = isSigned ? this.signed(24) : this.bits(24);
    return exact(high * twoTo32 + this.bits(32));
  }

  /** The 32 bits at the bit position. Past the end of the array they read as zeros. */
  #window(): number {
    const index = this.#startByte + (this.#position >>> 3);
    const used = this.#position & 7;
    const view = this.#view;
    if (index + 5 <= view.byteLength) return (view.getInt32(index) << used) | (view.getUint8(index + 4) >>> (8 - used));
    return (this.#wordNearEnd(index) << used) | (this.#byteAt(index + 4) >>> (8 - used));
  }

  #wordNearEnd(index: number): number {
    return (
      (this.#byteAt(index) << 24) |
      (this.#byteAt(index + 1) << 16) |
      (this.#byteAt(index + 2) << 8) |
      this.#byteAt(index + 3)
    );
  }

  #byteAt(index: number): number {
    return index < this.#view.byteLength ? this.#view.getUint8(index) : 0;
  }

  #advance(size: number): void {
    this.#position += size;
    if (this.#position > this.#end) throw new CodecError("Cannot read a chunk: it ends early");
  }
}

/** Reads `size` bits as the chunks' asymmetric range: one more above zero than below. */
export function signedBits(bits: number, size: number): number {
  return bits > 1 << (size - 1) ? bits - (1 << size) : bits;
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new CodecError("Cannot read a whole number: it is beyond 2^53");
  return value;
}

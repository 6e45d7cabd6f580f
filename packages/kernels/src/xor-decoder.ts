/**
 * Reads XOR chunks; the layout is drawn in xor-encoder.ts and explained in docs/format/xor-chunk.md.
 *
 * Hot: runs once per sample that a query reads. A window of 32 bits is taken at the bit position, which answers most
 * questions at once; the common sample (same interval, same value: two zero bits) is decided first, and runs of it are
 * counted by their leading zeros.
 */
import { CodecError } from "./errors.ts";

const twoTo32 = 4294967296;
/** The chunk's own limit: samples are counted in 16 bits. */
const sampleCountMax = 65535;

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const lowWordIndex = littleEndian ? 0 : 1;
const highWordIndex = 1 - lowWordIndex;

/** Decodes chunk after chunk into columns of its own. */
export class XorDecoder {
  /** What the last `decode` read; valid until the next one. */
  timesMs = new Float64Array(256);
  values = new Float64Array(256);
  #words = new Int32Array(this.values.buffer);
  #bytes: Uint8Array = new Uint8Array(0);
  #startByte = 0;
  #bitPosition = 0;
  #high = 0;
  #low = 0;
  #trailingZeros = 0;
  #significantBits = 0;

  /**
   * Reads the first `sampleCount` samples of the chunk in bytes[startByte, endByte).
   *
   * @param sampleCount at most what the chunk holds; a reader beside a writer passes the count it was told
   * @returns sampleCount
   * @throws {CodecError} the samples go on after endByte
   */
  decode(bytes: Uint8Array, startByte: number, endByte: number, sampleCount: number): number {
    if (sampleCount === 0) return 0;
    if (sampleCount > sampleCountMax) throw new CodecError(`Cannot read a chunk of ${sampleCount} samples`);
    this.#reserve(sampleCount);
    this.#bytes = bytes;
    this.#startByte = startByte;
    this.#bitPosition = 16;
    const zigzag = this.#uvarint(endByte);
    const timestampMs = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    this.#high = this.#window();
    this.#bitPosition += 32;
    this.#low = this.#window();
    this.#bitPosition += 32;
    this.#store(0, timestampMs);
    if (sampleCount > 1) {
      const deltaMs = this.#uvarint(endByte);
      this.#value();
      this.#store(1, timestampMs + deltaMs);
      this.#rest(sampleCount, timestampMs + deltaMs, deltaMs);
    }
    if (startByte + ((this.#bitPosition + 7) >>> 3) > endByte)
      throw new CodecError("Cannot read a chunk: it ends early");
    return sampleCount;
  }

  /** Samples from the third on. */
  #rest(sampleCount: number, secondTimestampMs: number, secondDeltaMs: number): void {
    let timestampMs = secondTimestampMs;
    let deltaMs = secondDeltaMs;
    let index = 2;
    while (index < sampleCount) {
      const window = this.#window();
      if (window >= 0) {
        // A zero bit: the same interval. Another one: the same value too.
        if ((window & 0x40000000) === 0) {
          const runLength = Math.min(Math.clz32(window) >>> 1, sampleCount - index);
          this.#bitPosition += 2 * runLength;
          for (const end = index + runLength; index < end; index++) {
            timestampMs += deltaMs;
            this.#store(index, timestampMs);
          }
          continue;
        }
        this.#bitPosition++;
      } else deltaMs += this.#deltaOfDelta(window);
      timestampMs += deltaMs;
      this.#value();
      this.#store(index++, timestampMs);
    }
  }

  #store(index: number, timestampMs: number): void {
    this.timesMs[index] = timestampMs;
    this.#words[2 * index + lowWordIndex] = this.#low;
    this.#words[2 * index + highWordIndex] = this.#high;
  }

  /** @param window begins with a one bit: the change is not zero */
  #deltaOfDelta(window: number): number {
    if ((window & 0x40000000) === 0) {
      this.#bitPosition += 16;
      return signed((window >>> 16) & 0x3fff, 14);
    }
    if ((window & 0x20000000) === 0) {
      this.#bitPosition += 20;
      return signed((window >>> 12) & 0x1ffff, 17);
    }
    if ((window & 0x10000000) === 0) {
      this.#bitPosition += 24;
      return signed((window >>> 8) & 0xfffff, 20);
    }
    this.#bitPosition += 4;
    const high = this.#window();
    this.#bitPosition += 32;
    const low = this.#window();
    this.#bitPosition += 32;
    return high * twoTo32 + (low >>> 0);
  }

  #value(): void {
    const window = this.#window();
    if (window >= 0) {
      this.#bitPosition++;
      return;
    }
    if ((window & 0x40000000) === 0) this.#bitPosition += 2;
    else {
      // A damaged window may claim more than 64 bits; the shifts below then only read wrong bits.
      this.#significantBits = (window >>> 19) & 63 || 64;
      this.#trailingZeros = 64 - ((window >>> 25) & 31) - this.#significantBits;
      this.#bitPosition += 13;
    }
    this.#significant();
  }

  #significant(): void {
    const size = this.#significantBits;
    const shift = this.#trailingZeros;
    if (size <= 32) {
      const bits = this.#window() >>> (32 - size);
      this.#bitPosition += size;
      if (shift >= 32) this.#high ^= bits << (shift - 32);
      else {
        this.#low ^= bits << shift;
        if (shift > 0) this.#high ^= bits >>> (32 - shift);
      }
      return;
    }
    const highBits = this.#window() >>> (64 - size);
    this.#bitPosition += size - 32;
    const lowBits = this.#window();
    this.#bitPosition += 32;
    this.#low ^= lowBits << shift;
    this.#high ^= shift === 0 ? highBits : (highBits << shift) | (lowBits >>> (32 - shift));
  }

  /** The 32 bits at the bit position. Past the end of the array they read as zeros. */
  #window(): number {
    const bytes = this.#bytes;
    const index = this.#startByte + (this.#bitPosition >>> 3);
    const used = this.#bitPosition & 7;
    const word = (bytes[index]! << 24) | (bytes[index + 1]! << 16) | (bytes[index + 2]! << 8) | bytes[index + 3]!;
    return (word << used) | (bytes[index + 4]! >>> (8 - used));
  }

  /** Byte-aligned: used for the first two times only. */
  #uvarint(endByte: number): number {
    let index = this.#startByte + (this.#bitPosition >>> 3);
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (index >= endByte || scale > 2 ** 63) throw new CodecError("Cannot read a chunk: a time is cut or too long");
      const byte = this.#bytes[index++]!;
      this.#bitPosition += 8;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #reserve(sampleCount: number): void {
    if (sampleCount <= this.timesMs.length) return;
    this.timesMs = new Float64Array(sampleCount);
    this.values = new Float64Array(sampleCount);
    this.#words = new Int32Array(this.values.buffer);
  }
}

/** Reads `size` bits as the encoder's asymmetric range: one more above zero than below. */
function signed(bits: number, size: number): number {
  return bits > 1 << (size - 1) ? bits - (1 << size) : bits;
}

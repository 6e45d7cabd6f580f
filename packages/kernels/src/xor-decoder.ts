/**
 * Reads XOR chunks; the layout is drawn in xor-encoder.ts and explained in docs/format/xor-chunk.md.
 *
 * Hot: runs once per sample that a query reads. A window of 32 bits is taken at the bit position, which answers most
 * questions at once; the common sample (same interval, same value: two zero bits) is decided first, and runs of it are
 * counted by their leading zeros. The loop over samples keeps its state in local variables, and reads whole words through a
 * DataView: 14 ns a sample instead of 30.
 */
import { signedBits } from "./bit-reader.ts";
import { CodecError } from "./errors.ts";

const twoTo32 = 4294967296;
/** The chunk's own limit: samples are counted in 16 bits. */
const sampleCountMax = 65535;

const endsEarly = "Cannot read a chunk: it ends early";
/** A word is read where the last bits may be. */
const overrunBytes = 8;

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
  #view = new DataView(this.#bytes.buffer);
  /** Takes chunks that end where their array does. */
  #padded = new Uint8Array(1024);
  #startByte = 0;
  /** From #startByte on, so that positions stay small numbers in large files. */
  #bitPosition = 0;

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
    this.#load(bytes, startByte, Math.min(endByte, bytes.length));
    try {
      this.#samples(sampleCount);
    } catch (error) {
      // A view answers a read behind its end so. There is a word more than the chunk; samples beyond that are none.
      if (!(error instanceof RangeError) || error instanceof CodecError) throw error;
      throw new CodecError(endsEarly, { cause: error });
    }
    if ((this.#bitPosition + 7) >>> 3 > endByte - startByte) throw new CodecError(endsEarly);
    return sampleCount;
  }

  #load(bytes: Uint8Array, startByte: number, endByte: number): void {
    if (endByte + overrunBytes > bytes.length) {
      const sizeBytes = endByte - startByte;
      if (sizeBytes + overrunBytes > this.#padded.length) this.#padded = new Uint8Array(2 * (sizeBytes + overrunBytes));
      this.#padded.set(bytes.subarray(startByte, endByte));
      this.#load(this.#padded, 0, sizeBytes);
      return;
    }
    if (bytes !== this.#bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes = bytes;
    this.#startByte = startByte;
    this.#bitPosition = 16;
  }

  #samples(sampleCount: number): void {
    const zigzag = this.#uvarint();
    this.timesMs[0] = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    this.#words[highWordIndex] = this.#bits32();
    this.#words[lowWordIndex] = this.#bits32();
    if (sampleCount > 1) this.#rest(sampleCount, this.#uvarint());
  }

  /** Samples from the second on; of the second, the interval is known and the value is next. */
  #rest(sampleCount: number, secondDeltaMs: number): void {
    const words = this.#words;
    const { timesMs } = this;
    const view = this.#view;
    const startByte = this.#startByte;
    let position = this.#bitPosition;
    let timestampMs = timesMs[0]!;
    let deltaMs = secondDeltaMs;
    let high = words[highWordIndex]!;
    let low = words[lowWordIndex]!;
    // All bits, as long as there is no window.
    let size = 64;
    let shift = 0;
    for (let index = 1; index < sampleCount; ) {
      let window = windowAt(view, startByte, position);
      if (index > 1) {
        if (window < 0) {
          deltaMs += this.#deltaOfDelta(window, position);
          position = this.#bitPosition;
          window = windowAt(view, startByte, position);
        } else if ((window & 0x40000000) === 0) {
          // A zero bit: the same interval. Another one: the same value too.
          const runLength = Math.min(Math.clz32(window) >>> 1, sampleCount - index);
          position += 2 * runLength;
          for (const end = index + runLength; index < end; index++) {
            timestampMs += deltaMs;
            timesMs[index] = timestampMs;
            words[2 * index + lowWordIndex] = low;
            words[2 * index + highWordIndex] = high;
          }
          continue;
        } else {
          window <<= 1;
          position++;
        }
      }
      if (window >= 0) position++;
      else {
        if ((window & 0x40000000) === 0) position += 2;
        else {
          size = (window >>> 19) & 63 || 64;
          shift = 64 - ((window >>> 25) & 31) - size;
          if (shift < 0)
            throw new CodecError(`Cannot read a chunk: a value of ${64 - shift} bits, expected 64 at most`);
          position += 13;
        }
        if (size > 32) {
          const highBits = windowAt(view, startByte, position) >>> (64 - size);
          const lowBits = windowAt(view, startByte, position + size - 32);
          low ^= lowBits << shift;
          high ^= shift === 0 ? highBits : (highBits << shift) | (lowBits >>> (32 - shift));
        } else {
          const bits = windowAt(view, startByte, position) >>> (32 - size);
          if (shift >= 32) high ^= bits << (shift - 32);
          else {
            low ^= bits << shift;
            if (shift > 0) high ^= bits >>> (32 - shift);
          }
        }
        position += size;
      }
      timestampMs += deltaMs;
      timesMs[index] = timestampMs;
      words[2 * index + lowWordIndex] = low;
      words[2 * index + highWordIndex] = high;
      index++;
    }
    this.#bitPosition = position;
  }

  /**
   * Reads how the interval changed, and moves the bit position behind it.
   *
   * @param window at `position`; begins with a one bit: the change is not zero
   */
  #deltaOfDelta(window: number, position: number): number {
    if ((window & 0x40000000) === 0) {
      this.#bitPosition = position + 16;
      return signedBits((window >>> 16) & 0x3fff, 14);
    }
    if ((window & 0x20000000) === 0) {
      this.#bitPosition = position + 20;
      return signedBits((window >>> 12) & 0x1ffff, 17);
    }
    if ((window & 0x10000000) === 0) {
      this.#bitPosition = position + 24;
      return signedBits((window >>> 8) & 0xfffff, 20);
    }
    this.#bitPosition = position + 4;
    const high = this.#bits32();
    return high * twoTo32 + (this.#bits32() >>> 0);
  }

  #bits32(): number {
    const word = windowAt(this.#view, this.#startByte, this.#bitPosition);
    this.#bitPosition += 32;
    return word;
  }

  /** Byte-aligned: used for the first two times only. */
  #uvarint(): number {
    let index = this.#startByte + (this.#bitPosition >>> 3);
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#view.getUint8(index++);
      this.#bitPosition += 8;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new CodecError("Cannot read a chunk: a time is too long");
  }

  #reserve(sampleCount: number): void {
    if (sampleCount <= this.timesMs.length) return;
    this.timesMs = new Float64Array(sampleCount);
    this.values = new Float64Array(sampleCount);
    this.#words = new Int32Array(this.values.buffer);
  }
}

/** The 32 bits at a bit position. */
function windowAt(view: DataView, startByte: number, position: number): number {
  const index = startByte + (position >>> 3);
  const used = position & 7;
  return (view.getInt32(index) << used) | (view.getUint8(index + 4) >>> (8 - used));
}

import { CodecError } from "./errors.ts";

const twoTo32 = 4294967296;

/**
 * Reads binary records; the counterpart of ByteWriter. Every read past the end or beyond 2^53 is a CodecError, so damaged
 * input can neither crash nor hang the reader.
 */
export class ByteReader {
  position = 0;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /** Starts again with other bytes, so that one reader serves many records. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.position = 0;
  }

  get remaining(): number {
    return this.#bytes.length - this.position;
  }

  uint8(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  /** A signed word: with `uint32` or another one, the halves of a float64. */
  int32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  uint64(): number {
    const position = this.#advance(8);
    return exact(this.#view.getUint32(position) * twoTo32 + this.#view.getUint32(position + 4));
  }

  int64(): number {
    return exact(this.int64Rounded());
  }

  /** The nearest float64 of the number, for what may be beyond 2^53 without being damage. */
  int64Rounded(): number {
    const position = this.#advance(8);
    return this.#view.getInt32(position) * twoTo32 + this.#view.getUint32(position + 4);
  }

  /** @throws {CodecError} the number is above 2^53 or takes more than ten bytes */
  uvarint(): number {
    return exact(this.uvarintRounded());
  }

  /** The nearest float64 of the number. @throws {CodecError} it takes more than ten bytes */
  uvarintRounded(): number {
    let byte = this.uint8();
    // Most are lengths and deltas of one byte.
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let scale = 128; ; scale *= 128) {
      byte = this.uint8();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 56) throw new CodecError("Cannot read a varint: it goes on after ten bytes");
    }
  }

  /** @throws {CodecError} the number is above 2^52 in size or takes more than ten bytes */
  varint(): number {
    const zigzag = this.uvarint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /** The nearest float64 of the number. @throws {CodecError} it takes more than ten bytes */
  varintRounded(): number {
    // Rounding would lose the sign, which is the lowest bit.
    const isNegative = this.remaining > 0 && (this.#bytes[this.position]! & 1) === 1;
    const zigzag = this.uvarintRounded();
    return isNegative ? -(zigzag + 1) / 2 : zigzag / 2;
  }

  /** A view of the next bytes, not a copy. */
  raw(sizeBytes: number): Uint8Array {
    const position = this.#advance(sizeBytes);
    return this.#bytes.subarray(position, position + sizeBytes);
  }

  /** Goes over bytes that are read in another way. @returns where they begin */
  skip(sizeBytes: number): number {
    return this.#advance(sizeBytes);
  }

  #advance(sizeBytes: number): number {
    const position = this.position;
    if (sizeBytes > this.#bytes.length - position) {
      throw new CodecError(`Cannot read ${sizeBytes} bytes: found ${this.remaining} before the end`);
    }
    this.position = position + sizeBytes;
    return position;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new CodecError("Cannot read a whole number: it is beyond 2^53");
  return value;
}

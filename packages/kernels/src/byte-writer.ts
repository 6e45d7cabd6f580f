const twoTo32 = 4294967296;
const encoder = new TextEncoder();

/**
 * Writes binary records into a buffer that grows as needed and is reused from record to record.
 *
 * Hot: numbers stay doubles and 32-bit words; whole numbers are exact up to 2^53.
 */
export class ByteWriter {
  /** The first `length` bytes are in use. A new array after growth, so don't keep it. */
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  #view: DataView;

  constructor(capacityBytes = 4096) {
    this.bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** The written bytes; valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes sure that so many more bytes fit. */
  reserve(sizeBytes: number): void {
    const needed = this.length + sizeBytes;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.written());
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  uint8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  uint16(value: number): void {
    this.reserve(2);
    this.#view.setUint16(this.length, value);
    this.length += 2;
  }

  uint32(value: number): void {
    this.reserve(4);
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }

  /** Eight bytes, big-endian two's complement: serves for signed and unsigned alike. @param value whole, below 2^53 in size */
  int64(value: number): void {
    const high = Math.floor(value / twoTo32);
    this.reserve(8);
    this.#view.setInt32(this.length, high | 0);
    this.#view.setUint32(this.length + 4, value - high * twoTo32);
    this.length += 8;
  }

  float64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.length, value);
    this.length += 8;
  }

  /** A float64 given by its words, so that no NaN loses its bits on the way. */
  float64Words(high: number, low: number): void {
    this.reserve(8);
    this.#view.setInt32(this.length, high);
    this.#view.setInt32(this.length + 4, low);
    this.length += 8;
  }

  /** 7 bits a byte, low bits first, the top bit set on all but the last. @param value whole, 0 to 2^53 */
  uvarint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** A uvarint of the zigzag form, in which small numbers of either sign are short. @param value whole, below 2^52 in size */
  varint(value: number): void {
    this.uvarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8 behind its length in bytes as uvarint. */
  text(text: string): void {
    if (this.#shortAscii(text)) return;
    const encoded = encoder.encode(text);
    this.uvarint(encoded.length);
    this.raw(encoded);
  }

  /** Writes a text if it is short and ASCII, as almost all label names and values are; the general way costs more. */
  #shortAscii(text: string): boolean {
    const size = text.length;
    if (size > 127) return false;
    this.reserve(size + 1);
    const { bytes } = this;
    const start = this.length + 1;
    for (let index = 0; index < size; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 127) return false;
      bytes[start + index] = unit;
    }
    bytes[this.length] = size;
    this.length = start + size;
    return true;
  }
}

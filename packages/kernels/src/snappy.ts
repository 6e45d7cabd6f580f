/**
 * Snappy block format: what write-ahead log records, remote write and remote read carry.
 *
 *   block    = uvarint(length when decoded) element*
 *   element  = tag byte, of which the low two bits tell the kind:
 *     00  literal: length-1 in the high six bits; 60..63 there: in the next 1..4 bytes, low byte first; then the bytes
 *     01  copy, 4..11 bytes from up to 2047 back: LLL in bits 2-4 (length-4), offset bits 8-10 in bits 5-7, then one byte
 *     10  copy, 1..64 bytes: length-1 in the high six bits, then a 16-bit offset, low byte first
 *     11  copy, likewise with a 32-bit offset
 *
 * The encoder looks for repeats of four bytes through a table of recent positions, in blocks of 64 KiB, so that offsets
 * always fit 16 bits. It steps faster the longer it finds nothing, which keeps incompressible input cheap.
 *
 * Hot: runs over every record written to the log.
 */
import { CodecError } from "./errors.ts";

const blockSizeBytes = 65536;
const tableBits = 14;
/** A repeat is only looked for when so many bytes are left: below, a copy saves nothing worth the search. */
const tailBytes = 15;
const table = new Uint16Array(1 << tableBits);
const hashFactor = 0x1e35a7bd;
const hashShift = 32 - tableBits;
/** Up to here, bytes are moved one by one. */
const shortBytes = 32;

/** The most bytes that input of a size can become. */
export function snappySizeMaxBytes(sourceSizeBytes: number): number {
  return 32 + sourceSizeBytes + Math.ceil(sourceSizeBytes / 6);
}

/**
 * Compresses into a target that the caller owns.
 *
 * @param target at least snappySizeMaxBytes(source.length) long
 * @returns the number of bytes written
 */
export function encodeSnappy(source: Uint8Array, target: Uint8Array): number {
  const encoder = new Encoder(source, target);
  for (let start = 0; start < source.length; start += blockSizeBytes) {
    encoder.block(start, Math.min(source.length, start + blockSizeBytes));
  }
  return encoder.position;
}

class Encoder {
  position: number;
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;

  constructor(source: Uint8Array, target: Uint8Array) {
    this.#source = source;
    this.#target = target;
    this.position = writeLength(target, source.length);
  }

  block(start: number, end: number): void {
    const source = this.#source;
    const searchEnd = end - tailBytes;
    let literalStart = start;
    if (searchEnd > start + 1) table.fill(0);
    let misses = 32;
    for (let index = start + 1; index < searchEnd; ) {
      const word = wordAt(source, index);
      const slot = Math.imul(word, hashFactor) >>> hashShift;
      const candidate = start + table[slot]!;
      table[slot] = index - start;
      if (wordAt(source, candidate) !== word) {
        index += misses++ >>> 5;
        continue;
      }
      let length = 4;
      while (index + length < end && source[candidate + length] === source[index + length]) length++;
      this.#literal(literalStart, index);
      this.#copy(index - candidate, length);
      index += length;
      literalStart = index;
      misses = 32;
      if (index < searchEnd) table[Math.imul(wordAt(source, index - 1), hashFactor) >>> hashShift] = index - 1 - start;
    }
    this.#literal(literalStart, end);
  }

  #literal(start: number, end: number): void {
    if (start === end) return;
    const source = this.#source;
    const target = this.#target;
    const last = end - start - 1;
    let position = this.position;
    if (last < 60) {
      target[position++] = last << 2;
    } else if (last < 256) {
      target[position++] = 60 << 2;
      target[position++] = last;
    } else {
      target[position++] = 61 << 2;
      target[position++] = last;
      target[position++] = last >>> 8;
    }
    // Most literals are the few bytes between two copies, for which a call of set() costs more than the bytes.
    if (last < shortBytes) for (let index = start; index < end; index++) target[position++] = source[index]!;
    else {
      target.set(source.subarray(start, end), position);
      position += last + 1;
    }
    this.position = position;
  }

  #copy(offset: number, length: number): void {
    const target = this.#target;
    let position = this.position;
    let left = length;
    // A piece is at most 64 bytes and the last one at least 4, as the short form needs.
    while (left > 64) {
      const piece = left >= 68 ? 64 : 60;
      target[position++] = ((piece - 1) << 2) | 2;
      target[position++] = offset;
      target[position++] = offset >>> 8;
      left -= piece;
    }
    if (left < 12 && offset < 2048) {
      target[position++] = ((offset >>> 8) << 5) | ((left - 4) << 2) | 1;
      target[position++] = offset;
    } else {
      target[position++] = ((left - 1) << 2) | 2;
      target[position++] = offset;
      target[position++] = offset >>> 8;
    }
    this.position = position;
  }
}

function wordAt(bytes: Uint8Array, index: number): number {
  return bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24);
}

function writeLength(target: Uint8Array, length: number): number {
  let position = 0;
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) target[position++] = (rest % 128) | 128;
  target[position++] = rest;
  return position;
}

/** Decoding, one element at a time; what the block says about itself is checked before it is believed. */
class Decoder {
  readonly #source: Uint8Array;
  readonly #target: Uint8Array<ArrayBuffer>;
  #read: number;
  #written = 0;

  constructor(source: Uint8Array, start: number, target: Uint8Array<ArrayBuffer>) {
    this.#source = source;
    this.#read = start;
    this.#target = target;
  }

  run(): Uint8Array<ArrayBuffer> {
    while (this.#read < this.#source.length) {
      const tag = this.#source[this.#read++]!;
      const high = tag >>> 2;
      if ((tag & 3) === 0) this.#literal(high < 60 ? high + 1 : this.#number(high - 59) + 1);
      else if ((tag & 3) === 1) this.#copy(((tag >>> 5) << 8) | this.#number(1), (high & 7) + 4);
      else this.#copy(this.#number((tag & 3) === 2 ? 2 : 4), high + 1);
    }
    if (this.#written !== this.#target.length) throw damaged("it ends early");
    return this.#target;
  }

  #number(sizeBytes: number): number {
    if (this.#read + sizeBytes > this.#source.length) throw damaged("it ends inside an element");
    let value = 0;
    for (let index = sizeBytes - 1; index >= 0; index--) value = value * 256 + this.#source[this.#read + index]!;
    this.#read += sizeBytes;
    return value;
  }

  #literal(length: number): void {
    if (length > this.#source.length - this.#read || length > this.#target.length - this.#written) {
      throw damaged("a literal is longer than what is left");
    }
    const source = this.#source;
    const target = this.#target;
    if (length > shortBytes) target.set(source.subarray(this.#read, this.#read + length), this.#written);
    else for (let index = 0; index < length; index++) target[this.#written + index] = source[this.#read + index]!;
    this.#read += length;
    this.#written += length;
  }

  #copy(offset: number, length: number): void {
    if (offset === 0 || offset > this.#written) throw damaged("a copy starts before the beginning");
    if (length > this.#target.length - this.#written) throw damaged("a copy is longer than what is left");
    // Byte by byte, because a copy may overlap what it writes: that is how runs are stored.
    const target = this.#target;
    const end = this.#written + length;
    for (let index = this.#written; index < end; index++) target[index] = target[index - offset]!;
    this.#written = end;
  }
}

/**
 * Decompresses a block.
 *
 * @param sizeMaxBytes the most that may come out; more is refused before memory is taken
 * @throws {CodecError} the block is damaged or says that it is larger
 */
export function decodeSnappy(source: Uint8Array, sizeMaxBytes: number): Uint8Array<ArrayBuffer> {
  let length = 0;
  let position = 0;
  for (let scale = 1; ; scale *= 128) {
    if (position >= source.length || position === 5) throw damaged("its length is cut or too long");
    const byte = source[position++]!;
    length += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (length > sizeMaxBytes) {
    throw new CodecError(`Cannot decode snappy: found a length of ${length} bytes, expected at most ${sizeMaxBytes}`);
  }
  return new Decoder(source, position, new Uint8Array(length)).run();
}

function damaged(what: string): CodecError {
  return new CodecError(`Cannot decode snappy: ${what}`);
}

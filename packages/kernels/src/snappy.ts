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
import { openSnappyKernel, type SnappyKernel, snappyKernelSourceMaxBytes } from "./snappy-kernel.ts";

const blockSizeBytes = 65536;
const tableBitsMax = 14;
const tableBitsMin = 8;
/** A repeat is only looked for when so many bytes are left: below, a copy saves nothing worth the search. */
const tailBytes = 15;
const table = new Uint16Array(1 << tableBitsMax);
const hashFactor = 0x1e35a7bd;
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
  if (source.length > snappyKernelSourceMaxBytes) return encodeSnappyPlainly(source, target);
  return snappyKernel()?.encode(source, target) ?? encodeSnappyPlainly(source, target);
}

/** Made when it is needed first. */
let kernel: SnappyKernel | null | undefined;

function snappyKernel(): SnappyKernel | null {
  if (kernel === undefined) kernel = openSnappyKernel();
  return kernel;
}

/** The same without the compiled kernel, to the byte: for large sources, and where it cannot be compiled. */
export function encodeSnappyPlainly(source: Uint8Array, target: Uint8Array): number {
  const encoder = new Encoder(source, target);
  for (let start = 0; start < source.length; start += blockSizeBytes) {
    encoder.block(start, Math.min(source.length, start + blockSizeBytes));
  }
  return encoder.position;
}

class Encoder {
  position: number;
  readonly #source: Uint8Array;
  readonly #words: DataView;
  readonly #target: Uint8Array;

  constructor(source: Uint8Array, target: Uint8Array) {
    this.#source = source;
    this.#words = new DataView(source.buffer, source.byteOffset, source.length);
    this.#target = target;
    this.position = writeLength(target, source.length);
  }

  block(start: number, end: number): void {
    const words = this.#words;
    const searchEnd = end - tailBytes;
    const hashShift = 32 - clearTable(end - start);
    let literalStart = start;
    let misses = 32;
    for (let index = start + 1; index < searchEnd; ) {
      const word = words.getInt32(index, true);
      const slot = Math.imul(word, hashFactor) >>> hashShift;
      const candidate = start + table[slot]!;
      table[slot] = index - start;
      if (words.getInt32(candidate, true) !== word) {
        index += misses++ >>> 5;
        continue;
      }
      const length = this.#matchLength(candidate, index, end);
      if (literalStart < index) this.#literal(literalStart, index);
      this.#copy(index - candidate, length);
      index += length;
      literalStart = index;
      misses = 32;
    }
    if (literalStart < end) this.#literal(literalStart, end);
  }

  /** For how many bytes two places are equal, of which the first four are known to be. */
  #matchLength(candidate: number, index: number, end: number): number {
    const words = this.#words;
    let length = 4;
    for (; index + length <= end - 4; length += 4) {
      const difference = words.getInt32(candidate + length, true) ^ words.getInt32(index + length, true);
      // The lowest bit that differs lies in the first byte that does.
      if (difference !== 0) return length + ((31 - Math.clz32(difference & -difference)) >>> 3);
    }
    const source = this.#source;
    while (index + length < end && source[candidate + length] === source[index + length]) length++;
    return length;
  }

  #literal(start: number, end: number): void {
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

/** Empties as much of the table as a block needs: for a short record, clearing all of it costs more than the search. */
function clearTable(blockBytes: number): number {
  let bits = tableBitsMin;
  while (bits < tableBitsMax && 1 << bits < blockBytes) bits++;
  table.fill(0, 0, 1 << bits);
  return bits;
}

function writeLength(target: Uint8Array, length: number): number {
  let position = 0;
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) target[position++] = (rest % 128) | 128;
  target[position++] = rest;
  return position;
}

/**
 * Decompresses a block.
 *
 * @param sizeMaxBytes the most that may come out; more is refused before memory is taken
 * @param buffer is written to if the result fits, so that the result is a view of it; default: a new one
 * @throws {CodecError} the block is damaged or says that it is larger
 */
export function decodeSnappy(
  source: Uint8Array,
  sizeMaxBytes: number,
  buffer?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { length, start } = readLength(source, sizeMaxBytes);
  const target = buffer !== undefined && length <= buffer.length ? buffer.subarray(0, length) : new Uint8Array(length);
  const isSmall = source.length <= snappyKernelSourceMaxBytes && length <= snappyKernelSourceMaxBytes;
  // What the kernel refuses, plain code does, and says why.
  if (isSmall && snappyKernel()?.decode(source, start, target) === true) return target;
  decodeElements(source, start, target);
  return target;
}

/** The same without the compiled kernel: for large blocks, and where it cannot be compiled. */
export function decodeSnappyPlainly(source: Uint8Array, sizeMaxBytes: number): Uint8Array {
  const { length, start } = readLength(source, sizeMaxBytes);
  const target = new Uint8Array(length);
  decodeElements(source, start, target);
  return target;
}

/** The length in front of a block, and where its elements begin. */
function readLength(source: Uint8Array, sizeMaxBytes: number): { length: number; start: number } {
  let length = 0;
  let start = 0;
  for (let scale = 1; ; scale *= 128) {
    if (start >= source.length || start === 5) throw damaged("its length is cut or too long");
    const byte = source[start++]!;
    length += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (length > sizeMaxBytes) {
    throw new CodecError(`Cannot decode snappy: found a length of ${length} bytes, expected at most ${sizeMaxBytes}`);
  }
  return { length, start };
}

/**
 * What the block says about itself is checked before it is believed. Most elements are a few bytes long: those are moved by
 * words, which writes beyond their end, where the next element will be.
 */
function decodeElements(source: Uint8Array, start: number, target: Uint8Array): void {
  const from = new DataView(source.buffer, source.byteOffset, source.length);
  const to = new DataView(target.buffer, target.byteOffset, target.length);
  const wordsReadEnd = source.length - 8;
  const wordsWrittenEnd = target.length - 12;
  let read = start;
  let written = 0;
  while (read < source.length) {
    const tag = source[read++]!;
    let length = (tag >>> 2) + 1;
    if ((tag & 3) === 0) {
      if (length <= 8 && read <= wordsReadEnd && written <= wordsWrittenEnd) {
        to.setInt32(written, from.getInt32(read));
        if (length > 4) to.setInt32(written + 4, from.getInt32(read + 4));
      } else {
        if (length > 60) {
          const sizeBytes = length - 60;
          length = numberAt(source, read, sizeBytes) + 1;
          read += sizeBytes;
        }
        copyLiteral(source, read, target, { written, length });
      }
      read += length;
      written += length;
      continue;
    }
    let offset: number;
    if ((tag & 3) === 1 && read < source.length) {
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | source[read++]!;
      if (offset >= 4 && offset <= written && written <= wordsWrittenEnd) {
        const back = written - offset;
        to.setInt32(written, to.getInt32(back));
        if (length > 4) to.setInt32(written + 4, to.getInt32(back + 4));
        if (length > 8) to.setInt32(written + 8, to.getInt32(back + 8));
        written += length;
        continue;
      }
    } else {
      const sizeBytes = (tag & 3) === 3 ? 4 : tag & 3;
      offset = numberAt(source, read, sizeBytes);
      read += sizeBytes;
    }
    if (offset === 0 || offset > written) throw damaged("a copy starts before the beginning");
    if (length > target.length - written) throw damaged("a copy is longer than what is left");
    // Byte by byte, because a copy may overlap what it writes: that is how runs are stored.
    for (const end = written + length; written < end; written++) target[written] = target[written - offset]!;
  }
  if (written !== target.length) throw damaged("it ends early");
}

interface Literal {
  readonly written: number;
  readonly length: number;
}

function copyLiteral(source: Uint8Array, read: number, target: Uint8Array, { written, length }: Literal): void {
  if (length > source.length - read || length > target.length - written) throw damaged("a literal is too long");
  if (length > shortBytes) target.set(source.subarray(read, read + length), written);
  else for (let index = 0; index < length; index++) target[written + index] = source[read + index]!;
}

/** So many bytes, low byte first. */
function numberAt(source: Uint8Array, position: number, sizeBytes: number): number {
  if (position + sizeBytes > source.length) throw damaged("it ends inside an element");
  if (sizeBytes === 1) return source[position]!;
  const low = source[position]! | (source[position + 1]! << 8);
  if (sizeBytes === 2) return low;
  const third = low + source[position + 2]! * 65536;
  return sizeBytes === 3 ? third : third + source[position + 3]! * 16777216;
}

function damaged(what: string): CodecError {
  return new CodecError(`Cannot decode snappy: ${what}`);
}

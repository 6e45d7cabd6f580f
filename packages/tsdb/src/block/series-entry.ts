import { crc32c } from "@tatou/kernels";
import type { BlockFile } from "./block-file.ts";
import { checksumSizeBytes } from "./block-layout.ts";

/** A first guess at the size of an entry: most have eight labels and a few dozen chunks. */
const usualSizeBytes = 256;
const none = -1;

/**
 * One series as an index holds it: labels as symbols, and where its chunks are. Used for series after series; the arrays
 * grow to the largest one, and their first `labelCount` or `chunkCount` items are in use.
 */
export class SeriesEntry {
  labelCount = 0;
  names = new Float64Array(16);
  values = new Float64Array(16);
  chunkCount = 0;
  /** Both inclusive. */
  minTimesMs = new Float64Array(16);
  maxTimesMs = new Float64Array(16);
  references = new Float64Array(16);
  #file: BlockFile | null = null;
  #entryOffset = 0;
  /** The entry that the fields hold, none while one is being read, and whether its chunks are read too. */
  #readOffset = none;
  #hasChunks = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;

  /** Reads the entry at an offset of the file; at once when it was the last one read. @throws {BlockCorruptError} */
  read(file: BlockFile, offset: number): void {
    this.readLabels(file, offset);
    if (this.#hasChunks) return;
    this.#parseChunks();
    if (this.#position > this.#end) throw this.#endsEarly();
    this.#hasChunks = true;
  }

  /** Reads labels only: where chunks are many, they take longer than all the rest. */
  readLabels(file: BlockFile, offset: number): void {
    if (this.#file === file && this.#readOffset === offset) return;
    this.#file = file;
    this.#hasChunks = false;
    this.#readOffset = none;
    this.#entryOffset = offset;
    if (offset + 2 > file.sizeBytes) throw file.corrupt(offset, "there is no such series");
    this.#locate(Math.min(usualSizeBytes, file.sizeBytes - offset));
    const sizeBytes = this.#uvarint();
    const prefixSizeBytes = this.#position - file.start;
    const neededBytes = prefixSizeBytes + sizeBytes + checksumSizeBytes;
    if (neededBytes > usualSizeBytes) this.#locate(neededBytes);
    const bodyStart = file.start + prefixSizeBytes;
    const bodyEnd = bodyStart + sizeBytes;
    if (bodyEnd + checksumSizeBytes > this.#end) throw file.corrupt(offset, "a series ends early");
    if (file.bytes.readUInt32BE(bodyEnd) !== crc32c(file.bytes, bodyStart, bodyEnd)) {
      throw file.corrupt(offset, "the checksum of a series is wrong");
    }
    this.#position = bodyStart;
    this.#end = bodyEnd;
    this.#parseLabels();
    if (this.#position > bodyEnd) throw this.#endsEarly();
    this.#readOffset = offset;
  }

  #locate(sizeBytes: number): void {
    const file = this.#file!;
    file.locate(this.#entryOffset, sizeBytes);
    this.#bytes = file.bytes;
    this.#position = file.start;
    this.#end = file.start + sizeBytes;
  }

  #parseLabels(): void {
    const count = this.#countOf(2);
    if (count > this.names.length) {
      this.names = new Float64Array(count * 2);
      this.values = new Float64Array(count * 2);
    }
    for (let index = 0; index < count; index++) {
      this.names[index] = this.#uvarint();
      this.values[index] = this.#uvarint();
    }
    this.labelCount = count;
  }

  #parseChunks(): void {
    const count = this.#countOf(3);
    if (count > this.minTimesMs.length) {
      this.minTimesMs = new Float64Array(count * 2);
      this.maxTimesMs = new Float64Array(count * 2);
      this.references = new Float64Array(count * 2);
    }
    let timeMs = 0;
    let reference = 0;
    for (let index = 0; index < count; index++) {
      timeMs += index === 0 ? this.#varint() : this.#wrapping();
      this.minTimesMs[index] = timeMs;
      timeMs += this.#uvarint();
      this.maxTimesMs[index] = timeMs;
      reference += index === 0 ? this.#uvarint() : this.#varint();
      this.references[index] = reference;
    }
    this.chunkCount = count;
  }

  /** How many items follow, each of so many bytes or more. */
  #countOf(itemSizeMinBytes: number): number {
    const count = this.#uvarint();
    if (count * itemSizeMinBytes > this.#end - this.#position) throw this.#endsEarly();
    return count;
  }

  /** May go beyond the end, where its bytes mean nothing: `read` notices afterwards. */
  #uvarint(): number {
    const bytes = this.#bytes;
    let position = this.#position;
    let byte = bytes[position++]!;
    let value = byte & 127;
    for (let scale = 128; byte >= 128; scale *= 128) {
      byte = bytes[position++]!;
      value += (byte & 127) * scale;
      if (scale === 2 ** 49 && byte >= 16) throw this.#tooLarge();
    }
    this.#position = position;
    return value;
  }

  #varint(): number {
    const zigzag = this.#uvarint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /**
   * A difference of times that should not be negative. Where chunks overlap it is, and then the writer's 64 bits have
   * wrapped around: such numbers take ten bytes.
   */
  #wrapping(): number {
    let sizeBytes = 1;
    while (sizeBytes < 10 && this.#bytes[this.#position + sizeBytes - 1]! >= 128) sizeBytes++;
    if (sizeBytes < 10) return this.#uvarint();
    let low = 0;
    let high = 0;
    for (let index = 0; index < 5; index++) {
      low += (this.#bytes[this.#position + index]! & 127) * 2 ** (7 * index);
      high += (this.#bytes[this.#position + 5 + index]! & 127) * 2 ** (7 * index);
    }
    this.#position += 10;
    // The lower part has 35 bits, so 2^64 is 2^29 of the upper one.
    const difference = low + (high - 2 ** 29) * 2 ** 35;
    if (!Number.isSafeInteger(difference) || difference >= 0) throw this.#tooLarge();
    return difference;
  }

  #endsEarly(): Error {
    return this.#file!.corrupt(this.#entryOffset, "a series ends early");
  }

  #tooLarge(): Error {
    return this.#file!.corrupt(this.#entryOffset, "a number in a series is too large");
  }
}

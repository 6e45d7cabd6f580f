import { crc32c } from "@tatou/kernels";
import type { BlockCorruptError } from "../errors.ts";
import type { BlockFile } from "./block-file.ts";
import { checksumSizeBytes } from "./block-layout.ts";

const windowSizeBytes = 256 * 1024;

/**
 * Walks through a section of an index (length, bytes, checksum) from its beginning to its end, once, with little memory
 * however long it is. Nothing of it is sure before `finish` has compared the checksum.
 */
export class SectionScanner {
  /** The offset in the file behind the section. */
  readonly end: number;
  /** What `text` found: `bytes` from `start` on, valid until the next call of anything. */
  bytes: Buffer;
  start = 0;
  readonly #file: BlockFile;
  /** The window holds bytes [0, limit); the next one is at `#next`, which is `#offset` + `#next` in the file. */
  #offset: number;
  #next = 0;
  #limit = 0;
  #crc = 0;

  constructor(file: BlockFile, offset: number) {
    this.#file = file;
    file.locate(offset, 4);
    const sizeBytes = file.bytes.readUInt32BE(file.start);
    this.#offset = offset + 4;
    this.end = this.#offset + sizeBytes;
    if (this.end + checksumSizeBytes > file.sizeBytes) throw file.corrupt(offset, "a section is longer than the file");
    this.bytes = Buffer.allocUnsafeSlow(Math.min(windowSizeBytes, sizeBytes));
  }

  /** Where the next byte stands in the file. */
  get position(): number {
    return this.#offset + this.#next;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  uint32(): number {
    this.#need(4);
    this.#next += 4;
    return this.bytes.readUInt32BE(this.#next - 4);
  }

  uvarint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (this.#next === this.#limit) this.#need(1);
      const byte = this.bytes[this.#next++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 42) throw this.#file.corrupt(this.position, "a number is too large");
    }
  }

  /** @returns the size in bytes of a text, which lies at `bytes` and `start` */
  text(): number {
    const sizeBytes = this.uvarint();
    this.#need(sizeBytes);
    this.start = this.#next;
    this.#next += sizeBytes;
    return sizeBytes;
  }

  corrupt(offsetBytes: number, what: string): BlockCorruptError {
    return this.#file.corrupt(offsetBytes, what);
  }

  /** Compares the checksum. */
  finish(): void {
    while (this.remaining > 0) {
      this.#next = this.#limit;
      if (this.remaining > 0) this.#need(1);
    }
    this.#file.locate(this.end, checksumSizeBytes);
    if (this.#file.bytes.readUInt32BE(this.#file.start) !== this.#crc) {
      throw this.#file.corrupt(this.end, "the checksum of a section is wrong");
    }
  }

  /** Makes sure that so many bytes lie in the window. */
  #need(sizeBytes: number): void {
    const present = this.#limit - this.#next;
    if (sizeBytes <= present) return;
    if (sizeBytes > this.remaining) throw this.#file.corrupt(this.position, "a section ends early");
    const old = this.bytes;
    // A text can be longer than the window.
    if (sizeBytes > old.length) this.bytes = Buffer.allocUnsafeSlow(sizeBytes);
    old.copy(this.bytes, 0, this.#next, this.#limit);
    this.#offset += this.#next;
    this.#next = 0;
    const count = Math.min(this.bytes.length - present, this.end - this.#offset - present);
    const target = this.bytes.subarray(present, present + count);
    this.#file.readInto(target, this.#offset + present, count);
    this.#crc = crc32c(target, 0, count, this.#crc);
    this.#limit = present + count;
  }
}

/**
 * Reads the records of one segment (layout: wal-format.ts), checking every frame.
 *
 * Hot: at a start, all bytes of the log go through here.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ByteWriter, CodecError, crc32c, decodeSnappy } from "@tatou/kernels";
import { WalCorruptError } from "../errors.ts";
import {
  fragmentHeaderBytes,
  fragmentType,
  pageSizeBytes,
  segmentSizeMaxBytes,
  snappyFlag,
  zstdFlag,
} from "./wal-format.ts";
import { decodeZstd } from "./zstd.ts";

/** A whole number of pages, so that a fragment is always in memory as one. */
const windowBytes = 32 * pageSizeBytes;
const typeMask = 7;

/** A cursor: `record` is the record at hand, until the next call of `next`. */
export class SegmentReader {
  record: Uint8Array = new Uint8Array(0);
  /** Where in the file the record at hand begins. */
  recordOffsetBytes = 0;
  readonly #path: string;
  readonly #isWanted: (type: number) => boolean;
  readonly #file: number;
  readonly #sizeBytes: number;
  readonly #window = new Uint8Array(windowBytes);
  #windowStart = 0;
  #windowEnd = 0;
  #position = 0;
  readonly #assembled = new ByteWriter(pageSizeBytes);
  /** Where the record is decompressed to. */
  readonly #target = new Uint8Array(4 * pageSizeBytes);
  /** Whether the last error leaves it open where the next fragment begins. */
  #isFrameLost = false;
  /** After a loss, and behind a record that is not wanted: parts of a record without its beginning are gone over. */
  #isResuming = false;

  /** @param isWanted by type; other records are gone over without a look into them. Default: all are wanted */
  constructor(path: string, isWanted: (type: number) => boolean = () => true) {
    this.#path = path;
    this.#isWanted = isWanted;
    this.#file = openSync(path, "r");
    this.#sizeBytes = fstatSync(this.#file).size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  close(): void {
    closeSync(this.#file);
  }

  /**
   * Goes to the next record; false at the segment's end.
   *
   * @throws {WalCorruptError} what follows is no record; `skipDamage` goes on behind it
   */
  next(): boolean {
    let inRecord = false;
    let flags = 0;
    this.#assembled.length = 0;
    this.#isFrameLost = true;
    for (;;) {
      if (!inRecord) this.recordOffsetBytes = this.#position;
      this.#skipPageEnds();
      if (this.#position >= this.#sizeBytes) {
        if (inRecord) throw this.#corrupt("the segment ends inside a record");
        return false;
      }
      const head = this.#window[this.#position - this.#windowStart]!;
      const type = head & typeMask;
      const begins = type === fragmentType.full || type === fragmentType.first;
      if (this.#isResuming && !begins) {
        this.#position += fragmentHeaderBytes + this.#fragmentLength();
        continue;
      }
      this.#isResuming = false;
      const isPart = type !== fragmentType.pageEnd && type <= fragmentType.last;
      if (!isPart || begins === inRecord) throw this.#corrupt("a fragment is out of place");
      if (begins) flags = head & ~typeMask;
      if (begins && !this.#isWanted(this.#recordType(flags))) {
        this.#goOver();
        continue;
      }
      const data = this.#fragment();
      inRecord = true;
      if (type === fragmentType.full) {
        this.#decompress(data, flags);
        return true;
      }
      this.#assembled.raw(data);
      if (this.#assembled.length > segmentSizeMaxBytes) throw this.#corrupt("a record is larger than a segment");
      if (type === fragmentType.last) {
        this.#decompress(this.#assembled.written(), flags);
        return true;
      }
    }
  }

  /**
   * After an error of `next`: goes behind the damage. Where the next fragment begins is certain again at the next page at
   * the latest; parts of a record whose beginning is lost are read over.
   */
  skipDamage(): void {
    if (!this.#isFrameLost) return;
    this.#position += pageSizeBytes - (this.#position % pageSizeBytes);
    this.#isResuming = true;
  }

  /** The first byte of the record that begins at the position, without decompressing it; 0 where that cannot be told. */
  #recordType(flags: number): number {
    let index = this.#position - this.#windowStart + fragmentHeaderBytes;
    if (flags === 0) return this.#window[index] ?? 0;
    if (flags !== snappyFlag) return 0;
    while (this.#window[index]! >= 128) index++;
    // A block begins with its length, then with a literal, of up to 60 bytes, or of more and its length in one to four bytes.
    const tag = this.#window[++index] ?? 0;
    if ((tag & 3) !== 0) return 0;
    return this.#window[index + 1 + Math.max(0, (tag >>> 2) - 59)] ?? 0;
  }

  /** Goes over a record: over its first part here, over the others as if their beginning was lost. */
  #goOver(): void {
    this.#position += fragmentHeaderBytes + this.#fragmentLength();
    this.#isResuming = true;
  }

  #fragmentLength(): number {
    const start = this.#position - this.#windowStart;
    const pageLeft = pageSizeBytes - (this.#position % pageSizeBytes);
    const left = Math.min(pageLeft, this.#sizeBytes - this.#position);
    if (left < fragmentHeaderBytes) throw this.#corrupt("a fragment's header is cut");
    const length = (this.#window[start + 1]! << 8) | this.#window[start + 2]!;
    if (length > pageLeft - fragmentHeaderBytes) throw this.#corrupt("a fragment is longer than its page");
    if (length > left - fragmentHeaderBytes) throw this.#corrupt("a fragment is cut");
    return length;
  }

  /** The data of the fragment at the position, which moves behind it. */
  #fragment(): Uint8Array {
    const length = this.#fragmentLength();
    const start = this.#position - this.#windowStart;
    const window = this.#window;
    const dataStart = start + fragmentHeaderBytes;
    const crc =
      ((window[start + 3]! << 24) | (window[start + 4]! << 16) | (window[start + 5]! << 8) | window[start + 6]!) >>> 0;
    if (crc32c(window, dataStart, dataStart + length) !== crc) throw this.#corrupt("a checksum does not fit");
    this.#position += fragmentHeaderBytes + length;
    return window.subarray(dataStart, dataStart + length);
  }

  /** Moves over zeros up to the next fragment and makes sure that its page is in memory. */
  #skipPageEnds(): void {
    while (this.#position < this.#sizeBytes) {
      this.#load();
      const start = this.#position - this.#windowStart;
      if (this.#window[start] !== 0) return;
      const pageLeft = pageSizeBytes - (this.#position % pageSizeBytes);
      const end = Math.min(start + pageLeft, this.#windowEnd - this.#windowStart);
      for (let index = start; index < end; index++) {
        if (this.#window[index] !== 0) throw this.#corrupt("the end of a page is not empty");
      }
      this.#position += pageLeft;
    }
  }

  #load(): void {
    if (this.#position < this.#windowEnd) return;
    this.#windowStart = this.#position - (this.#position % pageSizeBytes);
    this.#windowEnd = this.#windowStart;
    for (;;) {
      const filled = this.#windowEnd - this.#windowStart;
      const count = readSync(this.#file, this.#window, filled, windowBytes - filled, this.#windowEnd);
      if (count === 0) break;
      this.#windowEnd += count;
    }
    if (this.#windowEnd <= this.#position) throw this.#corrupt("the file became shorter while it was read");
  }

  #decompress(data: Uint8Array, flags: number): void {
    // The frame is sound: whatever is wrong inside, the next record begins behind it.
    this.#isFrameLost = false;
    try {
      if (flags === 0) this.record = data;
      else if (flags === snappyFlag) this.record = this.#decodeSnappy(data);
      else if (flags === zstdFlag) this.record = decodeZstd(data, segmentSizeMaxBytes);
      else throw this.#corrupt("a fragment has unknown flags");
    } catch (error) {
      if (error instanceof CodecError) throw this.#corrupt(error.message);
      throw error;
    }
  }

  #decodeSnappy(data: Uint8Array): Uint8Array {
    return (this.record = decodeSnappy(data, segmentSizeMaxBytes, this.#target));
  }

  #corrupt(what: string): WalCorruptError {
    return new WalCorruptError(what, { path: this.#path, offsetBytes: this.recordOffsetBytes });
  }
}

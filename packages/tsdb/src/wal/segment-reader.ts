/** Reads the records of one segment (layout: wal-format.ts), checking every frame. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ByteWriter, CodecError, crc32c, decodeSnappy } from "@tatou/kernels";
import { WalCorruptError, WalUnsupportedError } from "../errors.ts";
import {
  fragmentHeaderBytes,
  fragmentType,
  pageSizeBytes,
  segmentSizeMaxBytes,
  snappyFlag,
  zstdFlag,
} from "./wal-format.ts";

/** A whole number of pages, so that a fragment is always in memory as one. */
const windowBytes = 32 * pageSizeBytes;
const typeMask = 7;

/** A cursor: `record` is the record at hand, until the next call of `next`. */
export class SegmentReader {
  record: Uint8Array = new Uint8Array(0);
  /** Where in the file the record at hand begins. */
  recordOffsetBytes = 0;
  readonly #path: string;
  readonly #file: number;
  readonly #sizeBytes: number;
  readonly #window = new Uint8Array(windowBytes);
  #windowStart = 0;
  #windowEnd = 0;
  #position = 0;
  readonly #assembled = new ByteWriter(pageSizeBytes);

  constructor(path: string) {
    this.#path = path;
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
   * @throws {WalCorruptError} what follows is no record
   * @throws {WalUnsupportedError} it is compressed in a way that cannot be read here
   */
  next(): boolean {
    let inRecord = false;
    let flags = 0;
    this.#assembled.length = 0;
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
      if (type > fragmentType.last || begins === inRecord) throw this.#corrupt("a fragment is out of place");
      if (begins) flags = head & ~typeMask;
      const data = this.#fragment();
      inRecord = true;
      if (type === fragmentType.full) {
        this.record = this.#decompress(data, flags);
        return true;
      }
      this.#assembled.raw(data);
      if (this.#assembled.length > segmentSizeMaxBytes) throw this.#corrupt("a record is larger than a segment");
      if (type === fragmentType.last) {
        this.record = this.#decompress(this.#assembled.written(), flags);
        return true;
      }
    }
  }

  /** The data of the fragment at the position, which moves behind it. */
  #fragment(): Uint8Array {
    const start = this.#position - this.#windowStart;
    const pageLeft = pageSizeBytes - (this.#position % pageSizeBytes);
    const left = Math.min(pageLeft, this.#sizeBytes - this.#position);
    if (left < fragmentHeaderBytes) throw this.#corrupt("a fragment's header is cut");
    const window = this.#window;
    const length = (window[start + 1]! << 8) | window[start + 2]!;
    if (length > pageLeft - fragmentHeaderBytes) throw this.#corrupt("a fragment is longer than its page");
    if (length > left - fragmentHeaderBytes) throw this.#corrupt("a fragment is cut");
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

  #decompress(data: Uint8Array, flags: number): Uint8Array {
    if (flags === 0) return data;
    if (flags === zstdFlag) {
      const hint =
        "Start Prometheus once with --storage.tsdb.wal-compression-type=snappy and let it write a checkpoint";
      throw new WalUnsupportedError("a record is compressed with zstd", hint);
    }
    if (flags !== snappyFlag) throw this.#corrupt("a fragment has unknown flags");
    try {
      return decodeSnappy(data, segmentSizeMaxBytes);
    } catch (error) {
      if (error instanceof CodecError) throw this.#corrupt(error.message);
      throw error;
    }
  }

  #corrupt(what: string): WalCorruptError {
    return new WalCorruptError(what, { path: this.#path, offsetBytes: this.recordOffsetBytes });
  }
}

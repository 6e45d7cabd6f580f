/**
 * Writes records into numbered segments (layout: wal-format.ts). Records are staged in memory and written by `flush` in
 * one call, so that a commit is one write; a write that fails is taken back, so the log never holds half of one.
 *
 * Hot: stages every sample's bytes.
 */
import { join } from "node:path";
import { ByteWriter, crc32c, encodeSnappy, snappySizeMaxBytes } from "@tatou/kernels";
import type { WalFiles } from "./files.ts";
import { fragmentHeaderBytes, fragmentType, pageSizeBytes, segmentName, snappyFlag } from "./wal-format.ts";

export interface SegmentWriterOptions {
  readonly directory: string;
  readonly files: WalFiles;
  readonly segmentSizeMaxBytes: number;
  /** Called when a segment is full, with its number and size. */
  readonly onSegmentEnd?: (segmentIndex: number, sizeBytes: number) => void;
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #staged = new ByteWriter(64 * 1024);
  #compressed = new Uint8Array(64 * 1024);
  #file: number;
  #segmentIndex: number;
  /** Bytes of the segment that are known to be good. */
  #sizeBytes: number;
  /** A failed write could not be taken back: the segment ends in rubbish, so the next record needs another one. */
  #torn = false;

  /**
   * Begins with an empty segment.
   *
   * @param reuse an empty file of that name is there already
   */
  constructor(options: SegmentWriterOptions, segmentIndex: number, reuse = false) {
    this.#options = options;
    this.#segmentIndex = segmentIndex;
    this.#sizeBytes = 0;
    this.#file = options.files.open(this.#pathOf(segmentIndex), reuse ? "existing" : "create");
  }

  get segmentIndex(): number {
    return this.#segmentIndex;
  }

  /** Bytes in the segment at hand. */
  get segmentBytes(): number {
    return this.#sizeBytes;
  }

  /** Puts a record behind the staged ones. May flush and begin a new segment when this one is full. */
  stage(record: Uint8Array): void {
    const compressed = this.#compress(record);
    const smaller = compressed.length < record.length;
    const data = smaller ? compressed : record;
    const position = this.#sizeBytes + this.#staged.length;
    const framesMax = Math.ceil(data.length / (pageSizeBytes - fragmentHeaderBytes)) + 1;
    const sizeMaxBytes = data.length + framesMax * fragmentHeaderBytes + pageSizeBytes - (position % pageSizeBytes);
    if (this.#torn || (position > 0 && position + sizeMaxBytes > this.#options.segmentSizeMaxBytes)) {
      this.flush();
      this.nextSegment();
    }
    this.#stageFragments(data, smaller ? snappyFlag : 0);
  }

  /**
   * Writes what is staged.
   *
   * @throws the system's error; nothing of what was staged is in the log then, and nothing is staged any more
   */
  flush(): void {
    const { files } = this.#options;
    const staged = this.#staged.written();
    this.#staged.length = 0;
    if (staged.length === 0) return;
    try {
      for (let written = 0; written < staged.length; ) {
        written += files.write(this.#file, staged.subarray(written), this.#sizeBytes + written);
      }
      this.#sizeBytes += staged.length;
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /** Forgets what is staged. */
  discard(): void {
    this.#staged.length = 0;
  }

  /** Syncs the segment and begins the next one; nothing may be staged. */
  nextSegment(): void {
    const { files, onSegmentEnd } = this.#options;
    const next = files.open(this.#pathOf(this.#segmentIndex + 1), "create");
    const done = this.#file;
    onSegmentEnd?.(this.#segmentIndex, this.#sizeBytes);
    this.#file = next;
    this.#segmentIndex++;
    this.#sizeBytes = 0;
    this.#torn = false;
    try {
      files.sync(done);
    } finally {
      files.close(done);
    }
  }

  sync(): void {
    this.#options.files.sync(this.#file);
  }

  close(): void {
    try {
      this.sync();
    } finally {
      this.#options.files.close(this.#file);
    }
  }

  #takeBack(): void {
    try {
      this.#options.files.truncate(this.#file, this.#sizeBytes);
    } catch {
      this.#torn = true;
    }
  }

  #stageFragments(data: Uint8Array, flags: number): void {
    const staged = this.#staged;
    let start = 0;
    do {
      let left = pageSizeBytes - ((this.#sizeBytes + staged.length) % pageSizeBytes);
      if (left <= fragmentHeaderBytes) {
        for (; left > 0; left--) staged.uint8(0);
        left = pageSizeBytes;
      }
      const end = Math.min(data.length, start + left - fragmentHeaderBytes);
      const isLast = end === data.length;
      const type =
        start === 0
          ? isLast
            ? fragmentType.full
            : fragmentType.first
          : isLast
            ? fragmentType.last
            : fragmentType.middle;
      staged.uint8(type | flags);
      staged.uint16(end - start);
      staged.uint32(crc32c(data, start, end));
      staged.raw(data.subarray(start, end));
      start = end;
    } while (start < data.length);
  }

  #compress(record: Uint8Array): Uint8Array {
    const sizeMaxBytes = snappySizeMaxBytes(record.length);
    if (this.#compressed.length < sizeMaxBytes) this.#compressed = new Uint8Array(sizeMaxBytes * 2);
    return this.#compressed.subarray(0, encodeSnappy(record, this.#compressed));
  }

  #pathOf(segmentIndex: number): string {
    return join(this.#options.directory, segmentName(segmentIndex));
  }
}

import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** Appends whole lines to one file. A line that does not fit on the disk leaves no trace in the file. */
export class SegmentWriter {
  readonly #file: number;
  #sizeBytes: number;

  /** @param sizeBytes how much of the file is whole lines; it is made when it is not there */
  static open(path: string, sizeBytes: number): SegmentWriter {
    return new SegmentWriter(openSync(path, "a"), sizeBytes);
  }

  private constructor(file: number, sizeBytes: number) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Writes lines, which bring their line breaks, with one call. Throws what the system says, a full disk for one. */
  write(lines: Buffer): void {
    let writtenBytes = 0;
    try {
      // The system may take a part only; what it refuses of the rest it says with the next call.
      while (writtenBytes < lines.length) writtenBytes += writeSync(this.#file, lines, writtenBytes);
    } catch (error) {
      if (writtenBytes > 0) ftruncateSync(this.#file, this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += lines.length;
  }

  /** Brings the file to the disk and lets go of it. */
  close(): void {
    try {
      fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }
}

/** Reads a file of chunks_head from its beginning to its end, as a start does, checking every chunk. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { HeadChunkCorruptError, HeadChunksUnsupportedError } from "../errors.ts";
import {
  HeadChunkHeader,
  hasRightCrc,
  headChunkCrcBytes,
  headChunkFileHeaderBytes,
  headChunkHeaderMaxBytes,
  headChunkMagic,
  headChunkVersion,
} from "./head-chunk-format.ts";

const windowSizeBytes = 1024 * 1024;

/** A cursor: the fields hold the chunk at hand until the next call of `next`. */
export class HeadChunkScan {
  readonly header = new HeadChunkHeader();
  /** Where the chunk at hand begins. */
  offset = 0;
  sampleCount = 0;
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #file: number;
  #window = new Uint8Array(windowSizeBytes);
  #windowStart = 0;
  #windowEnd = 0;
  #position = headChunkFileHeaderBytes;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, "r");
    this.sizeBytes = fstatSync(this.#file).size;
  }

  /**
   * Has to be called before `next`.
   *
   * @throws {HeadChunkCorruptError} it is no such file
   * @throws {HeadChunksUnsupportedError} it has a version that is not read here
   */
  checkHeader(): void {
    this.#load(0, headChunkFileHeaderBytes);
    if (this.#windowEnd < headChunkFileHeaderBytes) throw this.#corrupt(0, "the file ends inside its header");
    const view = new DataView(this.#window.buffer);
    if (view.getUint32(0) !== headChunkMagic) throw this.#corrupt(0, "the file does not begin as one of head chunks");
    const version = view.getUint8(4);
    if (version !== headChunkVersion) throw new HeadChunksUnsupportedError(this.#path, version);
  }

  /** Goes to the next chunk; false at the end. @throws {HeadChunkCorruptError} what follows is no sound chunk */
  next(): boolean {
    const offset = this.#position;
    if (offset >= this.sizeBytes) return false;
    let start = this.#load(offset, headChunkHeaderMaxBytes);
    if (HeadChunkHeader.isEnd(this.#window, start, this.#windowEnd - this.#windowStart)) return false;
    const { header } = this;
    const problem = header.parse(this.#window, start, this.#windowEnd - this.#windowStart);
    if (problem !== null) throw this.#corrupt(offset, problem);
    if (header.sizeBytes > this.sizeBytes - offset) throw this.#corrupt(offset, "it is cut");
    start = this.#load(offset, header.sizeBytes);
    const end = start + header.sizeBytes;
    if (end > this.#windowEnd - this.#windowStart) throw this.#corrupt(offset, "the file became shorter");
    if (!hasRightCrc(this.#window, start, end)) throw this.#corrupt(offset, "its checksum does not fit");
    const data = end - headChunkCrcBytes - header.dataSizeBytes;
    this.sampleCount = (this.#window[data]! << 8) | this.#window[data + 1]!;
    this.offset = offset;
    this.#position = offset + header.sizeBytes;
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Sees to it that so many bytes from a position on are in the window, if the file has them. @returns where they are */
  #load(position: number, sizeBytes: number): number {
    if (position + sizeBytes > this.#windowEnd && this.#windowEnd < this.sizeBytes) this.#fill(position, sizeBytes);
    return position - this.#windowStart;
  }

  #fill(position: number, sizeBytes: number): void {
    if (sizeBytes > this.#window.length) this.#window = new Uint8Array(sizeBytes);
    this.#windowStart = position;
    this.#windowEnd = position;
    const window = this.#window;
    while (this.#windowEnd - position < window.length) {
      const filled = this.#windowEnd - position;
      const count = readSync(this.#file, window, filled, window.length - filled, this.#windowEnd);
      if (count === 0) return;
      this.#windowEnd += count;
    }
  }

  #corrupt(offsetBytes: number, what: string): HeadChunkCorruptError {
    return new HeadChunkCorruptError(what, { path: this.#path, offsetBytes });
  }
}

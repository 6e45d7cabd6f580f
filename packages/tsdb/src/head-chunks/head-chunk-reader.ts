/**
 * Reads single chunks of chunks_head for queries and for blocks. Neighbouring chunks are often wanted together, so the
 * files are read in windows of 64 KiB, of which the most recent ones are kept.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { HeadChunkCorruptError } from "../errors.ts";
import {
  HeadChunkHeader,
  hasRightCrc,
  headChunkCrcBytes,
  headChunkFileName,
  headChunkHeaderMaxBytes,
} from "./head-chunk-format.ts";

/** A chunk as it stands in chunks_head. */
export interface HeadChunk extends ChunkData {
  /** The series, by its number in the log. */
  readonly ref: number;
  readonly isOutOfOrder: boolean;
}

const windowBits = 16;
const windowBytes = 1 << windowBits;
/** Offsets have 32 bits, so this many windows a file. */
const windowsPerFile = 2 ** (32 - windowBits);
const cacheMaxBytesDefault = 4 * 1024 * 1024;

interface Window {
  readonly bytes: Uint8Array;
  /** Bytes that the file had when it was read. */
  count: number;
}

export class HeadChunkReader {
  readonly #directory: string;
  readonly #windowCountMax: number;
  readonly #files = new Map<number, number>();
  /** By file and position; the least recently used first. */
  readonly #windows = new Map<number, Window>();
  readonly #header = new HeadChunkHeader();
  /** For chunks that no single window holds. */
  #spare = new Uint8Array(4096);

  /** @param directory chunks_head itself; files are opened when they are asked for */
  constructor(directory: string, cacheMaxBytes = cacheMaxBytesDefault) {
    this.#directory = directory;
    this.#windowCountMax = Math.max(1, Math.floor(cacheMaxBytes / windowBytes));
  }

  /**
   * The chunk that begins at an offset.
   *
   * @returns its bytes are a view that the next call may overwrite
   * @throws {HeadChunkCorruptError} there is no sound chunk
   */
  read(file: number, offset: number): HeadChunk {
    const header = this.#header;
    const start = this.#bytes(file, offset, headChunkHeaderMaxBytes);
    const problem = header.parse(start, 0, start.length);
    if (problem !== null) throw this.#corrupt(file, offset, problem);
    const whole = this.#bytes(file, offset, header.sizeBytes);
    if (whole.length < header.sizeBytes) throw this.#corrupt(file, offset, "it is cut");
    if (!hasRightCrc(whole, 0, whole.length)) throw this.#corrupt(file, offset, "its checksum does not fit");
    const dataEnd = whole.length - headChunkCrcBytes;
    return {
      ref: header.ref,
      encoding: header.encoding,
      isOutOfOrder: header.isOutOfOrder,
      minTimeMs: header.minTimeMs,
      maxTimeMs: header.maxTimeMs,
      bytes: whole.subarray(dataEnd - header.dataSizeBytes, dataEnd),
    };
  }

  /** Lets go of files below a number, which are about to be deleted. */
  forgetBelow(file: number): void {
    for (const [number, descriptor] of this.#files) {
      if (number >= file) continue;
      closeSync(descriptor);
      this.#files.delete(number);
    }
    for (const key of this.#windows.keys()) if (key < file * windowsPerFile) this.#windows.delete(key);
  }

  close(): void {
    this.forgetBelow(Number.POSITIVE_INFINITY);
  }

  /** Up to so many bytes from an offset on: fewer at the file's end. */
  #bytes(file: number, offset: number, sizeBytes: number): Uint8Array {
    const inWindow = offset & (windowBytes - 1);
    if (inWindow + sizeBytes <= windowBytes) {
      return this.#window(file, offset >>> windowBits, inWindow + sizeBytes).subarray(inWindow, inWindow + sizeBytes);
    }
    if (this.#spare.length < sizeBytes) this.#spare = new Uint8Array(sizeBytes * 2);
    return this.#spare.subarray(0, this.#fill(file, offset, this.#spare.subarray(0, sizeBytes)));
  }

  #window(file: number, index: number, countMin: number): Uint8Array {
    const key = file * windowsPerFile + index;
    let window = this.#windows.get(key);
    if (window === undefined) window = { bytes: this.#takeWindow(), count: 0 };
    else this.#windows.delete(key);
    // The file that is being written was shorter when its last window was read.
    if (window.count < countMin) window.count = this.#fill(file, index * windowBytes, window.bytes);
    this.#windows.set(key, window);
    return window.bytes.subarray(0, window.count);
  }

  #takeWindow(): Uint8Array {
    if (this.#windows.size < this.#windowCountMax) return new Uint8Array(windowBytes);
    const [key, oldest] = this.#windows.entries().next().value!;
    this.#windows.delete(key);
    return oldest.bytes;
  }

  #fill(file: number, offset: number, target: Uint8Array): number {
    try {
      const descriptor = this.#open(file);
      let count = 0;
      while (count < target.length) {
        const read = readSync(descriptor, target, count, target.length - count, offset + count);
        if (read === 0) break;
        count += read;
      }
      return count;
    } catch (error) {
      throw this.#corrupt(file, offset, error instanceof Error ? error.message : String(error));
    }
  }

  #open(file: number): number {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const descriptor = openSync(join(this.#directory, headChunkFileName(file)), "r");
    this.#files.set(file, descriptor);
    return descriptor;
  }

  #corrupt(file: number, offsetBytes: number, what: string): HeadChunkCorruptError {
    return new HeadChunkCorruptError(what, { path: join(this.#directory, headChunkFileName(file)), offsetBytes });
  }
}

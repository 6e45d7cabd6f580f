/** The files of chunks_head (docs/format/chunks-head.md): full chunks of the head, written once and read back by place. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter, crc32c } from "@tatou/kernels";
import { assert, type Log, StorageWriteError } from "@tatou/model";
import type { WalFiles } from "../wal/files.ts";
import {
  headChunkFileHeaderBytes,
  headChunkFileName,
  headChunkFileSizeMaxBytes,
  headChunkMagic,
  headChunkVersion,
  outOfOrderFlag,
} from "./head-chunk-format.ts";
import { type HeadChunk, HeadChunkReader } from "./head-chunk-reader.ts";
import {
  type HeadChunkFile,
  type HeadChunksReport,
  readHeadChunks,
  type VisitedHeadChunk,
} from "./head-chunk-replay.ts";

export interface HeadChunkFilesOptions {
  /** `chunks_head` itself; made if it is not there. */
  readonly directory: string;
  readonly files: WalFiles;
  readonly log: Log;
  /** A file is ended at this size. Default: 128 MiB, as in Prometheus. */
  readonly fileSizeMaxBytes?: number;
}

/** Where a chunk stands. */
export interface HeadChunkPlace {
  /** Number of the file, from 1. */
  readonly file: number;
  readonly offset: number;
}

export class HeadChunkFiles {
  writeFailureCount = 0;
  readonly #options: HeadChunkFilesOptions;
  readonly #reader: HeadChunkReader;
  /** Ascending, without gaps. The last one is written while `#descriptor` is open. */
  readonly #files: HeadChunkFile[];
  readonly #staged = new ByteWriter(16 * 1024);
  #descriptor: number | null = null;

  private constructor(options: HeadChunkFilesOptions, files: HeadChunkFile[]) {
    this.#options = options;
    this.#files = files;
    this.#reader = new HeadChunkReader(options.directory);
  }

  /**
   * Reads all chunks once, in the order in which they were written, and repairs: the files end in front of what is damaged.
   *
   * @throws {HeadChunksUnsupportedError} a file has a version that is not read here; nothing was changed
   */
  static open(
    options: HeadChunkFilesOptions,
    onChunk: (chunk: VisitedHeadChunk) => void,
  ): { readonly files: HeadChunkFiles; readonly report: HeadChunksReport } {
    mkdirSync(options.directory, { recursive: true });
    const { files, report } = readHeadChunks(options.directory, options.log, onChunk);
    return { files: new HeadChunkFiles(options, files), report };
  }

  get sizeBytes(): number {
    return this.#files.reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  get fileCount(): number {
    return this.#files.length;
  }

  /**
   * Writes chunks by one call of the system, into one file.
   *
   * @param chunks together far below the size of a file
   * @returns where each of them stands
   * @throws {StorageWriteError} none of them is written
   */
  write(chunks: readonly HeadChunk[]): HeadChunkPlace[] {
    if (chunks.length === 0) return [];
    const staged = this.#staged;
    staged.length = 0;
    const starts = chunks.map((chunk) => stageChunk(staged, chunk));
    try {
      const file = this.#fileFor(staged.length);
      const { sizeBytes } = file;
      this.#writeAll(file, staged.written());
      for (const chunk of chunks) file.maxTimeMs = Math.max(file.maxTimeMs, chunk.maxTimeMs);
      return starts.map((start) => ({ file: file.number, offset: sizeBytes + start }));
    } catch (error) {
      this.writeFailureCount++;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageWriteError(`Cannot write head chunks: ${reason}`, { cause: error });
    }
  }

  /**
   * The chunk at a place.
   *
   * @returns its bytes are a view that the next call may overwrite
   * @throws {HeadChunkCorruptError}
   */
  read(file: number, offset: number): HeadChunk {
    return this.#reader.read(file, offset);
  }

  /** The lowest file that holds samples at or after a time, or that comes after such a file or is being written. */
  firstFileFrom(minTimeMs: number): number {
    const isNeeded = (file: HeadChunkFile): boolean => file.maxTimeMs >= minTimeMs;
    return (this.#files.find(isNeeded) ?? this.#files.at(-1))?.number ?? 1;
  }

  /**
   * Deletes the files below a number, and ends the one at hand, so that it can go at a later round.
   *
   * @throws {StorageWriteError} some files are left
   */
  truncate(belowFile: number): void {
    try {
      this.#endFile();
      this.#reader.forgetBelow(belowFile);
      // From the lowest on: what is left after a failure has no gaps.
      while (this.#files.length > 0 && this.#files[0]!.number < belowFile) {
        rmSync(this.#pathOf(this.#files[0]!.number));
        this.#files.shift();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageWriteError(`Cannot drop head chunks: ${reason}`, { cause: error });
    }
  }

  /**
   * Ends the file at hand.
   *
   * @returns the number of the next: what is written from now on is in it or behind it
   * @throws {StorageWriteError}
   */
  endFile(): number {
    try {
      this.#endFile();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageWriteError(`Cannot end a file of head chunks: ${reason}`, { cause: error });
    }
    return this.nextFile;
  }

  /** The number of the file that is begun next. */
  get nextFile(): number {
    return (this.#files.at(-1)?.number ?? 0) + 1;
  }

  /** Syncs. */
  close(): void {
    this.#reader.close();
    this.#endFile();
  }

  /** The file that so many bytes go to. */
  #fileFor(sizeBytes: number): HeadChunkFile {
    const last = this.#files.at(-1);
    const { fileSizeMaxBytes = headChunkFileSizeMaxBytes } = this.#options;
    if (this.#descriptor !== null && last !== undefined && last.sizeBytes + sizeBytes <= fileSizeMaxBytes) return last;
    this.#endFile();
    return this.#beginFile();
  }

  #beginFile(): HeadChunkFile {
    const { files } = this.#options;
    const header = new ByteWriter(headChunkFileHeaderBytes);
    header.uint32(headChunkMagic);
    header.uint8(headChunkVersion);
    for (let index = header.length; index < headChunkFileHeaderBytes; index++) header.uint8(0);
    const number = this.nextFile;
    const path = this.#pathOf(number);
    const descriptor = files.open(path, "create");
    try {
      const written = files.write(descriptor, header.written(), 0);
      if (written !== headChunkFileHeaderBytes) throw new Error("the header was written in part");
    } catch (error) {
      files.close(descriptor);
      rmSync(path, { force: true });
      throw error;
    }
    const file = { number, sizeBytes: headChunkFileHeaderBytes, maxTimeMs: Number.NEGATIVE_INFINITY };
    this.#files.push(file);
    this.#descriptor = descriptor;
    return file;
  }

  #endFile(): void {
    const { files } = this.#options;
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#descriptor = null;
    try {
      files.sync(descriptor);
    } finally {
      files.close(descriptor);
    }
  }

  #writeAll(file: HeadChunkFile, bytes: Uint8Array): void {
    const { files } = this.#options;
    const descriptor = this.#descriptor;
    assert(descriptor !== null, "a file of head chunks is open while it is written");
    try {
      for (let written = 0; written < bytes.length; ) {
        written += files.write(descriptor, bytes.subarray(written), file.sizeBytes + written);
      }
      file.sizeBytes += bytes.length;
    } catch (error) {
      this.#takeBack(file, descriptor);
      throw error;
    }
  }

  /** Should even this fail, the file ends in rubbish: the next chunks need another one. */
  #takeBack(file: HeadChunkFile, descriptor: number): void {
    const { files } = this.#options;
    try {
      files.truncate(descriptor, file.sizeBytes);
    } catch {
      this.#descriptor = null;
      files.close(descriptor);
    }
  }

  #pathOf(file: number): string {
    return join(this.#options.directory, headChunkFileName(file));
  }
}

/** Puts a chunk behind what is staged. @returns where it begins */
function stageChunk(staged: ByteWriter, chunk: HeadChunk): number {
  const start = staged.length;
  staged.int64(chunk.ref);
  staged.int64(chunk.minTimeMs);
  staged.int64(chunk.maxTimeMs);
  staged.uint8(chunk.encoding | (chunk.isOutOfOrder ? outOfOrderFlag : 0));
  staged.uvarint(chunk.bytes.length);
  staged.raw(chunk.bytes);
  staged.uint32(crc32c(staged.bytes, start, staged.length));
  return start;
}

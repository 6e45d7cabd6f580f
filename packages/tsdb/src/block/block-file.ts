/**
 * Positioned reads of one file of a block. Small reads go through pages of 32 KiB, which all open blocks of a process share;
 * the system has the file in its own cache too, so few pages are enough.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { assert } from "@tatou/model";
import { BlockCorruptError } from "../errors.ts";

const pageSizeBytes = 32 * 1024;
/** 16 MiB in all. */
const pageCountMax = 512;

const missingCodes = ["ENOENT", "ENOTDIR", "EISDIR"];

/**
 * Does a system call on a file or folder of a block. That it is not there is damage; anything else, such as too many open
 * files, says nothing about the block, and stays the system's error.
 */
export function orCorrupt<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!missingCodes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    throw new BlockCorruptError((error as Error).message, { path, offsetBytes: 0 });
  }
}

/** The pages of all files, replaced by the clock rule: a page that was asked for since the hand last passed stays. */
class PagePool {
  readonly #files: (BlockFile | null)[] = [];
  readonly #pages = new Int32Array(pageCountMax);
  readonly #touched = new Uint8Array(pageCountMax);
  #hand = 0;

  touch(slot: number): void {
    this.#touched[slot] = 1;
  }

  /** A slot for a page, taken from another one if need be. */
  take(file: BlockFile, page: number): number {
    for (; this.#touched[this.#hand] === 1; this.#advance()) this.#touched[this.#hand] = 0;
    const slot = this.#hand;
    this.#advance();
    this.#files[slot]?.forget(this.#pages[slot]!);
    this.#files[slot] = file;
    this.#pages[slot] = page;
    this.#touched[slot] = 1;
    return slot;
  }

  release(slot: number): void {
    this.#files[slot] = null;
    this.#touched[slot] = 0;
  }

  #advance(): void {
    this.#hand = (this.#hand + 1) % pageCountMax;
  }
}

const pool = new PagePool();

export class BlockFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** What the last `locate` found: `bytes` from `start` on. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  readonly #file: number;
  /** Pages at hand, with their slots in the pool. */
  readonly #pages = new Map<number, { readonly bytes: Buffer; readonly slot: number }>();
  #lastPage = -1;
  #lastBytes: Buffer = this.bytes;
  #isOpen = true;

  /** @throws {BlockCorruptError} the file is not there */
  constructor(path: string) {
    this.path = path;
    this.#file = orCorrupt(path, () => openSync(path, "r"));
    this.sizeBytes = fstatSync(this.#file).size;
  }

  /** Makes `sizeBytes` bytes from an offset on readable at `bytes` and `start`. What it gave before stays as it is. */
  locate(offset: number, sizeBytes: number): void {
    const page = Math.floor(offset / pageSizeBytes);
    const start = offset - page * pageSizeBytes;
    if (start + sizeBytes > pageSizeBytes || offset + sizeBytes > this.sizeBytes) {
      this.bytes = this.read(offset, sizeBytes);
      this.start = 0;
      return;
    }
    if (page !== this.#lastPage) this.#turnTo(page);
    this.bytes = this.#lastBytes;
    this.start = start;
  }

  /** A copy of bytes of the file. */
  read(offset: number, sizeBytes: number): Buffer {
    // Asked before memory is taken: sizes come from the disk.
    if (offset + sizeBytes > this.sizeBytes) throw this.corrupt(offset, "the file ends early");
    const bytes = Buffer.allocUnsafeSlow(sizeBytes);
    this.readInto(bytes, offset, sizeBytes);
    return bytes;
  }

  /** Reads into the beginning of a buffer. */
  readInto(buffer: Uint8Array, offset: number, sizeBytes: number): void {
    // The system may have given the number of a closed file to another one.
    assert(this.#isOpen, "a block is read before it is closed");
    for (let read = 0; read < sizeBytes; ) {
      const count = readSync(this.#file, buffer, read, sizeBytes - read, offset + read);
      if (count === 0) throw this.corrupt(offset, "the file ends early");
      read += count;
    }
  }

  corrupt(offsetBytes: number, what: string): BlockCorruptError {
    return new BlockCorruptError(what, { path: this.path, offsetBytes });
  }

  /** For the pool. */
  forget(page: number): void {
    this.#pages.delete(page);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const { slot } of this.#pages.values()) pool.release(slot);
    this.#pages.clear();
    closeSync(this.#file);
  }

  #turnTo(page: number): void {
    const known = this.#pages.get(page);
    if (known === undefined) {
      const offset = page * pageSizeBytes;
      const bytes = this.read(offset, Math.min(pageSizeBytes, this.sizeBytes - offset));
      this.#pages.set(page, { bytes, slot: pool.take(this, page) });
      this.#lastBytes = bytes;
    } else {
      pool.touch(known.slot);
      this.#lastBytes = known.bytes;
    }
    this.#lastPage = page;
  }
}

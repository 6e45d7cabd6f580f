import { CodecError } from "@tatou/kernels";

/** Another process, or another store of this process, has the data directory. */
export class DirectoryLockedError extends Error {
  override readonly name = "DirectoryLockedError";
  readonly code = "directory_locked";
  readonly hint = "Stop the other process, or start this one with another data directory";
  /** In words, as "process 4711". */
  readonly holder: string;

  constructor(directory: string, holder: string) {
    super(`Cannot open data directory ${JSON.stringify(directory)}: found it in use by ${holder}, expected it free`);
    this.holder = holder;
  }
}

/** A segment of the log holds bytes that are no record. What stands before them was read. */
export class WalCorruptError extends Error {
  override readonly name = "WalCorruptError";
  readonly code = "wal_corrupt";
  readonly hint = "Nothing to do: the store takes the damage out of the segment and goes on";
  /** The file, and where in it the record begins that cannot be read. */
  readonly path: string;
  readonly offsetBytes: number;
  /** What is wrong there. */
  readonly what: string;

  constructor(what: string, place: { readonly path: string; readonly offsetBytes: number }) {
    super(`Cannot read log segment ${JSON.stringify(place.path)} at byte ${place.offsetBytes}: ${what}`);
    this.path = place.path;
    this.offsetBytes = place.offsetBytes;
    this.what = what;
  }
}

/** The log is sound, but written in a way that this store does not read. Nothing is changed on disk. */
export class WalUnsupportedError extends Error {
  override readonly name = "WalUnsupportedError";
  readonly code = "wal_unsupported";
  readonly hint: string;

  constructor(what: string, hint: string) {
    super(`Cannot read log: ${what}`);
    this.hint = hint;
  }
}

/** A chunk in chunks_head is not what was written there. */
export class HeadChunkCorruptError extends Error {
  override readonly name = "HeadChunkCorruptError";
  readonly code = "head_chunk_corrupt";
  readonly hint = "Restart: the store then drops damaged files and takes their samples from the write-ahead log";
  /** The file, and where in it the chunk begins. */
  readonly path: string;
  readonly offsetBytes: number;
  /** What is wrong there. */
  readonly what: string;

  constructor(what: string, place: { readonly path: string; readonly offsetBytes: number }) {
    super(`Cannot read head chunk in ${JSON.stringify(place.path)} at byte ${place.offsetBytes}: ${what}`);
    this.path = place.path;
    this.offsetBytes = place.offsetBytes;
    this.what = what;
  }
}

/** A file of chunks_head was written by a program that knows more than this one. Nothing is changed on disk. */
export class HeadChunksUnsupportedError extends Error {
  override readonly name = "HeadChunksUnsupportedError";
  readonly code = "head_chunks_unsupported";
  readonly hint =
    "Start the program that wrote the directory, or move chunks_head away: the log holds the same samples";

  constructor(path: string, version: number) {
    super(`Cannot read head chunks ${JSON.stringify(path)}: found version ${version}, expected 1`);
  }
}

/** A file of a block is not what was written there: bytes changed, or are gone. */
export class BlockCorruptError extends Error {
  override readonly name = "BlockCorruptError";
  readonly code = "block_corrupt";
  readonly hint = "Restore the block from a copy, or move its directory away";
  /** What is wrong, in words; then the file, and where in it. */
  readonly what: string;
  readonly path: string;
  readonly offsetBytes: number;

  constructor(what: string, place: { readonly path: string; readonly offsetBytes: number }) {
    super(`Cannot read block file ${JSON.stringify(place.path)} at byte ${place.offsetBytes}: ${what}`);
    this.what = what;
    this.path = place.path;
    this.offsetBytes = place.offsetBytes;
  }
}

/** The directory of a block has another name than the block: a copy, which beside the original would be there twice. */
export class BlockMisnamedError extends Error {
  override readonly name = "BlockMisnamedError";
  readonly code = "block_misnamed";
  readonly hint = "Give the directory the name that its meta.json says, unless that block is there already";

  constructor(directory: string, ulid: string) {
    super(`Cannot use block directory ${JSON.stringify(directory)}: found ${ulid} in its meta.json, expected its name`);
  }
}

/** A file of a block was written by a program that knows more than this one. Nothing is changed on disk. */
export class BlockUnsupportedError extends Error {
  override readonly name = "BlockUnsupportedError";
  readonly code = "block_unsupported";
  readonly hint = "Read the block with the program that wrote it, or move its directory away";
  readonly what: string;
  readonly path: string;

  constructor(what: string, path: string) {
    super(`Cannot read block file ${JSON.stringify(path)}: ${what}`);
    this.what = what;
    this.path = path;
  }
}

/** Whether a chunk of the head cannot be read, now or ever. */
export function isChunkDamage(error: unknown): error is HeadChunkCorruptError | CodecError {
  return error instanceof HeadChunkCorruptError || error instanceof CodecError;
}

/** Blocks could not be written. The samples are where they were. */
export class CompactionFailedError extends Error {
  override readonly name = "CompactionFailedError";
  readonly code = "compaction_failed";
  readonly hint = "Look at the reason; the store tries again by itself";
  /** Whether bytes on disk are not what was written there: trying again does not help then. */
  readonly isDamage: boolean;
  /** The file that is damaged; null when that is not known. */
  readonly path: string | null;

  /** @param cause of the error behind it: its `code` and `path`; null where there is none */
  constructor(reason: string, cause: { readonly code: string | null; readonly path: string | null } | null = null) {
    super(`Cannot compact: ${reason}`);
    this.isDamage = ["block_corrupt", "head_chunk_corrupt", "codec"].includes(cause?.code ?? "");
    this.path = cause?.path ?? null;
  }
}

/** The store is being closed; what waited to be done on it is not done. */
export class StoreClosingError extends Error {
  override readonly name = "StoreClosingError";
  readonly code = "store_closing";
  readonly hint = "Ask again after the next start";

  constructor() {
    super("Cannot go on: the store is being closed");
  }
}

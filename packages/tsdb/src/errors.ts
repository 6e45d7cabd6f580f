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
  readonly hint = "Nothing to do: the store cuts the segment there and goes on";
  /** The file, and where in it the record begins that cannot be read. */
  readonly path: string;
  readonly offsetBytes: number;

  constructor(what: string, place: { readonly path: string; readonly offsetBytes: number }) {
    super(`Cannot read log segment ${JSON.stringify(place.path)} at byte ${place.offsetBytes}: ${what}`);
    this.path = place.path;
    this.offsetBytes = place.offsetBytes;
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

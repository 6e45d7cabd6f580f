import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** The system calls that write the log. Tests pass some that fail. */
export interface WalFiles {
  /** Opens for writing at given positions; "create" refuses a file that is there. */
  open(path: string, mode: "create" | "existing"): number;
  /** @returns the number of bytes written, which may be fewer */
  write(file: number, bytes: Uint8Array, position: number): number;
  truncate(file: number, sizeBytes: number): void;
  sync(file: number): void;
  close(file: number): void;
}

export const nodeFiles: WalFiles = {
  open: (path, mode) => openSync(path, mode === "create" ? "wx" : "r+", 0o644),
  write: (file, bytes, position) => writeSync(file, bytes, 0, bytes.length, position),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  close: closeSync,
};

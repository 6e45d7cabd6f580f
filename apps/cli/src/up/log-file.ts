import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const sizeMaxBytes = 8 * 1024 * 1024;

/** What a program printed, in a file that never grows beyond twice 8 MiB: a full one becomes `.old`. */
export class LogFile {
  readonly #path: string;
  #descriptor: number;
  #sizeBytes: number;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#descriptor = openSync(path, "a", 0o600);
    this.#sizeBytes = fstatSync(this.#descriptor).size;
  }

  write(line: string): void {
    try {
      this.#sizeBytes += writeSync(this.#descriptor, `${line}\n`);
      if (this.#sizeBytes > sizeMaxBytes) this.#turnOver();
    } catch {
      // A full disk must not end the programs: the line is lost, they say the same thing in their metrics.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #turnOver(): void {
    try {
      renameSync(this.#path, `${this.#path}.old`);
    } catch {
      // What cannot be kept is let go: the limit holds.
      rmSync(this.#path);
    }
    const full = this.#descriptor;
    this.#descriptor = openSync(this.#path, "a", 0o600);
    this.#sizeBytes = 0;
    closeSync(full);
  }
}

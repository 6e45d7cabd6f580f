import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";

const bufferSizeBytes = 1024 * 1024;

/** Writes a new file from its beginning to its end through a buffer. */
export class FileWriter {
  /** Bytes so far, those in the buffer included. */
  position = 0;
  readonly #file: number;
  readonly #buffer = new Uint8Array(bufferSizeBytes);
  #buffered = 0;
  #isOpen = true;

  /** @throws the system's error, also when the file is there already */
  constructor(path: string) {
    this.#file = openSync(path, "wx", 0o644);
  }

  write(bytes: Uint8Array): void {
    this.position += bytes.length;
    if (bytes.length > bufferSizeBytes - this.#buffered) this.#flush();
    if (bytes.length > bufferSizeBytes) {
      writeAll(this.#file, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  /** Writes zeros up to a multiple of `alignmentBytes`, at most 16. */
  pad(alignmentBytes: number): void {
    const over = this.position % alignmentBytes;
    if (over > 0) this.write(zeros.subarray(0, alignmentBytes - over));
  }

  /** Makes the file durable and closes it. */
  finish(): void {
    this.#flush();
    fsyncSync(this.#file);
    this.abandon();
  }

  /** Closes the file as it is; may be called again. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #flush(): void {
    writeAll(this.#file, this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}

const zeros = new Uint8Array(16);

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

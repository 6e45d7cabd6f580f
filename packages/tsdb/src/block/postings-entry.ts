import type { BlockCorruptError } from "../errors.ts";
import type { BlockFile } from "./block-file.ts";

/** Most entries are shorter: two texts and an offset. */
const usualSizeBytes = 192;

/** An entry of the table of lists: `02`, name, value, and where the list begins. Used for entry after entry. */
export class PostingsEntry {
  /** The value: `valueSizeBytes` bytes from `start` on. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  valueSizeBytes = 0;
  listOffset = 0;
  /** Where in the file the next entry begins. */
  nextOffset = 0;
  readonly #file: BlockFile;
  #offset = 0;
  #position = 0;
  #limit = 0;

  constructor(file: BlockFile) {
    this.#file = file;
  }

  /** @param end where in the file the table ends @throws {BlockCorruptError} */
  read(offset: number, end: number): void {
    this.#offset = offset;
    for (let sizeBytes = usualSizeBytes; ; sizeBytes *= 8) {
      if (this.#tryRead(Math.min(sizeBytes, end - offset))) return;
      if (sizeBytes >= end - offset) throw this.corrupt(offset, "an entry in the table of lists ends early");
    }
  }

  corrupt(_position: number, what: string): BlockCorruptError {
    return this.#file.corrupt(this.#offset, what);
  }

  /** @returns false when the entry goes on behind so many bytes */
  #tryRead(sizeBytes: number): boolean {
    const file = this.#file;
    file.locate(this.#offset, sizeBytes);
    this.bytes = file.bytes;
    this.#limit = file.start + sizeBytes;
    this.#position = file.start + 1;
    const nameSizeBytes = this.#uvarint();
    this.#position += nameSizeBytes;
    this.valueSizeBytes = this.#uvarint();
    this.start = this.#position;
    this.#position += this.valueSizeBytes;
    this.listOffset = this.#uvarint();
    this.nextOffset = this.#offset + this.#position - file.start;
    return this.#position <= this.#limit;
  }

  /** May go behind the limit, where its bytes mean nothing: `#tryRead` notices afterwards. */
  #uvarint(): number {
    let value = 0;
    for (let scale = 1; this.#position < this.#limit; scale *= 128) {
      const byte = this.bytes[this.#position++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 42) throw this.corrupt(this.#position, "a number in the table of lists is too large");
    }
    this.#position = this.#limit + 1;
    return 0;
  }
}

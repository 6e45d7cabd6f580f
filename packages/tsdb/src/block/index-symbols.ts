import type { Steps } from "../turns.ts";
import type { BlockFile } from "./block-file.ts";
import { utf8Text } from "./byte-texts.ts";
import { SectionScanner } from "./section-scanner.ts";

export type IndexVersion = 1 | 2;

/** The place of every so many-th symbol is kept in memory; to the others it is a short walk. */
const stride = 32;

/** The texts of an index. In version 1 a symbol is an offset in the file, in version 2 a position in the list. */
export class IndexSymbols {
  readonly count: number;
  readonly #file: BlockFile;
  readonly #version: IndexVersion;
  readonly #sectionOffset: number;
  readonly #end: number;
  /** From the beginning of the section. */
  readonly #places: Uint32Array;
  /** How many bytes the length of the symbol at hand takes. */
  #prefixSizeBytes = 0;

  readonly #scanner: SectionScanner;

  /** To be checked before it is used. @throws {BlockCorruptError} */
  constructor(file: BlockFile, sectionOffset: number, version: IndexVersion) {
    this.#file = file;
    this.#version = version;
    this.#sectionOffset = sectionOffset;
    const scanner = new SectionScanner(file, sectionOffset);
    this.#end = scanner.end;
    this.count = scanner.uint32();
    if (this.count > scanner.remaining) throw file.corrupt(sectionOffset, "there are fewer symbols than it says");
    this.#places = new Uint32Array(Math.ceil(this.count / stride));
    this.#scanner = scanner;
  }

  /** Reads all of them once, some a step. @throws {BlockCorruptError} */
  *check(): Steps<void> {
    const scanner = this.#scanner;
    for (let symbol = 0; symbol < this.count; symbol++) {
      if (symbol % stride === 0) {
        this.#places[symbol / stride] = scanner.position - this.#sectionOffset;
        yield;
      }
      scanner.text();
    }
    scanner.finish();
  }

  /** @throws {BlockCorruptError} there is no such symbol, or it is not UTF-8 */
  text(symbol: number): string {
    if (this.#version === 1) {
      const isInside = symbol >= this.#sectionOffset + 8 && symbol < this.#end;
      if (!isInside) throw this.#file.corrupt(symbol, "a symbol lies outside the list of symbols");
      return this.#textAt(symbol);
    }
    if (symbol >= this.count) throw this.#file.corrupt(this.#sectionOffset, `there is no symbol ${symbol}`);
    let offset = this.#sectionOffset + this.#places[Math.floor(symbol / stride)]!;
    for (let index = symbol - (symbol % stride); index < symbol; index++) offset = this.#behind(offset);
    return this.#textAt(offset);
  }

  /** All texts, in the order of the file. */
  *texts(): Iterable<string> {
    let offset = this.#sectionOffset + 8;
    for (let index = 0; index < this.count; index++) {
      yield this.#textAt(offset);
      offset = this.#behind(offset);
    }
  }

  /** Where the symbol behind one begins. */
  #behind(offset: number): number {
    const sizeBytes = this.#sizeAt(offset);
    return offset + this.#prefixSizeBytes + sizeBytes;
  }

  #textAt(offset: number): string {
    const sizeBytes = this.#sizeAt(offset);
    this.#file.locate(offset + this.#prefixSizeBytes, sizeBytes);
    return utf8Text(this.#file, sizeBytes);
  }

  #sizeAt(offset: number): number {
    const file = this.#file;
    file.locate(offset, Math.min(5, this.#end - offset));
    let size = 0;
    for (let index = 0; index < 5; index++) {
      const byte = file.bytes[file.start + index]!;
      size += (byte & 127) * 2 ** (7 * index);
      if (byte < 128) {
        this.#prefixSizeBytes = index + 1;
        if (offset + this.#prefixSizeBytes + size > this.#end) break;
        return size;
      }
    }
    throw file.corrupt(offset, "a symbol ends early");
  }
}

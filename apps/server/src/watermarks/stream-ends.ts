import type { PDFRef } from "@cantoo/pdf-lib";
import { PdfOperationError } from "./errors.ts";

const keyword = "endstream";
const integerObject = /(\d{1,10})\s+\d{1,5}\s+obj\s+(\d{1,10})\s+endobj/g;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** Finds where the streams of a file end that do not say it themselves. */
export class StreamEnds {
  readonly #file: Buffer;
  /** Object number to value; made when it is first needed. */
  #integers: ReadonlyMap<number, number> | null = null;
  /** From here on there is no end, so that nobody needs to look again. */
  #noneFrom = Number.POSITIVE_INFINITY;

  constructor(pdf: Uint8Array) {
    this.#file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  }

  /**
   * @param start of the data
   * @param length the object that states the length, where there is one
   * @returns the end of the data, and the position behind `endstream`
   * @throws {PdfOperationError} the stream has no end
   */
  find(start: number, length: PDFRef | null): { readonly end: number; readonly next: number } {
    const stated = length === null ? undefined : this.#integer(length.objectNumber);
    if (stated !== undefined) {
      const gap = /^\s{0,4}endstream/.exec(this.#file.toString("latin1", start + stated, start + stated + 13));
      if (gap !== null) return { end: start + stated, next: start + stated + gap[0].length };
    }
    const found = start >= this.#noneFrom ? -1 : this.#file.indexOf(keyword, start);
    if (found === -1) {
      this.#noneFrom = Math.min(this.#noneFrom, start);
      throw new PdfOperationError("parse_error");
    }
    return { end: this.#withoutLineEnd(start, found), next: found + keyword.length };
  }

  #integer(objectNumber: number): number | undefined {
    this.#integers ??= new Map(
      [...this.#file.toString("latin1").matchAll(integerObject)].map(([, number, value]) => [
        Number(number),
        Number(value),
      ]),
    );
    return this.#integers.get(objectNumber);
  }

  /** The line end before `endstream` is not data. */
  #withoutLineEnd(start: number, end: number): number {
    let last = end;
    if (last > start && this.#file[last - 1] === lineFeed) last--;
    if (last > start && this.#file[last - 1] === carriageReturn) last--;
    return last;
  }
}

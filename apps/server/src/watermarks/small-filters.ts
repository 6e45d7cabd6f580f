/** The stream filters of PDF that Node has no decoder for. Each stops at damage and gives what came before. */
import { PdfOperationError } from "./errors.ts";

export function decodeAsciiHex(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const end = text.indexOf(">");
  const digits = (end === -1 ? text : text.slice(0, end)).replace(/[^0-9A-Fa-f]/g, "");
  // A missing last digit counts as zero.
  return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, "hex");
}

/** @throws {PdfOperationError} more than `maxBytes` come out */
export function decodeAscii85(bytes: Buffer, maxBytes: number): Buffer {
  const output = new ByteSink(maxBytes);
  let value = 0;
  let digitCount = 0;
  for (const byte of bytes) {
    if (byte === 0x7e) break; // ~> ends the data
    if (byte === 0x7a && digitCount === 0) {
      for (let index = 0; index < 4; index++) output.push(0); // z stands for four zeros
    } else if (byte >= 0x21 && byte <= 0x75) {
      value = value * 85 + (byte - 0x21);
      digitCount++;
      if (digitCount < 5) continue;
      pushBytes(output, value, 4);
      value = 0;
      digitCount = 0;
    }
  }
  if (digitCount > 1) {
    for (let index = digitCount; index < 5; index++) value = value * 85 + 84;
    pushBytes(output, value, digitCount - 1);
  }
  return output.take();
}

function pushBytes(output: ByteSink, value: number, count: number): void {
  for (let index = 0; index < count; index++) output.push(Math.floor(value / 256 ** (3 - index)) % 256);
}

/** @throws {PdfOperationError} more than `maxBytes` come out */
export function decodeRunLength(bytes: Buffer, maxBytes: number): Buffer {
  const output = new ByteSink(maxBytes);
  let position = 0;
  while (position < bytes.length) {
    const length = bytes[position++] ?? 128;
    if (length === 128) break;
    if (length < 128) {
      for (const byte of bytes.subarray(position, position + length + 1)) output.push(byte);
      position += length + 1;
    } else {
      const repeated = bytes[position++] ?? 0;
      for (let index = 0; index < 257 - length; index++) output.push(repeated);
    }
  }
  return output.take();
}

const lzwClear = 256;
const lzwEnd = 257;
const lzwFirstFree = 258;
const lzwTableSize = 4_096;

/**
 * With early change, which is the default and what writers use.
 *
 * @throws {PdfOperationError} more than `maxBytes` come out
 */
export function decodeLzw(bytes: Buffer, maxBytes: number): Buffer {
  const output = new ByteSink(maxBytes);
  // An entry is what an earlier code wrote plus the byte after it: a place in the output, and a length.
  const starts = new Int32Array(lzwTableSize);
  const lengths = new Int32Array(lzwTableSize);
  let nextCode = lzwFirstFree;
  let previous: { readonly start: number; readonly length: number } | null = null;
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xff_ffff;
    bitCount += 8;
    const width = lzwWidth(nextCode);
    if (bitCount < width) continue;
    bitCount -= width;
    const code = (bits >> bitCount) & ((1 << width) - 1);
    if (code === lzwEnd) break;
    if (code === lzwClear) {
      nextCode = lzwFirstFree;
      previous = null;
      continue;
    }
    if (previous !== null && nextCode < lzwTableSize) {
      starts[nextCode] = previous.start;
      lengths[nextCode] = previous.length + 1;
      nextCode++;
    }
    if (code >= nextCode) break;
    const start = output.length;
    if (code < lzwClear) output.push(code);
    else output.copy(starts[code] ?? 0, lengths[code] ?? 0);
    previous = { start, length: output.length - start };
  }
  return output.take();
}

/** Codes grow one entry early; the entry of the code about to be read is not in the table yet. */
function lzwWidth(nextCode: number): number {
  if (nextCode < 511) return 9;
  if (nextCode < 1_023) return 10;
  return nextCode < 2_047 ? 11 : 12;
}

class ByteSink {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(4_096);
  length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(byte: number): void {
    if (this.length === this.#bytes.length) this.#grow();
    this.#bytes[this.length++] = byte;
  }

  /** Appends what stands at `start`, byte by byte, because the copy may reach into itself. */
  copy(start: number, length: number): void {
    for (let index = 0; index < length; index++) this.push(this.#bytes[start + index] ?? 0);
  }

  take(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  #grow(): void {
    if (this.length >= this.#maxBytes) throw new PdfOperationError("limits");
    this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
  }
}

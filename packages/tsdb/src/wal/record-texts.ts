/**
 * Texts in records. Label names, and most values, come again and again: a text that was read lately is found by its bytes,
 * without making it anew.
 *
 * Hot: a start reads ten or more texts for each series.
 */
import { ByteReader } from "@tatou/kernels";

const slotCount = 8192;
/** Longer texts are rarely the same. */
const sizeMaxBytes = 64;

/** Reads a record that holds texts. */
export class TextReader extends ByteReader {
  readonly #recent: RecentTexts;
  readonly #buffer: Buffer;

  constructor(record: Uint8Array, recent: RecentTexts) {
    super(record);
    this.#recent = recent;
    this.#buffer = Buffer.from(record.buffer, record.byteOffset, record.length);
  }

  /** A text behind its length in bytes. @throws {CodecError} */
  text(): string {
    const sizeBytes = this.uvarint();
    const start = this.skip(sizeBytes);
    return this.#recent.get(this.#buffer, start, start + sizeBytes);
  }
}

/** A table with room for one text a slot. */
export class RecentTexts {
  readonly #slots: string[] = Array<string>(slotCount).fill("");

  get(bytes: Buffer, start: number, end: number): string {
    if (end - start > sizeMaxBytes) return bytes.toString("utf8", start, end);
    let hash = end - start;
    for (let index = start; index < end; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
    const slot = (hash ^ (hash >>> 13)) & (slotCount - 1);
    const recent = this.#slots[slot]!;
    if (hasBytes(recent, bytes, start, end)) return recent;
    const text = bytes.toString("utf8", start, end);
    this.#slots[slot] = text;
    return text;
  }
}

/** Whether a text has exactly these bytes. Others than ASCII never compare equal: they have more bytes than UTF-16 units. */
function hasBytes(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = start; index < end; index++) if (text.charCodeAt(index - start) !== bytes[index]) return false;
  return true;
}

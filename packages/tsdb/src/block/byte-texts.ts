import type { BlockCorruptError } from "../errors.ts";

const replacement = "\ufffd";

/** Bytes of a text: `bytes` from `start` on. */
interface TextPlace {
  readonly bytes: Buffer;
  readonly start: number;
  corrupt(offsetBytes: number, what: string): BlockCorruptError;
}

/** The text at a place. @throws {BlockCorruptError} it is not UTF-8 */
export function utf8Text(place: TextPlace, sizeBytes: number): string {
  const { bytes, start } = place;
  const text = bytes.toString("utf8", start, start + sizeBytes);
  // Bytes that are not UTF-8 turn into a mark. Two different texts must not turn into one.
  if (text.includes(replacement) && !Buffer.from(text).equals(bytes.subarray(start, start + sizeBytes))) {
    throw place.corrupt(start, "a label is not UTF-8");
  }
  return text;
}

/** Order of a text and of one that lies at a place, byte by byte. */
export function compareBytes(text: Uint8Array, place: TextPlace, sizeBytes: number): number {
  const { bytes, start } = place;
  const count = Math.min(text.length, sizeBytes);
  for (let index = 0; index < count; index++) {
    const difference = text[index]! - bytes[start + index]!;
    if (difference !== 0) return difference;
  }
  return text.length - sizeBytes;
}

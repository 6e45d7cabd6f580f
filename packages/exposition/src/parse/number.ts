/** Hot: reads the numbers of every line of every scrape. */
import { parseFloatGo } from "@tatou/kernels";
import { ascii } from "./bytes.ts";

/** Powers of ten that a double holds exactly. */
export const exactPowersOfTen = Float64Array.from({ length: 23 }, (_, power) => 10 ** power);
/** Any number of so many digits is below 2^53, so it is exact. */
export const exactDigitCount = 15;

/**
 * Reads a sample value, exactly as the nearest double; null when the text is no number.
 * Most values are short decimals: digits that fit a double divided by a power of ten that does too are rounded once, so
 * the quotient is right. Everything else goes the long way.
 */
export function parseValue(bytes: Uint8Array, start: number, end: number): number | null {
  let position = start;
  const negative = bytes[position] === ascii.minus;
  if (negative) position++;
  if (end - position > exactDigitCount + 1 || position === end) return parseSlowly(bytes, start, end);
  let digits = 0;
  let digitCount = 0;
  let fractionStart = -1;
  for (; position < end; position++) {
    const byte = bytes[position]!;
    if (byte >= ascii.zero && byte <= ascii.nine) {
      digits = digits * 10 + (byte - ascii.zero);
      digitCount++;
    } else if (byte === ascii.dot && fractionStart === -1) fractionStart = position + 1;
    else return parseSlowly(bytes, start, end);
  }
  if (digitCount === 0 || digitCount > exactDigitCount) return parseSlowly(bytes, start, end);
  const size = fractionStart === -1 ? digits : digits / exactPowersOfTen[end - fractionStart]!;
  return negative ? -size : size;
}

/** The longest double written out has some 1100 characters; longer texts would only take long to read. */
const numberMaxBytes = 2048;

function parseSlowly(bytes: Uint8Array, start: number, end: number): number | null {
  if (end - start > numberMaxBytes) return null;
  let text = "";
  for (let index = start; index < end; index++) text += String.fromCharCode(bytes[index]!);
  // As Prometheus: no hexadecimal floats and no underscores.
  if (/[pP_]/.test(text)) return null;
  const value = parseFloatGo(text);
  // Go's ParseFloat takes a number that is too large for a double as an error, and only the word for infinity.
  if (value !== null && !Number.isFinite(value) && /\d/.test(text)) return null;
  return value;
}

export const timestampMaxMs = 2 ** 63;

/** Reads whole milliseconds, as the text format has them; null when the text is none. */
export function parseTimestampMs(bytes: Uint8Array, start: number, end: number): number | null {
  let position = start;
  const negative = bytes[position] === ascii.minus;
  if (negative) position++;
  if (position === end) return null;
  let timestampMs = 0;
  for (; position < end; position++) {
    const digit = bytes[position]! - ascii.zero;
    if (digit < 0 || digit > 9) return null;
    timestampMs = timestampMs * 10 + digit;
  }
  if (timestampMs >= timestampMaxMs) return null;
  return negative ? -timestampMs : timestampMs;
}

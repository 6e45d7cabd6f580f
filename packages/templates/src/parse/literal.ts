/** Go's literals: strings, characters and numbers. */
import { parseFloatGo } from "@tatou/kernels";

const escapes: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 92],
]);

/**
 * The text a quoted literal stands for: "...", '...' or `...`.
 * @returns null when an escape in it is unknown
 */
export function unquote(quoted: string): string | null {
  const body = quoted.slice(1, -1);
  if (quoted.startsWith("`")) return body.replaceAll("\r", "");
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let index = 0; index < body.length; ) {
    if (body[index] !== "\\") {
      const character = String.fromCodePoint(body.codePointAt(index)!);
      for (const byte of encoder.encode(character)) bytes.push(byte);
      index += character.length;
      continue;
    }
    const escape = readEscape(body, index + 1, quoted[0]!);
    if (escape === null) return null;
    if (escape.isByte) bytes.push(escape.code);
    else for (const byte of encoder.encode(String.fromCodePoint(escape.code))) bytes.push(byte);
    index = escape.end;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

interface Escape {
  readonly code: number;
  /** \x and octal escapes stand for a byte, the others for a character. */
  readonly isByte: boolean;
  readonly end: number;
}

const numericEscape = /(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/** @param start just behind the backslash */
function readEscape(body: string, start: number, quoteSign: string): Escape | null {
  const letter = body[start] ?? "";
  if (letter === quoteSign) return { code: letter.charCodeAt(0), isByte: false, end: start + 1 };
  const code = escapes.get(letter);
  if (code !== undefined) return { code, isByte: false, end: start + 1 };
  numericEscape.lastIndex = start;
  const match = numericEscape.exec(body);
  if (match === null) return null;
  const [all, hexByte, shortUnicode, longUnicode, octal] = match;
  const end = start + all.length;
  const unicode = shortUnicode ?? longUnicode;
  if (unicode !== undefined) {
    const point = Number.parseInt(unicode, 16);
    return isCodePoint(point) ? { code: point, isByte: false, end } : null;
  }
  const byte = hexByte === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hexByte, 16);
  return byte > 255 ? null : { code: byte, isByte: true, end };
}

function isCodePoint(point: number): boolean {
  return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

export interface NumberLiteral {
  readonly integer: bigint | null;
  readonly float: number | null;
}

const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/**
 * A number as an integer, a float or both, whichever it can be: "1e3" can be the integer 1000, "0x10" the float 16.
 * @returns null when the text is no number, or an integer that 64 bits cannot hold
 */
export function parseNumberLiteral(text: string): NumberLiteral | null {
  if (text.startsWith("'")) return characterLiteral(text);
  const plain = withoutUnderscores(text);
  if (plain === null) return null;
  const integer = parseInteger(plain);
  if (integer !== null) return integer < int64Min || integer > uint64Max ? null : { integer, float: Number(integer) };
  const float = /[.eEpP]/.test(plain) ? parseFloatGo(plain) : null;
  if (float === null || !Number.isFinite(float)) return null;
  const isWhole = Number.isInteger(float) && Math.abs(float) < 2 ** 63;
  return { integer: isWhole ? BigInt(float) : null, float };
}

function characterLiteral(text: string): NumberLiteral | null {
  const value = unquote(text);
  if (value === null || Array.from(value).length !== 1) return null;
  const code = value.codePointAt(0)!;
  return { integer: BigInt(code), float: code };
}

/** Go allows an underscore between digits, and between a base prefix and the first digit, if there is a base prefix. */
function withoutUnderscores(text: string): string | null {
  if (!text.includes("_")) return text;
  const isSpaced =
    /^[+-]?0(?:[xXoObB])?(?:_?[0-9a-fA-F])*(?:\.(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)?(?:[pP][+-]?\d(?:_?\d)*)?$/;
  const isDecimal = /^[+-]?\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?(?:[eE][+-]?\d(?:_?\d)*)?$/;
  return isSpaced.test(text) || isDecimal.test(text) ? text.replaceAll("_", "") : null;
}

function parseInteger(text: string): bigint | null {
  const match = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (match === null) return null;
  const [, sign, hex, binary, octal, decimal] = match;
  const size = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : decimal!,
  );
  return sign === "-" ? -size : size;
}

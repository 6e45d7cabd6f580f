import { quote } from "@tatou/model";
import { formatFloat } from "./decimal-digits.ts";
import type { Directive } from "./directive.ts";

type Scalar = boolean | bigint | number | string;

/** A boolean, number or text by a directive; null when the verb does not fit the type. */
export function scalarText(value: Scalar, directive: Directive): string | null {
  if (typeof value === "bigint") return integerText(value, directive);
  if (typeof value === "number") return floatText(value, directive);
  if (typeof value === "string") return stringText(value, directive);
  return directive.verb === "v" || directive.verb === "t" ? pad(String(value), directive) : null;
}

/** Fills up to the width, which counts characters. */
export function pad(text: string, directive: Directive): string {
  if (directive.width === null) return text;
  const missing = directive.width - Array.from(text).length;
  if (missing <= 0) return text;
  return directive.minus ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

function integerText(value: bigint, directive: Directive): string | null {
  switch (directive.verb) {
    case "v":
    case "d":
      return signedText(value, 10, directive);
    case "b":
      return signedText(value, 2, directive, directive.sharp ? "0b" : "");
    case "o":
      return signedText(value, 8, directive, directive.sharp ? "0" : "");
    case "O":
      return signedText(value, 8, directive, "0o");
    case "x":
      return signedText(value, 16, directive, directive.sharp ? "0x" : "");
    case "X":
      return signedText(value, 16, directive, directive.sharp ? "0X" : "", true);
    case "c":
      return pad(characterOf(value), directive);
    case "q":
      return pad(`'${quote(characterOf(value)).slice(1, -1).replace('\\"', '"').replace(/^'$/, "\\'")}'`, directive);
    case "U":
      return pad(`U+${value.toString(16).toUpperCase().padStart(4, "0")}`, directive);
    default:
      return null;
  }
}

function characterOf(value: bigint): string {
  return value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : "\ufffd";
}

// oxlint-disable-next-line max-params -- the base and how it shows belong to each verb
function signedText(value: bigint, radix: number, directive: Directive, prefix = "", isUpper = false): string {
  const size = (value < 0n ? -value : value).toString(radix);
  const digits = isUpper ? size.toUpperCase() : size;
  const sign = value < 0n ? "-" : directive.plus ? "+" : directive.space ? " " : "";
  const digitCountMin = directive.precision ?? 0;
  const filled = digits === "0" && directive.precision === 0 ? "" : digits.padStart(digitCountMin, "0");
  const isZeroFilled = directive.zero && directive.precision === null && directive.width !== null;
  if (!isZeroFilled) return pad(sign + prefix + filled, directive);
  return sign + prefix + filled.padStart(directive.width - sign.length, "0");
}

const floatVerbs: ReadonlyMap<string, "e" | "f" | "g"> = new Map([
  ["v", "g"],
  ["g", "g"],
  ["G", "g"],
  ["e", "e"],
  ["E", "e"],
  ["f", "f"],
  ["F", "f"],
]);

function floatText(value: number, directive: Directive): string | null {
  const verb = floatVerbs.get(directive.verb);
  if (verb === undefined) return null;
  const precision = directive.precision ?? (verb === "g" ? null : 6);
  if (!Number.isFinite(value)) return pad(specialFloatText(value, directive), directive);
  const unsigned = formatFloat(Math.abs(value), verb, precision);
  const digits = directive.verb === "E" || directive.verb === "G" ? unsigned.toUpperCase() : unsigned;
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? "-" : directive.plus ? "+" : directive.space ? " " : "";
  if (!directive.zero || directive.width === null) return pad(sign + digits, directive);
  return sign + digits.padStart(directive.width - sign.length, "0");
}

/** Infinities always show a sign, NaN only when asked to. */
function specialFloatText(value: number, directive: Directive): string {
  const plus = directive.space && !directive.plus ? " " : "+";
  if (Number.isNaN(value)) return directive.plus || directive.space ? `${plus}NaN` : "NaN";
  return value < 0 ? "-Inf" : `${plus}Inf`;
}

function stringText(value: string, directive: Directive): string | null {
  const text = directive.precision === null ? value : Array.from(value).slice(0, directive.precision).join("");
  switch (directive.verb) {
    case "v":
    case "s":
      return pad(text, directive);
    case "q":
      return pad(quotedText(text, directive), directive);
    case "x":
      return pad(hexText(value, directive), directive);
    case "X":
      return pad(hexText(value, directive).toUpperCase(), directive);
    default:
      return null;
  }
}

function quotedText(text: string, directive: Directive): string {
  if (directive.sharp && canBackquote(text)) return `\`${text}\``;
  return directive.plus ? quote(text).replace(/[^\0-\x7f]/gu, unicodeEscape) : quote(text);
}

function unicodeEscape(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

function canBackquote(text: string): boolean {
  return !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff]/.test(text);
}

/** The bytes of the text; with a space flag apart, with a sharp flag behind 0x. */
function hexText(text: string, directive: Directive): string {
  const bytes = new TextEncoder().encode(text).subarray(0, directive.precision ?? undefined);
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const prefix = directive.sharp && pairs.length > 0 ? "0x" : "";
  return prefix + pairs.join(directive.space ? ` ${prefix}` : "");
}

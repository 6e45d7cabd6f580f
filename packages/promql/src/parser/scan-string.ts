import { quoteCharacter } from "./token.ts";

/** The end of a string literal, after its closing quote, and what it says. */
export type StringScan =
  | { readonly kind: "string"; readonly end: number; readonly value: string }
  | { readonly kind: "failed"; readonly message: string };

/** Reads a literal in double quotes, single quotes (both with Go's escapes) or backquotes (taken as it is). */
export function scanString(text: string, start: number): StringScan {
  const quoteMark = text[start]!;
  if (quoteMark === "`") return scanRaw(text, start);
  const bytes = new ByteText();
  let offset = start + 1;
  for (;;) {
    const character = characterAt(text, offset);
    if (character === "" || character === "\n") return failed("unterminated quoted string");
    if (isBroken(character)) return failed("invalid UTF-8 rune");
    offset += character.length;
    if (character === quoteMark) return { kind: "string", end: offset, value: bytes.toString() };
    if (character !== "\\") {
      bytes.add(character);
      continue;
    }
    const escape = readEscape(text, offset, quoteMark);
    if (escape.kind === "failed") return escape;
    if (escape.kind === "byte") bytes.addByte(escape.value);
    else bytes.add(escape.value);
    offset = escape.end;
  }
}

function scanRaw(text: string, start: number): StringScan {
  for (let offset = start + 1; ; ) {
    const character = characterAt(text, offset);
    if (character === "") return failed("unterminated raw string");
    if (isBroken(character)) return failed("invalid UTF-8 rune");
    // As in Go, a carriage return is no part of a raw string.
    if (character === "`")
      return { kind: "string", end: offset + 1, value: text.slice(start + 1, offset).replaceAll("\r", "") };
    offset += character.length;
  }
}

type Escape =
  | { readonly kind: "text"; readonly value: string; readonly end: number }
  | { readonly kind: "byte"; readonly value: number; readonly end: number }
  | { readonly kind: "failed"; readonly message: string };

function readEscape(text: string, start: number, quoteMark: string): Escape {
  const character = characterAt(text, start);
  if (character === quoteMark) return { kind: "text", value: quoteMark, end: start + 1 };
  const named = namedEscapes.get(character);
  if (named !== undefined) return { kind: "text", value: named, end: start + 1 };
  if (character === "") return failed("escape sequence not terminated");
  if (character >= "0" && character <= "7") return readCode(text, start, { length: 3, base: 8, max: 255 });
  const code = codeEscapes.get(character);
  if (code === undefined) return failed(`unknown escape sequence ${describeRune(character)}`);
  return readCode(text, start + 1, code);
}

interface CodeForm {
  readonly length: number;
  readonly base: number;
  /** 255 marks the forms that name a byte, not a character. */
  readonly max: number;
}

function readCode(text: string, start: number, form: CodeForm): Escape {
  let value = 0;
  for (let offset = start; offset < start + form.length; offset++) {
    const character = characterAt(text, offset);
    if (character === "") return failed("escape sequence not terminated");
    const digit = /^[0-9a-fA-F]$/.test(character) ? Number.parseInt(character, 16) : 16;
    if (digit >= form.base) return failed(`illegal character ${describeRune(character)} in escape sequence`);
    value = value * form.base + digit;
  }
  if (value > form.max || (value >= 0xd800 && value < 0xe000))
    return failed("escape sequence is an invalid Unicode code point");
  const end = start + form.length;
  return form.max === 255 ? { kind: "byte", value, end } : { kind: "text", value: String.fromCodePoint(value), end };
}

const namedEscapes = new Map([
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
]);

const codeEscapes = new Map<string, CodeForm>([
  ["x", { length: 2, base: 16, max: 255 }],
  ["u", { length: 4, base: 16, max: 0x10ffff }],
  ["U", { length: 8, base: 16, max: 0x10ffff }],
]);

/** Text to which single bytes may be added: `"\xe6\x97\xa5"` is one character. */
class ByteText {
  #text = "";
  readonly #bytes: number[] = [];

  add(text: string): void {
    this.#flush();
    this.#text += text;
  }

  addByte(byte: number): void {
    this.#bytes.push(byte);
  }

  toString(): string {
    this.#flush();
    return this.#text;
  }

  #flush(): void {
    if (this.#bytes.length === 0) return;
    this.#text += decodeUtf8(new Uint8Array(this.#bytes));
    this.#bytes.length = 0;
  }
}

/** Bytes that are no UTF-8 become the lone surrogates U+DC80 to U+DCFF, so that no two byte strings look the same. */
function decodeUtf8(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let offset = 0; offset < bytes.length; ) {
    const size = characterSize(bytes[offset]!);
    try {
      text += decoder.decode(bytes.subarray(offset, offset + size));
      offset += size;
    } catch {
      text += String.fromCharCode(0xdc00 + bytes[offset]!);
      offset++;
    }
  }
  return text;
}

/** How many bytes a character has that begins with this one. */
function characterSize(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function characterAt(text: string, offset: number): string {
  const code = text.codePointAt(offset);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** A lone surrogate, or the character that stands for bytes that were no UTF-8. */
function isBroken(character: string): boolean {
  return character === "\ufffd" || /^[\ud800-\udfff]$/.test(character);
}

function describeRune(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return `U+${code} ${quoteCharacter(character)}`;
}

function failed(message: string): { readonly kind: "failed"; readonly message: string } {
  return { kind: "failed", message };
}

/**
 * Cuts a template into tokens. Outside of {{ }} everything is text; trim markers ({{- and -}}) and comments are settled
 * here, so the parser never sees them. The first mistake becomes an "error" token, and nothing follows it.
 */
import { quote } from "@tatou/model";
import { keywords, type Token, type TokenKind } from "./token.ts";

/** @param isFunction tells whether a function has this name: `break` and `continue` are keywords only if none does */
export function tokenize(text: string, isFunction: (name: string) => boolean): Token[] {
  return new Lexer(text, isFunction).run();
}

const leftDelimiter = "{{";
const rightDelimiter = "}}";

class Lexer {
  readonly #text: string;
  readonly #isFunction: (name: string) => boolean;
  readonly #tokens: Token[] = [];
  #start = 0;
  #position = 0;
  #line = 1;
  /** Up to where line breaks are counted in #line. */
  #lineCountedTo = 0;
  #parenthesisDepth = 0;

  constructor(text: string, isFunction: (name: string) => boolean) {
    this.#text = text;
    this.#isFunction = isFunction;
  }

  run(): Token[] {
    for (let next = this.#lexText(); next !== "done"; next = this.#lexText())
      if (next === "action" && !this.#lexAction()) break;
    return this.#tokens;
  }

  /** Text up to the next action or comment; a comment is skipped. */
  #lexText(): "action" | "comment" | "done" {
    const open = this.#text.indexOf(leftDelimiter, this.#position);
    const textEnd = open === -1 ? this.#text.length : open;
    const trimmedEnd = open !== -1 && this.#hasTrimMarkerAfter(open) ? this.#trimmedEnd(textEnd) : textEnd;
    this.#position = trimmedEnd;
    if (trimmedEnd > this.#start) this.#emit("text");
    this.#position = textEnd;
    this.#ignore();
    if (open === -1) {
      this.#emit("end-of-text");
      return "done";
    }
    return this.#lexLeftDelimiter();
  }

  #hasTrimMarkerAfter(open: number): boolean {
    return this.#text[open + 2] === "-" && isSpace(this.#text[open + 3]);
  }

  #trimmedEnd(end: number): number {
    let trimmed = end;
    while (trimmed > this.#start && isSpace(this.#text[trimmed - 1])) trimmed--;
    return trimmed;
  }

  #lexLeftDelimiter(): "action" | "comment" | "done" {
    const afterMarker = this.#position + (this.#hasTrimMarkerAfter(this.#position) ? 4 : 2);
    if (this.#text.startsWith("/*", afterMarker)) {
      this.#position = afterMarker;
      this.#ignore();
      return this.#skipComment() ? "comment" : "done";
    }
    this.#position += 2;
    this.#emit("leftDelimiter");
    this.#position = afterMarker;
    this.#ignore();
    this.#parenthesisDepth = 0;
    return "action";
  }

  #skipComment(): boolean {
    const close = this.#text.indexOf("*/", this.#position + 2);
    if (close === -1) return this.#fail("unclosed comment");
    this.#position = close + 2;
    if (!this.#skipRightDelimiter()) return this.#fail("comment ends before closing delimiter");
    this.#ignore();
    return true;
  }

  /** Steps over "}}" or " -}}" and, after a trim marker, the white space behind it; false when not there. */
  #skipRightDelimiter(): boolean {
    const trims = this.#atTrimmingRightDelimiter(this.#position);
    if (!trims && !this.#text.startsWith(rightDelimiter, this.#position)) return false;
    this.#position += trims ? 4 : 2;
    if (trims) while (isSpace(this.#text[this.#position])) this.#position++;
    return true;
  }

  #atTrimmingRightDelimiter(position: number): boolean {
    return isSpace(this.#text[position]) && this.#text.startsWith(`-${rightDelimiter}`, position + 1);
  }

  /** The tokens of one action up to its end; false after an error. */
  #lexAction(): boolean {
    for (;;) {
      const trims = this.#atTrimmingRightDelimiter(this.#position);
      if (trims || this.#text.startsWith(rightDelimiter, this.#position)) {
        if (this.#parenthesisDepth > 0) return this.#fail("unclosed left paren");
        this.#lexRightDelimiter(trims);
        return true;
      }
      if (!this.#lexInsideAction()) return false;
    }
  }

  #lexRightDelimiter(trims: boolean): void {
    if (trims) this.#position += 2;
    this.#ignore();
    this.#position += 2;
    this.#emit("rightDelimiter");
    if (!trims) return;
    while (isSpace(this.#text[this.#position])) this.#position++;
    this.#ignore();
  }

  #lexInsideAction(): boolean {
    const character = this.#next();
    switch (character) {
      case "":
        return this.#fail("unclosed action");
      case " ":
      case "\t":
      case "\r":
      case "\n":
        return this.#lexSpace();
      case "=":
        return this.#emit("assign");
      case ":":
        return this.#next() === "=" ? this.#emit("declare") : this.#fail("expected :=");
      case "|":
        return this.#emit("pipe");
      case ",":
        return this.#emit("comma");
      case '"':
        return this.#lexQuoted('"', "string", "unterminated quoted string");
      case "'":
        return this.#lexQuoted("'", "charConstant", "unterminated character constant");
      case "`":
        return this.#lexRawString();
      case "$":
        return this.#lexName("variable", "variable");
      case "(":
        this.#parenthesisDepth++;
        return this.#emit("leftParenthesis");
      case ")":
        return this.#lexRightParenthesis();
      default:
        return this.#lexWord(character);
    }
  }

  #lexRightParenthesis(): boolean {
    this.#parenthesisDepth--;
    return this.#parenthesisDepth < 0 ? this.#fail("unexpected right paren") : this.#emit("rightParenthesis");
  }

  #lexWord(character: string): boolean {
    if (character === "." && !isDigit(this.#peek())) return this.#lexName("field", "dot");
    if (character === "." || character === "+" || character === "-" || isDigit(character)) {
      this.#position -= 1;
      return this.#lexNumber();
    }
    if (isAlphanumeric(character)) return this.#lexIdentifier();
    if (/^[!-~]$/.test(character)) return this.#emit("character");
    return this.#fail(`unrecognized character in action: ${describeCharacter(character)}`);
  }

  #lexSpace(): boolean {
    while (isSpace(this.#text[this.#position])) this.#position++;
    // The last space may belong to a " -}}" that ends the action.
    if (this.#atTrimmingRightDelimiter(this.#position - 1)) this.#position--;
    return this.#position === this.#start ? true : this.#emit("space");
  }

  #lexIdentifier(): boolean {
    this.#skipAlphanumeric();
    if (!this.#atTerminator()) return this.#failAtCharacter();
    const word = this.#text.slice(this.#start, this.#position);
    const isOverridden = (word === "break" || word === "continue") && this.#isFunction(word);
    return this.#emit((isOverridden ? undefined : keywords.get(word)) ?? "identifier");
  }

  /** A name behind "." or "$", or the sign alone. */
  #lexName(kind: TokenKind, kindAlone: TokenKind): boolean {
    if (this.#atTerminator()) return this.#emit(kindAlone);
    this.#skipAlphanumeric();
    return this.#atTerminator() ? this.#emit(kind) : this.#failAtCharacter();
  }

  #skipAlphanumeric(): void {
    while (isAlphanumeric(this.#peek())) this.#position += this.#peek().length;
  }

  #atTerminator(): boolean {
    const character = this.#peek();
    return (
      character === "" ||
      isSpace(character) ||
      ".,|:()".includes(character) ||
      this.#text.startsWith(rightDelimiter, this.#position)
    );
  }

  /** Takes what looks like a number; whether it is one is for the parser to say. */
  #lexNumber(): boolean {
    numberPattern.lastIndex = this.#position;
    this.#position += numberPattern.exec(this.#text)![0].length;
    if (isAlphanumeric(this.#peek())) {
      this.#next();
      return this.#fail(`bad number syntax: ${quote(this.#text.slice(this.#start, this.#position))}`);
    }
    return this.#emit("number");
  }

  #lexQuoted(closing: string, kind: TokenKind, message: string): boolean {
    for (;;) {
      const character = this.#next();
      if (character === closing) return this.#emit(kind);
      const escaped = character === "\\" ? this.#next() : character;
      if (escaped === "" || escaped === "\n") return this.#fail(message);
    }
  }

  #lexRawString(): boolean {
    const close = this.#text.indexOf("`", this.#position);
    if (close === -1) return this.#fail("unterminated raw quoted string");
    this.#position = close + 1;
    return this.#emit("rawString");
  }

  #next(): string {
    const character = this.#peek();
    this.#position += character.length;
    return character;
  }

  #peek(): string {
    const code = this.#text.codePointAt(this.#position);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #emit(kind: TokenKind): true {
    this.#push(kind, this.#text.slice(this.#start, this.#position));
    this.#start = this.#position;
    return true;
  }

  #push(kind: TokenKind, text: string): void {
    for (; this.#lineCountedTo < this.#start; this.#lineCountedTo++)
      if (this.#text.charCodeAt(this.#lineCountedTo) === 10) this.#line++;
    this.#tokens.push({ kind, text, start: this.#start, end: this.#position, line: this.#line });
  }

  #ignore(): void {
    this.#start = this.#position;
  }

  #fail(message: string): false {
    this.#push("error", message);
    return false;
  }

  #failAtCharacter(): false {
    return this.#fail(`bad character ${describeCharacter(this.#peek())}`);
  }
}

/** Decimal, octal, binary or hexadecimal, whole or with a fraction and an exponent, with underscores: loosely, as Go scans. */
const numberPattern =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

function isAlphanumeric(character: string): boolean {
  const code = character.charCodeAt(0);
  // Almost all of a template is ASCII, where comparing is many times faster than matching.
  if (code < 0x80) return code === 0x5f || isDigit(character) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
  return /^[\p{L}\p{Nd}]$/u.test(character);
}

/** As Go's %#U prints a character: U+0040 '@'. */
function describeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character) ? `U+${hex} '${character}'` : `U+${hex}`;
}

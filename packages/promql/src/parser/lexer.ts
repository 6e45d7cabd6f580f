import { quote } from "@tatou/model";
import { isEndOfWord, scanDurationEnd, scanNumberEnd } from "./scan-number.ts";
import { scanString } from "./scan-string.ts";
import { quoteCharacter, reservedWords, type Token, type TokenKind } from "./token.ts";

/**
 * Cuts a query into tokens, one at a time, so that the parser's and the lexer's complaints come in the order of the text.
 * There are three modes: plain, inside the braces of a selector (no keywords, matcher operators), and inside the brackets
 * of a range (durations and their arithmetic). After an error token only the end follows.
 */
export class Lexer {
  readonly #text: string;
  #offset = 0;
  #mode: "plain" | "braces" | "brackets" = "plain";
  #parenthesisDepth = 0;
  /** How far a range has been read: nothing, a function such as step(), a number, or beyond the colon. */
  #rangePart: "nothing" | "function" | "number" | "step" = "nothing";
  #hasFailed = false;
  readonly #place: Place = { offset: 0, line: 1, column: 1 };

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    if (this.#hasFailed) return this.#token("endOfText", this.#offset);
    this.#skipSpaceAndComments();
    switch (this.#mode) {
      case "plain":
        return this.#nextPlain();
      case "braces":
        return this.#nextInBraces();
      case "brackets":
        return this.#nextInBrackets();
    }
  }

  #nextPlain(): Token {
    const character = this.#peek();
    if (character === "") return this.#endOfText();
    if (isDigit(character) || (character === "." && isDigit(this.#peek(1)))) return this.#numberOrDuration();
    if (isWordStart(character) || character === ":") return this.#word();
    switch (character) {
      case '"':
      case "'":
      case "`":
        return this.#string();
      case "(":
      case ")":
        return this.#parenthesis(character);
      case "{":
        this.#mode = "braces";
        return this.#take("{");
      case "[":
        this.#mode = "brackets";
        this.#rangePart = "nothing";
        return this.#take("[");
      case "]":
        return this.#fail(`unexpected right bracket ${quoteCharacter(character)}`);
      case "=":
        if (this.#peek(1) === "~") return this.#fail("unexpected character after '=': '~'");
        return this.#take(this.#peek(1) === "=" ? "==" : "=");
      case "!":
        if (this.#peek(1) !== "=") return this.#fail(`unexpected character after '!': ${this.#quoteNext(1)}`);
        return this.#take("!=");
      case "<":
        return this.#take(this.#peek(1) === "=" ? "<=" : this.#peek(1) === "/" ? "</" : "<");
      case ">":
        return this.#take(this.#peek(1) === "=" ? ">=" : this.#peek(1) === "/" ? ">/" : ">");
    }
    return this.#arithmetic("+-*/%^,@", "unexpected character: ");
  }

  #nextInBraces(): Token {
    const character = this.#peek();
    if (isWordStart(character)) return this.#wordOf("identifier", wordEnd(this.#text, this.#offset, false));
    switch (character) {
      case "":
        return this.#fail("unexpected end of input inside braces");
      case '"':
      case "'":
      case "`":
        return this.#string();
      case ",":
        return this.#take(",");
      case "=":
        return this.#take(this.#peek(1) === "~" ? "=~" : "=");
      case "!":
        if (this.#peek(1) === "~") return this.#take("!~");
        if (this.#peek(1) === "=") return this.#take("!=");
        return this.#fail(`unexpected character after '!' inside braces: ${this.#quoteNext(1)}`);
      case "{":
        return this.#fail("unexpected left brace '{'");
      case "}":
        this.#mode = "plain";
        return this.#take("}");
    }
    return this.#fail(`unexpected character inside braces: ${this.#quoteNext(0)}`);
  }

  #nextInBrackets(): Token {
    const character = this.#peek();
    if (character === "") return this.#endInBrackets();
    if (isDigit(character) || (character === "." && isDigit(this.#peek(1)))) {
      if (this.#rangePart !== "step") this.#rangePart = "number";
      return this.#numberOrDuration();
    }
    if (isWordStart(character)) return this.#durationWord();
    switch (character) {
      case "]":
        this.#mode = "plain";
        return this.#take("]");
      case "[":
        if (this.#hasNumber()) return this.#fail("unexpected left bracket '['");
        break;
      case ":":
        return this.#colon();
      case "(":
      case ")":
        return this.#parenthesis(character);
    }
    return this.#arithmetic(
      "+-*/%^,",
      this.#hasNumber() ? "unexpected character: " : "unexpected character in duration expression: ",
    );
  }

  /** Prometheus words its complaints differently before the first number of a range and after it. */
  #hasNumber(): boolean {
    return this.#rangePart === "number" || this.#rangePart === "step";
  }

  #endInBrackets(): Token {
    if (!this.#hasNumber()) return this.#fail("unexpected end of input in duration expression");
    return this.#fail(this.#parenthesisDepth > 0 ? "unclosed left parenthesis" : "unclosed left bracket");
  }

  #colon(): Token {
    if (this.#rangePart === "step") return this.#fail("unexpected colon ':'");
    const token = this.#take(":");
    if (this.#rangePart === "nothing") return this.#fail("unexpected colon before duration in duration expression");
    this.#rangePart = "step";
    return token;
  }

  /** The only words in brackets are the functions of duration expressions. */
  #durationWord(): Token {
    const end = wordEnd(this.#text, this.#offset, false);
    const word = this.#text.slice(this.#offset, end).toLowerCase();
    if (word === "step" || word === "range" || word === "min_of" || word === "max_of") {
      if (this.#rangePart === "nothing") this.#rangePart = "function";
      return this.#wordOf(word, end);
    }
    if (this.#hasNumber()) return this.#fail(`unexpected character: ${this.#quoteNext(0)}, expected ':'`);
    return this.#fail(`unexpected character in duration expression: ${this.#quoteNext(0)}`);
  }

  #arithmetic(allowed: string, complaint: string): Token {
    const character = this.#peek();
    if (!allowed.includes(character)) return this.#fail(complaint + this.#quoteNext(0));
    return this.#take(character as TokenKind);
  }

  #parenthesis(character: "(" | ")"): Token {
    const token = this.#take(character);
    this.#parenthesisDepth += character === "(" ? 1 : -1;
    return this.#parenthesisDepth < 0 ? this.#fail("unexpected right parenthesis ')'") : token;
  }

  #endOfText(): Token {
    return this.#parenthesisDepth > 0
      ? this.#fail("unclosed left parenthesis")
      : this.#token("endOfText", this.#offset);
  }

  #numberOrDuration(): Token {
    const number = scanNumberEnd(this.#text, this.#offset);
    if (number.isValid) return this.#wordOf("number", number.end);
    const duration = scanDurationEnd(this.#text, number.end);
    if (duration.isValid) return this.#wordOf("duration", duration.end);
    // Like the original, the complaint quotes one character beyond a word that goes on too long.
    const quoted = this.#text.slice(this.#offset, duration.end);
    return this.#fail(`bad number or duration syntax: ${quote(quoted)}`);
  }

  #string(): Token {
    const result = scanString(this.#text, this.#offset);
    if (result.kind === "failed") return this.#fail(result.message);
    return this.#wordOf("string", result.end);
  }

  #word(): Token {
    const end = wordEnd(this.#text, this.#offset, true);
    const word = this.#text.slice(this.#offset, end);
    const reserved = reservedWords.get(word.toLowerCase());
    return this.#wordOf(reserved ?? (word.includes(":") ? "metricIdentifier" : "identifier"), end);
  }

  #skipSpaceAndComments(): void {
    let offset = this.#offset;
    while (offset < this.#text.length) {
      const character = this.#text[offset]!;
      if (isSpace(character)) offset++;
      else if (character === "#") offset = lineEnd(this.#text, offset);
      else break;
    }
    this.#offset = offset;
  }

  #take(kind: TokenKind): Token {
    return this.#wordOf(kind, this.#offset + kind.length);
  }

  #wordOf(kind: TokenKind, end: number): Token {
    const token = this.#token(kind, end);
    this.#offset = end;
    return token;
  }

  #token(kind: TokenKind, end: number): Token {
    const start = this.#offset;
    advance(this.#place, this.#text, start);
    const { line, column } = this.#place;
    return { kind, text: this.#text.slice(start, end), span: { start, end, line, column } };
  }

  #fail(message: string): Token {
    this.#hasFailed = true;
    return { ...this.#token("error", this.#text.length), text: message };
  }

  /** One character of the text, "" at its end. */
  #peek(ahead = 0): string {
    return this.#text[this.#offset + ahead] ?? "";
  }

  #quoteNext(ahead: number): string {
    const code = this.#text.codePointAt(this.#offset + ahead);
    // Go prints the end of the text as the replacement character.
    return code === undefined ? "'\ufffd'" : quoteCharacter(String.fromCodePoint(code));
  }
}

interface Place {
  offset: number;
  line: number;
  column: number;
}

/** Moves a place forward; columns count UTF-8 bytes. */
function advance(place: Place, text: string, offset: number): void {
  for (let index = place.offset; index < offset; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 10) {
      place.line++;
      place.column = 1;
    } else place.column += utf8Size(unit);
  }
  place.offset = offset;
}

/** The bytes a UTF-16 unit stands for; each half of a surrogate pair is two of the pair's four. */
function utf8Size(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) return 2;
  return 3;
}

function wordEnd(text: string, start: number, allowsColon: boolean): number {
  const isInside = (character: string) => !isEndOfWord(character) || (allowsColon && character === ":");
  let end = start;
  while (end < text.length && isInside(text[end]!)) end++;
  return end;
}

function lineEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  return end;
}

function isSpace(character: string): boolean {
  return character === " " || character === "\t" || character === "\n" || character === "\r";
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

function isWordStart(character: string): boolean {
  return character !== "" && !isEndOfWord(character) && !isDigit(character);
}

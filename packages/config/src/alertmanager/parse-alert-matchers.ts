/**
 * Matchers as Alertmanager writes them: `severity=~"high|critical"`, several separated by commas, braces around them if one
 * likes. There are two grammars, the newer with UTF-8 names and the classic one that leaves more unquoted; the classic
 * reading wins where it has one, the newer is for the rest. So does Alertmanager unless told otherwise.
 */
import { type Diagnostic, type Matcher, type MatchOperator, makeMatcher, type Span } from "@tatou/model";

export class AlertMatcherSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "AlertMatcherSyntaxError";
  readonly code = "alert_matcher_syntax";
  readonly hint = 'Write matchers such as severity="critical" or team=~"a|b", separated by commas';
  readonly span: Span;

  constructor(text: string, found: string, span: Span) {
    super(
      `Cannot parse matchers ${JSON.stringify(text)}: found ${found}, expected a name, one of = != =~ !~, and a value`,
    );
    this.span = span;
  }
}

/**
 * @throws {AlertMatcherSyntaxError} neither grammar reads it
 * @throws {RegexSyntaxError} a value after =~ or !~ is no RE2 expression
 */
export function parseAlertMatchers(text: string): readonly Matcher[] {
  const classic = parseClassic(text);
  if (classic !== null) return classic.map(toMatcher);
  return parseUtf8(text).map(toMatcher);
}

interface Parts {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

function toMatcher({ name, operator, value }: Parts): Matcher {
  return makeMatcher(name, operator, value);
}

/** Null where the classic grammar does not fit. */
function parseClassic(text: string): Parts[] | null {
  const parts: Parts[] = [];
  for (const piece of splitOutsideQuotes(text.replace(/^\{/, "").replace(/\}$/, ""))) {
    const match = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*$/s.exec(piece);
    const value = match === null ? null : classicValue(match[3]!);
    if (match === null || value === null) return null;
    parts.push({ name: match[1]!, operator: match[2] as MatchOperator, value });
  }
  return parts;
}

/** The pieces between commas; an empty last piece is none. */
function splitOutsideQuotes(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  let insideQuotes = false;
  let escaped = false;
  for (const character of text) {
    if (character === "," && !insideQuotes) {
      pieces.push(piece);
      piece = "";
      continue;
    }
    if (character === '"' && !escaped) insideQuotes = !insideQuotes;
    escaped = character === "\\" && !escaped;
    piece += character;
  }
  if (piece.trim() !== "") pieces.push(piece);
  return pieces;
}

/** Undoes \\, \" and \n, in quotes or without them; null when a double quote stands where it must not. */
function classicValue(raw: string): string | null {
  const quoted = raw.startsWith('"');
  if (quoted && !/^"(?:\\[^]|[^\\"])*"$/.test(raw)) return null;
  const inner = quoted ? raw.slice(1, -1) : raw;
  if (/(?:^|[^\\])(?:\\\\)*"/.test(inner)) return null;
  return inner.replace(/\\([n"\\])/g, (_whole, character: string) => (character === "n" ? "\n" : character));
}

const operatorPattern = /=~|!~|!=|=/y;
const quotedPattern = /"(?:\\[^]|[^\\"])*"/y;
/** Everything but blanks and what the grammar itself uses. */
const barePattern = /[^\s{}!=~,\\"'`]+/y;

function parseUtf8(text: string): Parts[] {
  const reader = new Utf8Reader(text);
  const braces = reader.take(/\{/y) !== null;
  const parts: Parts[] = [];
  const atClose = () => reader.atEnd() || (braces && reader.sees("}"));
  for (let more = !atClose(); more; more = reader.take(/,/y) !== null && !atClose()) {
    const name = reader.word();
    const operator = reader.take(operatorPattern) as MatchOperator | null;
    if (operator === null) return reader.fail();
    parts.push({ name, operator, value: reader.word() });
  }
  if (braces && reader.take(/\}/y) === null) reader.fail();
  if (!reader.atEnd()) reader.fail();
  return parts;
}

class Utf8Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skipBlanks();
    return this.#position >= this.#text.length;
  }

  sees(character: string): boolean {
    this.#skipBlanks();
    return this.#text[this.#position] === character;
  }

  take(pattern: RegExp): string | null {
    this.#skipBlanks();
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#position += match[0].length;
    return match[0];
  }

  /** A bare or quoted name or value. */
  word(): string {
    const quoted = this.take(quotedPattern);
    if (quoted !== null) return unquote(quoted) ?? this.fail();
    return this.take(barePattern) ?? this.fail();
  }

  fail(): never {
    this.#skipBlanks();
    const rest = this.#text.slice(this.#position, this.#position + 20);
    const found = rest === "" ? "the end" : JSON.stringify(rest);
    throw new AlertMatcherSyntaxError(this.#text, found, { start: this.#position, end: this.#text.length });
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#position] ?? "")) this.#position++;
  }
}

const escapes = new Map([
  ["\\a", "\u0007"],
  ["\\b", "\b"],
  ["\\f", "\f"],
  ["\\n", "\n"],
  ["\\r", "\r"],
  ["\\t", "\t"],
  ["\\v", "\v"],
  ["\\\\", "\\"],
  ['\\"', '"'],
]);

/** As Go's strconv.Unquote; null for an escape it does not have. */
function unquote(quoted: string): string | null {
  let valid = !quoted.includes("\n");
  const text = quoted.slice(1, -1).replace(/\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-7][0-9a-fA-F]|[^])/g, (escape) => {
    const code = escape.length > 2 ? Number.parseInt(escape.slice(2), 16) : Number.NaN;
    if (code <= 0x10_ff_ff) return String.fromCodePoint(code);
    const character = escapes.get(escape);
    valid &&= character !== undefined;
    return character ?? "";
  });
  return valid ? text : null;
}

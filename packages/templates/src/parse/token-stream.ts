import { quote } from "@tatou/model";
import { TemplateSyntaxError } from "../errors.ts";
import { tokenize } from "./lexer.ts";
import { placeOf, type TemplateSource } from "./source.ts";
import { keywords, type Token } from "./token.ts";

/** The tokens of one text with a reading position, shared by the parsers of its definitions. */
export class TokenStream {
  readonly #source: TemplateSource;
  readonly #tokens: readonly Token[];
  #position = 0;
  /** The furthest token that was looked at: the line of an error is its line. */
  #furthest = 0;
  /** The line on which the action being parsed starts; 0 outside of actions. */
  actionLine = 0;
  nestingDepth = 0;

  constructor(source: TemplateSource, isFunction: (name: string) => boolean) {
    this.#source = source;
    this.#tokens = tokenize(source.text, isFunction);
  }

  /** Behind the last token, which is an error or the end of the text, that token comes again. */
  peek(): Token {
    const index = Math.min(this.#position, this.#tokens.length - 1);
    this.#furthest = Math.max(this.#furthest, index);
    return this.#tokens[index]!;
  }

  next(): Token {
    const token = this.peek();
    this.#position++;
    return token;
  }

  /** Skips space. */
  peekNonSpace(): Token {
    while (this.peek().kind === "space") this.#position++;
    return this.peek();
  }

  nextNonSpace(): Token {
    const token = this.peekNonSpace();
    this.#position++;
    return token;
  }

  /** Takes back the last next. */
  back(): void {
    this.#position--;
  }

  mark(): number {
    return this.#position;
  }

  reset(mark: number): void {
    this.#position = mark;
  }

  textBetween(start: number, end: number): string {
    return this.#source.text.slice(start, end);
  }

  error(message: string): TemplateSyntaxError {
    const token = this.#tokens[this.#furthest]!;
    const place = placeOf(this.#source, token.start, token.end);
    return new TemplateSyntaxError(`template: ${this.#source.name}:${token.line}: ${message}`, place);
  }

  unexpected(token: Token, context: string): TemplateSyntaxError {
    if (token.kind !== "error") return this.error(`unexpected ${describeToken(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) return this.error(token.text);
    const where = `started at ${this.#source.name}:${this.actionLine}`;
    return this.error(`${token.text} ${token.text.endsWith(" action") ? "" : "in action "}${where}`);
  }
}

/** As Go writes a token in a message: keywords in angle brackets, long texts cut. */
function describeToken(token: Token): string {
  if (token.kind === "end-of-text") return "EOF";
  const isKeyword = keywords.has(token.text) && token.kind !== "boolean" && token.kind !== "identifier";
  if (isKeyword) return `<${token.text}>`;
  // Go marks the dot as a keyword, though it is none.
  if (token.kind === "dot") return "<.>";
  const characters = Array.from(token.text);
  return characters.length > 10 ? `${quote(characters.slice(0, 10).join(""))}...` : quote(token.text);
}

import { QuerySyntaxError } from "../errors.ts";
import type { Expr, SourceSpan } from "./ast.ts";
import type { FeatureOptions } from "./features.ts";
import { Lexer } from "./lexer.ts";
import { describeToken, type Token, type TokenKind } from "./token.ts";

/** What a parse function reads from: tokens with one token of lookahead, and where it is for error messages. */
export class TokenStream {
  readonly features: FeatureOptions;
  readonly #lexer: Lexer;
  readonly #contexts: ErrorContext[] = [];
  #current: Token;
  #ahead: Token | null = null;
  #depth = 0;
  #previous: Token;

  constructor(text: string, features: FeatureOptions) {
    this.features = features;
    this.#lexer = new Lexer(text);
    this.#current = this.#lexer.next();
    this.#previous = this.#current;
  }

  /** The token that is read next. */
  token(): Token {
    return this.#current;
  }

  /** The kind of the token that is read next. */
  kind(): TokenKind {
    return this.#current.kind;
  }

  /** The token after the current one. */
  peek(): Token {
    this.#ahead ??= this.#lexer.next();
    return this.#ahead;
  }

  take(): Token {
    if (this.#current.kind === "error") this.unexpected();
    this.#previous = this.#current;
    this.#current = this.#ahead ?? this.#lexer.next();
    this.#ahead = null;
    return this.#previous;
  }

  /** Takes the current token if it is of a kind. */
  takeIf(kind: TokenKind): boolean {
    if (this.#current.kind !== kind) return false;
    this.take();
    return true;
  }

  expect(kind: TokenKind): Token {
    if (this.#current.kind !== kind) this.unexpected();
    return this.take();
  }

  /** From here to the matching `endContext`, unexpected tokens are reported as found in this part of the query. */
  beginContext(context: ErrorContext): void {
    this.#contexts.push(context);
  }

  endContext(): void {
    this.#contexts.pop();
  }

  /** Counts one level of nesting, so that no text can exhaust the stack. */
  enter(): void {
    this.#depth++;
    if (this.#depth > nestingDepthMax)
      this.fail(`expression is nested deeper than ${nestingDepthMax} levels`, this.#current.span, nestingHint);
  }

  leave(): void {
    this.#depth--;
  }

  /**
   * Refuses chains such as a + b + c + ... that make deep trees without nesting in the text.
   * @param count how many links the chain has by now
   */
  checkChain(count: number): void {
    if (count > treeDepthMax)
      this.fail(`expression has more than ${treeDepthMax} operations in a row`, this.#current.span, nestingHint);
  }

  /** @throws {QuerySyntaxError} about the current token */
  unexpected(): never {
    const token = this.#current;
    const hint = errorHints.get(token.text) ?? "Check the text around this place";
    if (token.kind === "error") this.fail(token.text, token.span, hint);
    const context = this.#contexts.at(-1);
    let message = `unexpected ${describeToken(token)}`;
    if (context !== undefined && context.name !== "") message += ` in ${context.name}`;
    if (context?.expected !== undefined) message += `, expected ${context.expected}`;
    this.fail(message, token.span, context?.hint ?? hint);
  }

  fail(message: string, span: SourceSpan, hint: string): never {
    throw new QuerySyntaxError(`${span.line}:${span.column}: parse error: ${message}`, { span, hint });
  }

  /** The span from a first token or node to the token taken last. */
  spanFrom(first: SourceSpan): SourceSpan {
    return { start: first.start, end: this.#previous.span.end, line: first.line, column: first.column };
  }
}

/** The expression parser, as handed to the parsers of what has expressions inside. */
export type ParseOperand = (stream: TokenStream, minPrecedence: number) => Expr;

export interface ErrorContext {
  readonly name: string;
  readonly expected?: string;
  readonly hint: string;
}

/** Deep enough for any query people or programs write, shallow enough for the stack of a worker. */
const nestingDepthMax = 500;
/** Evaluation walks trees recursively. */
export const treeDepthMax = 1500;
export const nestingHint = "Split the query with recording rules";

const errorHints = new Map([
  ["unclosed left parenthesis", "Add the missing )"],
  [
    "unterminated quoted string",
    "Close the string with the quote it began with; for line breaks use \\n or backquotes",
  ],
  ["unterminated raw string", "Close the string with a backquote"],
  ["unexpected end of input inside braces", "Add the missing }"],
  ["unclosed left bracket", "Add the missing ]"],
  ["unexpected end of input in duration expression", "Add the missing ]"],
]);

import { quote } from "@tatou/model";
import type { SourceSpan } from "./ast.ts";

/** A word of a query. Keywords and punctuation have their own text, in lower case, as kind. */
export interface Token {
  readonly kind: TokenKind;
  /** As written; for an error, the message. */
  readonly text: string;
  readonly span: SourceSpan;
}

export type TokenKind =
  | "endOfText"
  | "error"
  | "identifier"
  | "metricIdentifier"
  | "number"
  | "duration"
  | "string"
  | Punctuation
  | OperatorToken
  | AggregatorToken
  | KeywordToken
  | ContextWord;

export type Punctuation = "(" | ")" | "{" | "}" | "[" | "]" | "," | "=" | ":";
export type OperatorToken = (typeof operatorTokens)[number];
export type AggregatorToken = (typeof aggregatorTokens)[number];
export type KeywordToken = (typeof keywordTokens)[number];
/** Words with a meaning after @ and in durations only; ordinary names elsewhere. */
export type ContextWord = (typeof contextWords)[number];

const operatorTokens = [
  ...["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "</", ">/", "=~", "!~", "@"],
  ...["and", "or", "unless", "atan2"],
] as const;

const aggregatorTokens = [
  ...["avg", "bottomk", "count", "count_values", "group", "limit_ratio", "limitk"],
  ...["max", "min", "quantile", "stddev", "stdvar", "sum", "topk"],
] as const;

const keywordTokens = [
  ...["anchored", "bool", "by", "fill", "fill_left", "fill_right", "group_left", "group_right"],
  ...["ignoring", "offset", "on", "smoothed", "without"],
] as const;

const contextWords = ["start", "end", "step", "range", "min_of", "max_of"] as const;

const operators: ReadonlySet<string> = new Set(operatorTokens);
const aggregators: ReadonlySet<string> = new Set(aggregatorTokens);
const keywords: ReadonlySet<string> = new Set(keywordTokens);

/** Words that are not plain identifiers outside braces, by their lower-case text. */
export const reservedWords: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ...(["and", "or", "unless", "atan2"] as const).map((word) => [word, word] as const),
  ...aggregatorTokens.map((word) => [word, word] as const),
  ...keywordTokens.map((word) => [word, word] as const),
  ...contextWords.map((word) => [word, word] as const),
  ["inf", "number"],
  ["nan", "number"],
]);

export function isAggregator(kind: TokenKind): kind is AggregatorToken {
  return aggregators.has(kind);
}

/** How an error message names a token: `identifier "foo"`, `<aggr:sum>`, `end of input`, ... */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case "endOfText":
      return "end of input";
    case "identifier":
      return `identifier ${quote(token.text)}`;
    case "metricIdentifier":
      return `metric identifier ${quote(token.text)}`;
    case "number":
    case "duration":
    case "string":
      return `${token.kind} ${quoteStart(token.text)}`;
    default:
      return describeWord(token);
  }
}

function describeWord(token: Token): string {
  if (keywords.has(token.kind)) return `<${token.text}>`;
  if (operators.has(token.kind)) return `<op:${token.text}>`;
  if (aggregators.has(token.kind)) return `<aggr:${token.text}>`;
  return quoteStart(token.text);
}

/** Long words are cut to ten characters. */
function quoteStart(text: string): string {
  const isLong = new TextEncoder().encode(text).length > 10;
  return isLong ? `${quote(Array.from(text).slice(0, 10).join(""))}...` : quote(text);
}

/** A character as Go's %q prints a rune. */
export function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${quote(character).slice(1, -1)}'`;
}

import type { Matcher } from "@tatou/model";
import { QuerySyntaxError } from "../errors.ts";
import type { BinaryOperator, Expr, NumberLiteral, ParenExpr, StringLiteral, UnaryExpr } from "./ast.ts";
import { checkDepth } from "./check-depth.ts";
import { checkTypes } from "./check-types.ts";
import type { FeatureOptions } from "./features.ts";
import { durationSeconds, parseNumber, stringValue } from "./literals.ts";
import { parseAggregate, startsAggregate } from "./parse-aggregate.ts";
import { finishBinary, parseBinaryModifiers } from "./parse-binary.ts";
import { parseCall, startsCall } from "./parse-call.ts";
import { parsePostfix, startsPostfix } from "./parse-postfix.ts";
import { parseSelector, startsSelector } from "./parse-selector.ts";
import type { Token } from "./token.ts";
import { TokenStream } from "./token-stream.ts";

/**
 * Reads and type-checks an expression. Time is linear in the text.
 *
 * @param features parts of the language that are off unless asked for
 * @throws {QuerySyntaxError} the text is no expression, or its types do not fit; only the first problem is told
 * @see Prometheus documentation, "Querying basics" and "Operators"
 * @example parseExpr('sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) > 0.5').kind; // "binary"
 */
export function parseExpr(text: string, features: FeatureOptions = {}): Expr {
  const stream = openStream(text, features);
  if (stream.kind() === "endOfText") failEmpty(text, stream);
  const expr = parseOperand(stream, 0);
  if (stream.kind() !== "endOfText") stream.unexpected();
  checkDepth(expr);
  checkTypes(expr);
  return expr;
}

/**
 * Reads a metric selector such as `up{job="api"}`: the form of match[] parameters. The metric name comes last.
 * Whether at least one matcher refuses the empty text is for the caller to check.
 *
 * @throws {QuerySyntaxError} the text is no selector
 */
export function parseMatchers(text: string): readonly Matcher[] {
  const stream = openStream(text, {});
  if (!startsSelector(stream)) stream.unexpected();
  const { matchers } = parseSelector(stream);
  if (stream.kind() !== "endOfText") stream.unexpected();
  return matchers;
}

/** Longer texts are refused before they cost anything; the longest query seen in dashboards has some thousand characters. */
const queryLengthMax = 1_000_000;

function openStream(text: string, features: FeatureOptions): TokenStream {
  if (text.length > queryLengthMax)
    throw new QuerySyntaxError(`1:1: parse error: query is longer than ${queryLengthMax} characters`, {
      span: { start: 0, end: text.length },
      hint: "Shorten the query; long lists of alternatives fit better into labels or recording rules",
    });
  return new TokenStream(text, features);
}

function failEmpty(text: string, stream: TokenStream): never {
  const hint = "Write an expression, such as up";
  if (text === "")
    throw new QuerySyntaxError("unknown position: parse error: no expression found in input", {
      span: { start: 0, end: 0 },
      hint,
    });
  stream.fail("no expression found in input", { start: 0, end: text.length, line: 1, column: 1 }, hint);
}

/**
 * Precedence climbing: reads an operand and all operators after it that bind at least as tightly as `minPrecedence`.
 */
function parseOperand(stream: TokenStream, minPrecedence: number): Expr {
  stream.enter();
  let left = parsePrefix(stream);
  for (let count = 0; ; count++) {
    stream.checkChain(count);
    const operator = binaryOperators.get(stream.kind());
    if (operator === undefined || operator.precedence < minPrecedence) break;
    const operatorToken = stream.take();
    const modifiers = parseBinaryModifiers(stream);
    const right = parseOperand(stream, operator.precedence + (operator.isRightAssociative ? 0 : 1));
    left = finishBinary(stream, { left, right, operator: operator.name, operatorToken, modifiers });
  }
  stream.leave();
  return left;
}

interface OperatorForm {
  readonly name: BinaryOperator;
  readonly precedence: number;
  readonly isRightAssociative: boolean;
}

/** From the loosest to the tightest. */
const precedenceLevels: readonly (readonly BinaryOperator[])[] = [
  ["or"],
  ["and", "unless"],
  ["==", "!=", "<", "<=", ">", ">=", "</", ">/"],
  ["+", "-"],
  ["*", "/", "%", "atan2"],
  ["^"],
];
const powerPrecedence = precedenceLevels.length - 1;

const binaryOperators: ReadonlyMap<string, OperatorForm> = new Map(
  precedenceLevels.flatMap((level, precedence) =>
    level.map((name) => [name, { name, precedence, isRightAssociative: name === "^" }] as const),
  ),
);

/** A sign binds looser than a power and tighter than anything else: -2^2 is -4, -2*2 is (-2)*2. */
function parsePrefix(stream: TokenStream): Expr {
  if (stream.kind() !== "+" && stream.kind() !== "-") return parsePostfixes(stream);
  const token = stream.take();
  const operand = parseOperand(stream, powerPrecedence);
  return applySign(stream, token, operand);
}

function applySign(stream: TokenStream, token: Token, operand: Expr): NumberLiteral | UnaryExpr {
  const operator = token.kind === "-" ? "-" : "+";
  const span = { ...stream.spanFrom(token.span), end: operand.span.end };
  if (operand.kind !== "number") return { kind: "unary", operator, operand, span };
  return { ...operand, value: operator === "-" ? -operand.value : operand.value, span };
}

/** A primary and what is written behind it: [5m], offset, @, anchored, smoothed. */
function parsePostfixes(stream: TokenStream): Expr {
  let expr = parsePrimary(stream);
  for (let count = 0; startsPostfix(stream); count++) {
    stream.checkChain(count);
    expr = parsePostfix(stream, expr);
  }
  return expr;
}

function parsePrimary(stream: TokenStream): Expr {
  const token = stream.token();
  switch (token.kind) {
    case "number":
    case "duration":
      return parseNumberLiteral(stream);
    case "string":
      return parseStringLiteral(stream);
    case "(":
      return parseParenthesized(stream);
    default:
      if (startsAggregate(stream)) return parseAggregate(stream, parseOperand);
      if (startsCall(stream)) return parseCall(stream, parseOperand);
      if (startsSelector(stream)) return parseSelector(stream);
      return stream.unexpected();
  }
}

function parseNumberLiteral(stream: TokenStream): NumberLiteral {
  const token = stream.take();
  const isDuration = token.kind === "duration";
  const value = isDuration ? durationSeconds(stream, token) : parseNumber(stream, token);
  return { kind: "number", value, isDuration, span: token.span };
}

function parseStringLiteral(stream: TokenStream): StringLiteral {
  const token = stream.take();
  return { kind: "string", value: stringValue(token), span: token.span };
}

function parseParenthesized(stream: TokenStream): ParenExpr {
  const open = stream.take();
  const operand = parseOperand(stream, 0);
  stream.expect(")");
  return { kind: "paren", operand, span: stream.spanFrom(open.span) };
}

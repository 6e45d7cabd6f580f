import type { DurationExpr, SourceSpan } from "./ast.ts";
import { durationSeconds, parseNumber } from "./literals.ts";
import type { TokenKind } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** The range or step between brackets: above zero, with arithmetic when that is enabled. */
export function parseRangeDuration(stream: TokenStream): DurationExpr {
  const duration = asWhole(parseSum(stream, 0));
  if (duration.kind === "duration" && duration.durationMs <= 0)
    stream.fail("duration must be greater than 0", duration.span, "Write a range such as [5m]");
  return duration;
}

/**
 * The duration after offset: signs and one operand, so that `a offset 5m + b` stays a sum of two selectors. Arithmetic
 * needs parentheses here.
 */
export function parseOffsetDuration(stream: TokenStream): DurationExpr {
  return asWhole(parseSignedOperand(stream));
}

function parseSignedOperand(stream: TokenStream): DurationExpr {
  stream.enter();
  const duration = isSign(stream) ? parseSigned(stream, parseSignedOperand) : parseOperand(stream);
  stream.leave();
  return duration;
}

type ParseDuration = (stream: TokenStream) => DurationExpr;

const sumPrecedence = 0;
const productPrecedence = 1;
const powerPrecedence = 2;
const precedences: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ["+", sumPrecedence],
  ["-", sumPrecedence],
  ["*", productPrecedence],
  ["/", productPrecedence],
  ["%", productPrecedence],
  ["^", powerPrecedence],
]);

function parseSum(stream: TokenStream, minPrecedence: number): DurationExpr {
  stream.enter();
  let left = isSign(stream) ? parseSigned(stream, parsePower) : parseOperand(stream);
  for (;;) {
    const precedence = precedences.get(stream.kind());
    if (precedence === undefined || precedence < minPrecedence) break;
    const token = stream.take();
    const operator = token.kind as "+" | "-" | "*" | "/" | "%" | "^";
    const right = parseSum(stream, precedence === powerPrecedence ? precedence : precedence + 1);
    requireArithmetic(stream, left.span);
    if ((operator === "/" || operator === "%") && isZero(right))
      stream.fail(operator === "/" ? "division by zero" : "modulo by zero", token.span, "Divide by something else");
    left = { kind: "durationBinary", operator, left, right, span: joined(left.span, right.span) };
  }
  stream.leave();
  return left;
}

/** A sign binds looser than a power: -2^2 is -(2^2). */
function parsePower(stream: TokenStream): DurationExpr {
  return parseSum(stream, powerPrecedence);
}

/** A sign before a literal becomes part of the literal. */
function parseSigned(stream: TokenStream, parseInner: ParseDuration): DurationExpr {
  const token = stream.take();
  const operator = token.kind === "-" ? "-" : "+";
  const operand = parseInner(stream);
  const span = joined(token.span, operand.span);
  if (operand.kind === "duration")
    return { ...operand, durationMs: operator === "-" ? -operand.durationMs : operand.durationMs, span };
  if (operand.kind === "durationNumber")
    return { ...operand, value: operator === "-" ? -operand.value : operand.value, span };
  return { kind: "durationUnary", operator, operand, span };
}

function isSign(stream: TokenStream): boolean {
  return stream.kind() === "-" || stream.kind() === "+";
}

function parseOperand(stream: TokenStream): DurationExpr {
  switch (stream.kind()) {
    case "number":
    case "duration":
      return parseLiteral(stream);
    case "(":
      return parseParenthesized(stream);
    case "step":
    case "range":
      return parseContextCall(stream);
    case "min_of":
    case "max_of":
      return parseExtreme(stream);
    default:
      return stream.unexpected();
  }
}

/** 2^63 nanoseconds: what a Go duration holds. */
const durationMaxSeconds = 2 ** 63 / 1e9;

function parseLiteral(stream: TokenStream): DurationExpr {
  const token = stream.take();
  const seconds = token.kind === "duration" ? durationSeconds(stream, token) : parseNumber(stream, token);
  if (!(Math.abs(seconds) <= durationMaxSeconds))
    stream.fail("duration out of range", token.span, "Write at most 292y");
  if (token.kind === "number") return { kind: "durationNumber", value: seconds, span: token.span };
  return { kind: "duration", durationMs: Math.round(seconds * 1000), span: token.span };
}

function parseParenthesized(stream: TokenStream): DurationExpr {
  const open = stream.take();
  const operand = parseSum(stream, 0);
  stream.expect(")");
  requireArithmetic(stream, operand.span);
  return { kind: "durationParen", operand, span: stream.spanFrom(open.span) };
}

function parseContextCall(stream: TokenStream): DurationExpr {
  const token = stream.take();
  stream.expect("(");
  stream.expect(")");
  const span = stream.spanFrom(token.span);
  requireArithmetic(stream, span);
  return { kind: token.kind as "step" | "range", span };
}

function parseExtreme(stream: TokenStream): DurationExpr {
  const token = stream.take();
  stream.expect("(");
  const left = parseSum(stream, 0);
  stream.expect(",");
  const right = parseSum(stream, 0);
  stream.expect(")");
  const span = stream.spanFrom(token.span);
  requireArithmetic(stream, span);
  return { kind: "durationBinary", operator: token.kind as "min_of" | "max_of", left, right, span };
}

function requireArithmetic(stream: TokenStream, span: SourceSpan): void {
  if (stream.features.durationExpr !== true)
    stream.fail("experimental duration expression is not enabled", span, "Enable promql-duration-expr");
}

/** A number that is the whole duration counts seconds. */
function asWhole(duration: DurationExpr): DurationExpr {
  if (duration.kind !== "durationNumber") return duration;
  const nanoseconds = Math.round(duration.value * 1e9);
  // `+ 0` keeps a negative zero out of the tree.
  return { kind: "duration", durationMs: Math.trunc(nanoseconds / 1e6) + 0, span: duration.span };
}

function isZero(duration: DurationExpr): boolean {
  return (
    (duration.kind === "duration" && duration.durationMs === 0) ||
    (duration.kind === "durationNumber" && duration.value === 0)
  );
}

function joined(first: SourceSpan, last: SourceSpan): SourceSpan {
  return { ...first, end: last.end };
}

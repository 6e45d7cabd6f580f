import type { BinaryExpr, BinaryOperator, Expr, VectorMatching } from "./ast.ts";
import { durationSeconds, parseNumber } from "./literals.ts";
import { parseGroupingLabels } from "./parse-grouping.ts";
import type { Token } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** What may stand between an operator and its right side. */
export interface BinaryModifiers {
  readonly returnsBool: boolean;
  readonly matching: VectorMatching;
}

/** Reads `bool on(job) group_left(version) fill(0)`, each part optional. */
export function parseBinaryModifiers(stream: TokenStream): BinaryModifiers {
  const returnsBool = stream.takeIf("bool");
  const labels = parseMatchingLabels(stream);
  const fill = parseFill(stream);
  return { returnsBool, matching: { ...labels, ...fill } };
}

type MatchingLabels = Pick<VectorMatching, "cardinality" | "on" | "labels" | "include">;

function parseMatchingLabels(stream: TokenStream): MatchingLabels {
  const kind = stream.kind();
  if (kind !== "on" && kind !== "ignoring") return { cardinality: "one-to-one", on: false, labels: [], include: [] };
  stream.take();
  const labels = parseGroupingLabels(stream);
  const group = stream.kind();
  if (group !== "group_left" && group !== "group_right")
    return { cardinality: "one-to-one", on: kind === "on", labels, include: [] };
  stream.take();
  const include = stream.kind() === "(" ? parseGroupingLabels(stream) : [];
  const cardinality = group === "group_left" ? "many-to-one" : "one-to-many";
  return { cardinality, on: kind === "on", labels, include };
}

/** `fill(0)` sets both sides; `fill_left(0) fill_right(1)` come in either order. */
function parseFill(stream: TokenStream): Pick<VectorMatching, "fillLeft" | "fillRight"> {
  let fillLeft: number | null = null;
  let fillRight: number | null = null;
  for (;;) {
    const kind = stream.kind();
    // A metric may be called fill: only with parentheses is it the modifier.
    const isFill = (kind === "fill" || kind === "fill_left" || kind === "fill_right") && stream.peek().kind === "(";
    if (!isFill) return { fillLeft, fillRight };
    if (
      kind === "fill" ? fillLeft !== null || fillRight !== null : (kind === "fill_left" ? fillLeft : fillRight) !== null
    )
      stream.unexpected();
    stream.take();
    const value = parseFillValue(stream);
    if (kind !== "fill_right") fillLeft = value;
    if (kind !== "fill_left") fillRight = value;
  }
}

function parseFillValue(stream: TokenStream): number {
  stream.expect("(");
  const isNegative = stream.kind() === "-";
  if (isNegative || stream.kind() === "+") stream.take();
  if (stream.kind() !== "number" && stream.kind() !== "duration") stream.unexpected();
  const token = stream.take();
  const value = token.kind === "duration" ? durationSeconds(stream, token) : parseNumber(stream, token);
  stream.expect(")");
  return isNegative ? -value : value;
}

export interface BinaryParts {
  readonly left: Expr;
  readonly right: Expr;
  readonly operator: BinaryOperator;
  readonly operatorToken: Token;
  readonly modifiers: BinaryModifiers;
}

export function finishBinary(stream: TokenStream, parts: BinaryParts): BinaryExpr {
  const { left, right, operator, operatorToken, modifiers } = parts;
  const span = { ...stream.spanFrom(left.span), end: right.span.end };
  const { fillLeft, fillRight } = modifiers.matching;
  if ((fillLeft !== null || fillRight !== null) && stream.features.binopFillModifiers !== true)
    stream.fail("binop fill modifiers are experimental and not enabled", span, "Enable promql-binop-fill-modifiers");
  return { kind: "binary", operator, left, right, ...modifiers, operatorSpan: operatorToken.span, span };
}

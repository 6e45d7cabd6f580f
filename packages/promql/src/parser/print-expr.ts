import { formatFloatG } from "@tatou/kernels";
import {
  compareStrings,
  formatDurationMs,
  isLegacyLabelName,
  type Matcher,
  matcherOperator,
  matcherValue,
  metricNameLabel,
} from "@tatou/model";
import type { AggregateExpr, AtModifier, BinaryExpr, DurationExpr, Expr, Subquery, VectorSelector } from "./ast.ts";
import { quoteText } from "./quote-text.ts";

/**
 * Writes an expression on one line as Prometheus does; `parseExpr` reads the text back to the same tree, spans aside.
 * Parentheses are those of the tree.
 */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "number":
      return printNumber(expr.value, expr.isDuration);
    case "string":
      return quoteText(expr.value);
    case "vectorSelector":
      return printSelector(expr) + printModifiers(expr);
    case "matrixSelector":
      return `${printSelector(expr.selector)}[${printDuration(expr.range)}]${printModifiers(expr.selector)}`;
    case "subquery":
      return printSubquery(expr);
    case "unary":
      return expr.operator + printExpr(expr.operand);
    case "paren":
      return `(${printExpr(expr.operand)})`;
    case "binary":
      return printBinary(expr);
    case "aggregate":
      return printAggregate(expr);
    case "call":
      return `${expr.function}(${expr.args.map((argument) => printExpr(argument)).join(", ")})`;
  }
}

/** A number that was written as a duration is printed as one. */
function printNumber(value: number, isDuration: boolean): string {
  if (!isDuration) return formatFloatG(value);
  return value < 0 ? `-${formatDurationMs(Math.round(-value * 1000))}` : formatDurationMs(Math.round(value * 1000));
}

function printSelector(selector: VectorSelector): string {
  const matchers = selector.matchers
    .filter((matcher) => !isOwnName(selector, matcher))
    .map((matcher) => printMatcher(matcher))
    .sort(compareStrings);
  return matchers.length === 0 && selector.name !== "" ? selector.name : `${selector.name}{${matchers.join(",")}}`;
}

/** The name before the braces is among the matchers, too; an explicit empty one is kept. */
function isOwnName(selector: VectorSelector, matcher: Matcher): boolean {
  return (
    matcher.kind === "equal" &&
    matcher.label === metricNameLabel &&
    matcher.value === selector.name &&
    matcher.value !== ""
  );
}

function printMatcher(matcher: Matcher): string {
  const label = isLegacyLabelName(matcher.label) ? matcher.label : quoteText(matcher.label);
  return `${label}${matcherOperator(matcher)}${quoteText(matcherValue(matcher))}`;
}

interface Modified {
  readonly offset: DurationExpr | null;
  readonly at: AtModifier | null;
  readonly extension?: VectorSelector["extension"];
}

function printModifiers(modified: Modified): string {
  const extension = modified.extension === null || modified.extension === undefined ? "" : ` ${modified.extension}`;
  return extension + printAt(modified.at) + printOffset(modified.offset);
}

function printAt(at: AtModifier | null): string {
  if (at === null) return "";
  return at.kind === "time" ? ` @ ${(at.timeMs / 1000).toFixed(3)}` : ` @ ${at.kind}()`;
}

function printOffset(offset: DurationExpr | null): string {
  if (offset === null || (offset.kind === "duration" && offset.durationMs === 0)) return "";
  return ` offset ${printDuration(offset)}`;
}

function printDuration(duration: DurationExpr): string {
  switch (duration.kind) {
    case "duration":
      return formatDurationMs(duration.durationMs);
    case "durationNumber":
      return formatFloatG(duration.value);
    case "step":
    case "range":
      return `${duration.kind}()`;
    case "durationParen":
      return `(${printDuration(duration.operand)})`;
    case "durationUnary":
      return duration.operator + printDuration(duration.operand);
    case "durationBinary":
      return printDurationBinary(duration);
  }
}

function printDurationBinary(duration: DurationExpr & { readonly kind: "durationBinary" }): string {
  const left = printDuration(duration.left);
  const right = printDuration(duration.right);
  if (duration.operator === "min_of" || duration.operator === "max_of")
    return `${duration.operator}(${left}, ${right})`;
  return `${left} ${duration.operator} ${right}`;
}

function printSubquery(expr: Subquery): string {
  const step = expr.step === null ? "" : printDuration(expr.step);
  return `${printExpr(expr.operand)}[${printDuration(expr.range)}:${step}]${printModifiers(expr)}`;
}

function printBinary(expr: BinaryExpr): string {
  const bool = expr.returnsBool ? " bool" : "";
  return `${printExpr(expr.left)} ${expr.operator}${bool}${printMatching(expr)} ${printExpr(expr.right)}`;
}

function printMatching({ matching }: BinaryExpr): string {
  if (matching === null) return "";
  let text = "";
  const isGrouped = matching.cardinality === "many-to-one" || matching.cardinality === "one-to-many";
  if (matching.on || matching.labels.length > 0 || isGrouped)
    text += ` ${matching.on ? "on" : "ignoring"} (${printLabels(matching.labels)})`;
  if (isGrouped)
    text += ` group_${matching.cardinality === "many-to-one" ? "left" : "right"} (${printLabels(matching.include)})`;
  return text + printFill(matching.fillLeft, matching.fillRight);
}

function printFill(left: number | null, right: number | null): string {
  if (left !== null && Object.is(left, right)) return ` fill (${formatFloatG(left)})`;
  const leftText = left === null ? "" : ` fill_left (${formatFloatG(left)})`;
  return leftText + (right === null ? "" : ` fill_right (${formatFloatG(right)})`);
}

function printAggregate(expr: AggregateExpr): string {
  const grouping = expr.without
    ? ` without (${printLabels(expr.grouping)}) `
    : expr.grouping.length > 0
      ? ` by (${printLabels(expr.grouping)}) `
      : "";
  const parameter = expr.parameter === null ? "" : `${printExpr(expr.parameter)}, `;
  return `${expr.operator}${grouping}(${parameter}${printExpr(expr.operand)})`;
}

function printLabels(labels: readonly string[]): string {
  return labels.map((label) => (isLegacyLabelName(label) ? label : quoteText(label))).join(", ");
}

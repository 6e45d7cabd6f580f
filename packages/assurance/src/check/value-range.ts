/**
 * Which values an expression can have at all, as an interval. An empty one means that it never gives anything. It is
 * wider than the truth wherever the truth needs data; NaN is left out.
 */
import { matcherOperator, matcherValue } from "@tatou/model";
import { type AggregateExpr, type BinaryExpr, type CallExpr, type Expr, printExpr, selectorsOf } from "@tatou/promql";
import type { MetricCatalog } from "./metric-catalog.ts";

export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** Whether the bound itself is out of reach. */
  readonly isMinOpen?: boolean;
  readonly isMaxOpen?: boolean;
}

export const anyValue: ValueRange = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
const notNegative: ValueRange = { min: 0, max: Number.POSITIVE_INFINITY };
const share: ValueRange = { min: 0, max: 1 };
const nothing: ValueRange = { min: 1, max: 0 };

export function isEmptyRange({ min, max, isMinOpen = false, isMaxOpen = false }: ValueRange): boolean {
  return min > max || (min === max && (isMinOpen || isMaxOpen) && Number.isFinite(min));
}

export function valueRange(expr: Expr, catalog: MetricCatalog): ValueRange {
  switch (expr.kind) {
    case "number":
      return { min: expr.value, max: expr.value };
    case "string":
      return anyValue;
    case "vectorSelector":
      return selectorRange(expr.name, catalog);
    case "matrixSelector":
      return selectorRange(expr.selector.name, catalog);
    case "subquery":
    case "paren":
      return valueRange(expr.operand, catalog);
    case "unary": {
      const inner = valueRange(expr.operand, catalog);
      if (isEmptyRange(inner)) return nothing;
      return expr.operator === "+" ? inner : { min: -inner.max, max: -inner.min };
    }
    case "binary":
      return binaryRange(expr, catalog);
    case "aggregate":
      return aggregateRange(expr, catalog);
    case "call":
      return callRange(expr, catalog);
  }
}

function selectorRange(name: string, catalog: MetricCatalog): ValueRange {
  if (name === "up") return share;
  const recorded = catalog.recordedAs(name);
  if (recorded.length > 0) return anyValue;
  const kind = catalog.find(name)?.kind;
  return kind === "counter" || /_(?:bucket|count)$/.test(name) ? notNegative : anyValue;
}

function aggregateRange(expr: AggregateExpr, catalog: MetricCatalog): ValueRange {
  const inner = valueRange(expr.operand, catalog);
  if (isEmptyRange(inner)) return nothing;
  switch (expr.operator) {
    case "count":
    case "count_values":
      return expr.operator === "count" ? { min: 1, max: Number.POSITIVE_INFINITY } : anyValue;
    case "group":
      return { min: 1, max: 1 };
    case "sum":
      return inner.min >= 0 ? { ...inner, max: Number.POSITIVE_INFINITY } : anyValue;
    case "stddev":
    case "stdvar":
      return notNegative;
    case "quantile":
      return anyValue;
    default:
      return inner;
  }
}

const sameRange = new Set(["avg_over_time", "min_over_time", "max_over_time", "last_over_time", "sort", "sort_desc"]);
const neverNegative = new Set(["rate", "increase", "irate", "changes", "resets", "abs", "sqrt", "stddev_over_time"]);
const alwaysOne = new Set(["absent", "absent_over_time", "present_over_time"]);

function callRange(expr: CallExpr, catalog: MetricCatalog): ValueRange {
  const inner = expr.args.map((arg) => valueRange(arg, catalog));
  if (expr.function === "absent") return isAlwaysThere(expr.args[0]) ? nothing : { min: 1, max: 1 };
  if (expr.function !== "absent_over_time" && inner.some(isEmptyRange)) return nothing;
  if (alwaysOne.has(expr.function)) return { min: 1, max: 1 };
  if (neverNegative.has(expr.function)) return notNegative;
  if (expr.function === "count_over_time") return { min: 1, max: Number.POSITIVE_INFINITY };
  if (sameRange.has(expr.function) || expr.function === "vector") return inner[0] ?? anyValue;
  if (expr.function === "sum_over_time" && inner[0]!.min >= 0) return notNegative;
  return anyValue;
}

function isAlwaysThere(expr: Expr | undefined): boolean {
  return expr?.kind === "paren" ? isAlwaysThere(expr.operand) : expr?.kind === "call" && expr.function === "vector";
}

function binaryRange(expr: BinaryExpr, catalog: MetricCatalog): ValueRange {
  const left = valueRange(expr.left, catalog);
  const right = valueRange(expr.right, catalog);
  const isFilled = expr.matching !== null && (expr.matching.fillLeft !== null || expr.matching.fillRight !== null);
  if (isFilled) return anyValue;
  switch (expr.operator) {
    case "or":
      return isEmptyRange(left) ? right : isEmptyRange(right) ? left : hull(left, right);
    case "and":
      return isEmptyRange(right) || (isPlain(expr) && contradicts(expr.left, expr.right, catalog)) ? nothing : left;
    case "unless":
      return left;
    default:
      if (isEmptyRange(left) || isEmptyRange(right)) return nothing;
      return isComparison(expr.operator) ? compared(expr, left, right) : calculated(expr, left, right);
  }
}

export function isComparison(operator: string): boolean {
  return ["==", "!=", "<", "<=", ">", ">="].includes(operator);
}

/** Matched on all labels: both sides are about the same series. */
function isPlain({ matching }: BinaryExpr): boolean {
  return matching !== null && !matching.on && matching.labels.length === 0;
}

/** What a comparison leaves of its left side; of the right one, where the left is a number. */
function compared(expr: BinaryExpr, left: ValueRange, right: ValueRange): ValueRange {
  if (expr.returnsBool) return share;
  const isMirrored = expr.left.kind === "number";
  const operator = isMirrored ? mirrored[expr.operator]! : expr.operator;
  const [kept, bound] = isMirrored ? [right, left] : [left, right];
  switch (operator) {
    case ">":
      return intersection(kept, { min: bound.min, max: Number.POSITIVE_INFINITY, isMinOpen: true });
    case ">=":
      return intersection(kept, { min: bound.min, max: Number.POSITIVE_INFINITY });
    case "<":
      return intersection(kept, { min: Number.NEGATIVE_INFINITY, max: bound.max, isMaxOpen: true });
    case "<=":
      return intersection(kept, { min: Number.NEGATIVE_INFINITY, max: bound.max });
    case "==":
      return intersection(kept, bound);
    default:
      return kept.min === kept.max && bound.min === bound.max && kept.min === bound.min ? nothing : kept;
  }
}

const mirrored: Readonly<Record<string, string>> = {
  ">": "<",
  ">=": "<=",
  "<": ">",
  "<=": ">=",
  "==": "==",
  "!=": "!=",
};

function calculated(expr: BinaryExpr, left: ValueRange, right: ValueRange): ValueRange {
  switch (expr.operator) {
    case "+":
      return { min: left.min + right.min, max: left.max + right.max };
    case "-":
      return { min: left.min - right.max, max: left.max - right.min };
    case "*":
      return left.min >= 0 && right.min >= 0 ? { min: left.min * right.min, max: product(left, right) } : anyValue;
    case "/":
      return left.min < 0 || right.min < 0 ? anyValue : quotient(expr, left, right);
    default:
      return anyValue;
  }
}

function product(left: ValueRange, right: ValueRange): number {
  return left.max === 0 || right.max === 0 ? 0 : left.max * right.max;
}

function quotient({ left, right }: BinaryExpr, over: ValueRange, under: ValueRange): ValueRange {
  if (isPartOf(left, right)) return share;
  if (right.kind === "number" && right.value > 0) return { min: over.min / right.value, max: over.max / right.value };
  return under.min === 0 && under.max === 0 ? anyValue : notNegative;
}

/** Whether the upper side of a fraction is the lower one with more conditions: then it is a share. */
function isPartOf(part: Expr, whole: Expr): boolean {
  const [partSelector, ...otherParts] = selectorsOf(part);
  const [wholeSelector, ...otherWholes] = selectorsOf(whole);
  if (partSelector === undefined || wholeSelector === undefined) return false;
  if (otherParts.length > 0 || otherWholes.length > 0) return false;
  if (!/^\s*\(*(?:sum|count)\b/.test(printExpr(part)) || !/\b(?:rate|increase)\b/.test(printExpr(part))) return false;
  if (skeleton(part) !== skeleton(whole)) return false;
  const conditions = (expr: typeof partSelector): string[] =>
    expr.matchers.map((matcher) => `${matcher.label}${matcherOperator(matcher)}${matcherValue(matcher)}`);
  const own = new Set(conditions(partSelector));
  return conditions(wholeSelector).every((condition) => own.has(condition));
}

/** The expression without the conditions of its selector. */
function skeleton(expr: Expr): string {
  return printExpr(expr).replaceAll(/\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}/g, "");
}

/** Whether two sides compare the same thing with numbers that it cannot both be. */
function contradicts(left: Expr, right: Expr, catalog: MetricCatalog): boolean {
  return comparisonsOf(left).some((one) =>
    comparisonsOf(right).some(
      (other) =>
        printExpr(one.left) === printExpr(other.left) &&
        isEmptyRange(intersection(valueRange(one, catalog), valueRange(other, catalog))),
    ),
  );
}

/** The comparisons with a number that all have to hold. */
function comparisonsOf(expr: Expr): readonly BinaryExpr[] {
  if (expr.kind === "paren") return comparisonsOf(expr.operand);
  if (expr.kind !== "binary") return [];
  if (expr.operator === "and" && isPlain(expr)) return [...comparisonsOf(expr.left), ...comparisonsOf(expr.right)];
  return isComparison(expr.operator) && expr.right.kind === "number" && !expr.returnsBool ? [expr] : [];
}

function hull(left: ValueRange, right: ValueRange): ValueRange {
  return { min: Math.min(left.min, right.min), max: Math.max(left.max, right.max) };
}

function intersection(left: ValueRange, right: ValueRange): ValueRange {
  const min = Math.max(left.min, right.min);
  const max = Math.min(left.max, right.max);
  return {
    min,
    max,
    isMinOpen: [left, right].some((range) => range.min === min && range.isMinOpen === true),
    isMaxOpen: [left, right].some((range) => range.max === max && range.isMaxOpen === true),
  };
}

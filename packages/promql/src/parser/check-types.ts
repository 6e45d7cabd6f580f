import { accepts, matcherValue, metricNameLabel, quote } from "@tatou/model";
import { QuerySyntaxError } from "../errors.ts";
import type {
  AggregateExpr,
  BinaryExpr,
  BinaryOperator,
  CallExpr,
  Expr,
  SourceSpan,
  ValueType,
  VectorMatching,
  VectorSelector,
} from "./ast.ts";
import { functionTable } from "./function-table.ts";
import { describeType } from "./value-type.ts";

/**
 * The static type check. It also finishes the matching of binary expressions, which depends on the types of both sides:
 * the one change to the tree after reading, before anybody else has seen it.
 *
 * @returns the type of the expression
 * @throws {QuerySyntaxError} types do not fit, with Prometheus' wording
 */
export function checkTypes(expr: Expr): ValueType {
  switch (expr.kind) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "vectorSelector":
      checkSelector(expr);
      return "vector";
    case "matrixSelector":
      checkTypes(expr.selector);
      return "matrix";
    case "paren":
      return checkTypes(expr.operand);
    case "aggregate":
      checkAggregate(expr);
      return "vector";
    case "call":
      checkCall(expr);
      return functionTable.get(expr.function)!.returns;
    case "binary":
      return checkBinary(expr);
    case "unary":
      return checkUnary(expr.operand, expr.span);
    case "subquery":
      return checkSubquery(expr.operand, expr.span);
  }
}

function checkUnary(operand: Expr, span: SourceSpan): ValueType {
  const type = checkTypes(operand);
  if (type !== "scalar" && type !== "vector")
    fail(
      `unary expression only allowed on expressions of type scalar or instant vector, got ${quote(describeType(type))}`,
      span,
      "Apply a function such as rate first",
    );
  return type;
}

function checkSubquery(operand: Expr, span: SourceSpan): ValueType {
  const type = checkTypes(operand);
  if (type !== "vector")
    fail(`subquery is only allowed on instant vector, got ${type} instead`, span, "Wrap a scalar in vector(...)");
  return "matrix";
}

function checkSelector(selector: VectorSelector): void {
  if (selector.name !== "") {
    const other = selector.matchers.slice(0, -1).find((matcher) => matcher.label === metricNameLabel);
    if (other !== undefined)
      fail(
        `metric name must not be set twice: ${quote(selector.name)} or ${quote(matcherValue(other))}`,
        selector.span,
        "Keep one metric name",
      );
    return;
  }
  if (selector.matchers.some((matcher) => !accepts(matcher, ""))) return;
  fail(
    "vector selector must contain at least one non-empty matcher",
    selector.span,
    'Name a metric, or add a matcher that refuses the empty text, such as job=~".+"',
  );
}

function checkAggregate(expr: AggregateExpr): void {
  expectType(expr.operand, "vector", "aggregation expression");
  if (expr.parameter === null) return;
  expectType(expr.parameter, expr.operator === "count_values" ? "string" : "scalar", "aggregation parameter");
}

function expectType(expr: Expr, wanted: ValueType, context: string): void {
  const type = checkTypes(expr);
  if (type !== wanted)
    fail(
      `expected type ${describeType(wanted)} in ${context}, got ${describeType(type)}`,
      expr.span,
      typeHint(wanted, type),
    );
}

function typeHint(wanted: ValueType, found: ValueType): string {
  if (wanted === "matrix" && found === "vector") return "Add a range such as [5m] behind the selector";
  if (wanted === "vector" && found === "matrix") return "Apply a function such as rate to the range";
  if (wanted === "vector" && found === "scalar") return "Wrap the scalar in vector(...)";
  if (wanted === "scalar" && found === "vector") return "Wrap the vector in scalar(...)";
  return `Put ${wanted === "scalar" ? "a" : "an expression of type"} ${describeType(wanted)} here`;
}

function checkCall(expr: CallExpr): void {
  const form = functionTable.get(expr.function)!;
  checkArgumentCount(expr);
  if (expr.function === "info" && expr.args.length > 1) checkInfoSelector(expr);
  for (const [index, argument] of expr.args.entries()) {
    // The second argument of info is a selector that need not select anything by itself.
    if (expr.function === "info" && index === 1) continue;
    const wanted = form.args[Math.min(index, form.args.length - 1)]!;
    expectType(argument, wanted, `call to function ${quote(expr.function)}`);
  }
}

function checkArgumentCount(expr: CallExpr): void {
  const form = functionTable.get(expr.function)!;
  const name = quote(form.name);
  const given = expr.args.length;
  const hint = `Write ${form.name}(${form.args.map((type) => describeType(type)).join(", ")})`;
  if (form.variadic === 0) {
    if (given !== form.args.length)
      fail(`expected ${form.args.length} argument(s) in call to ${name}, got ${given}`, expr.span, hint);
    return;
  }
  const fewest = form.args.length - 1;
  const most = fewest + form.variadic;
  if (given < fewest) fail(`expected at least ${fewest} argument(s) in call to ${name}, got ${given}`, expr.span, hint);
  if (form.variadic > 0 && given > most)
    fail(`expected at most ${most} argument(s) in call to ${name}, got ${given}`, expr.span, hint);
}

function checkInfoSelector(expr: CallExpr): void {
  const selector = expr.args[1]!;
  const hint = 'Write label matchers in braces, such as {k8s_cluster=~".+"}';
  if (selector.kind !== "vectorSelector") return fail("expected label selectors only", selector.span, hint);
  if (selector.name !== "") fail("expected label selectors only, got vector selector instead", selector.span, hint);
}

const comparisons: ReadonlySet<BinaryOperator> = new Set(["==", "!=", "<", "<=", ">", ">="]);
const setOperators: ReadonlySet<BinaryOperator> = new Set(["and", "or", "unless"]);

export function isComparison(operator: BinaryOperator): boolean {
  return comparisons.has(operator);
}

export function isSetOperator(operator: BinaryOperator): operator is "and" | "or" | "unless" {
  return setOperators.has(operator);
}

function checkBinary(expr: BinaryExpr): ValueType {
  const left = checkTypes(expr.left);
  const right = checkTypes(expr.right);
  const matching = expr.matching!;
  checkOperator(expr, left, right);
  for (const [type, side] of [[left, expr.left] as const, [right, expr.right] as const])
    if (type !== "scalar" && type !== "vector")
      fail(
        "binary expression must contain only scalar and instant vector types",
        side.span,
        "Apply a function such as rate to a range first",
      );
  const bothVectors = left === "vector" && right === "vector";
  checkMatching(expr, matching, bothVectors);
  (expr as { matching: VectorMatching | null }).matching = bothVectors
    ? { ...matching, cardinality: isSetOperator(expr.operator) ? "many-to-many" : matching.cardinality }
    : null;
  return left === "scalar" && right === "scalar" ? "scalar" : "vector";
}

function checkOperator(expr: BinaryExpr, left: ValueType, right: ValueType): void {
  if (expr.returnsBool && !isComparison(expr.operator))
    fail("bool modifier can only be used on comparison operators", expr.operatorSpan, "Remove bool");
  if (isComparison(expr.operator) && !expr.returnsBool && left === "scalar" && right === "scalar")
    fail("comparisons between scalars must use BOOL modifier", expr.operatorSpan, "Write bool behind the operator");
  const { on, labels, include } = expr.matching!;
  const both = on ? labels.find((label) => include.includes(label)) : undefined;
  if (both !== undefined)
    fail(
      `label ${quote(both)} must not occur in ON and GROUP clause at once`,
      expr.operatorSpan,
      "Name the label in one of the two",
    );
}

function checkMatching(expr: BinaryExpr, matching: VectorMatching, bothVectors: boolean): void {
  const hasFill = matching.fillLeft !== null || matching.fillRight !== null;
  const isSet = isSetOperator(expr.operator);
  if (!bothVectors) {
    const hint = "Matching needs a vector on both sides; remove it";
    if (matching.labels.length > 0) fail("vector matching only allowed between instant vectors", expr.span, hint);
    if (hasFill) fail("filling in missing series only allowed between instant vectors", expr.span, hint);
    if (isSet)
      fail(
        `set operator ${quote(expr.operator)} not allowed in binary scalar expression`,
        expr.span,
        "Wrap the scalar in vector(...)",
      );
    return;
  }
  if (!isSet) return;
  if (matching.cardinality !== "one-to-one")
    fail(`no grouping allowed for ${quote(expr.operator)} operation`, expr.span, "Remove group_left or group_right");
  if (hasFill) fail("filling in missing series not allowed for set operators", expr.span, "Remove fill");
}

function fail(message: string, span: SourceSpan, hint: string): never {
  throw new QuerySyntaxError(`${span.line}:${span.column}: parse error: ${message}`, { span, hint });
}

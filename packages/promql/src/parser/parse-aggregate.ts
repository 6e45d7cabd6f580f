import type { AggregateExpr, AggregationOperator, Expr } from "./ast.ts";
import { parseArguments } from "./parse-call.ts";
import { parseGroupingLabels } from "./parse-grouping.ts";
import { isAggregator, type Token } from "./token.ts";
import type { ParseOperand, TokenStream } from "./token-stream.ts";

/** `sum` alone is a metric name; with parentheses or a grouping after it, it aggregates. */
export function startsAggregate(stream: TokenStream): boolean {
  if (!isAggregator(stream.kind())) return false;
  const next = stream.peek().kind;
  return next === "(" || next === "by" || next === "without";
}

/** Whether an operator takes a parameter before its operand. */
export function hasParameter(operator: AggregationOperator): boolean {
  return operatorsWithParameter.has(operator);
}

const operatorsWithParameter: ReadonlySet<AggregationOperator> = new Set([
  ...(["bottomk", "count_values", "limit_ratio", "limitk", "quantile", "topk"] as const),
]);
const experimentalOperators: ReadonlySet<AggregationOperator> = new Set(["limit_ratio", "limitk"]);

/** `sum by (job) (expr)` or `sum(expr) by (job)`. */
export function parseAggregate(stream: TokenStream, parseOperand: ParseOperand): AggregateExpr {
  const token = stream.take();
  stream.beginContext(aggregationContext);
  let grouping = parseGrouping(stream);
  const args = parseArguments(stream, parseOperand);
  grouping ??= parseGrouping(stream);
  stream.endContext();
  return finishAggregate(stream, token, grouping ?? { without: false, grouping: [] }, args);
}

const aggregationContext = {
  name: "aggregation",
  hint: "Write sum by (label) (expression) or sum(expression)",
};

interface Grouping {
  readonly without: boolean;
  readonly grouping: readonly string[];
}

function parseGrouping(stream: TokenStream): Grouping | null {
  const kind = stream.kind();
  if (kind !== "by" && kind !== "without") return null;
  stream.take();
  return { without: kind === "without", grouping: parseGroupingLabels(stream) };
}

function finishAggregate(stream: TokenStream, token: Token, grouping: Grouping, args: readonly Expr[]): AggregateExpr {
  const operator = token.kind as AggregationOperator;
  const span = stream.spanFrom(token.span);
  const hint = hasParameter(operator) ? `Write ${operator}(parameter, expression)` : `Write ${operator}(expression)`;
  if (args.length === 0) stream.fail("no arguments for aggregate expression provided", span, hint);
  if (experimentalOperators.has(operator) && stream.features.experimentalFunctions !== true)
    stream.fail(
      `${operator}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
      span,
      "Enable promql-experimental-functions",
    );
  const wanted = hasParameter(operator) ? 2 : 1;
  if (args.length !== wanted)
    stream.fail(
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
      span,
      hint,
    );
  return {
    kind: "aggregate",
    operator,
    operand: args.at(-1)!,
    parameter: wanted === 2 ? args[0]! : null,
    ...grouping,
    span,
  };
}

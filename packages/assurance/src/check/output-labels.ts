import type { AggregateExpr, BinaryExpr, CallExpr, Expr, VectorSelector } from "@tatou/promql";
import type { MetricLookup } from "./metric-lookup.ts";

type LabelNames = ReadonlySet<string> | null;

const none: ReadonlySet<string> = new Set();

/** The labels that the result of an expression can have; null when it cannot be told. The name of a metric is none. */
export function outputLabels(expr: Expr, catalog: MetricLookup): LabelNames {
  switch (expr.kind) {
    case "number":
    case "string":
      return none;
    case "vectorSelector":
      return selectorLabels(expr, catalog);
    case "matrixSelector":
      return selectorLabels(expr.selector, catalog);
    case "subquery":
    case "unary":
    case "paren":
      return outputLabels(expr.operand, catalog);
    case "binary":
      return binaryLabels(expr, catalog);
    case "aggregate":
      return aggregateLabels(expr, catalog);
    case "call":
      return callLabels(expr, catalog);
  }
}

function selectorLabels(selector: VectorSelector, catalog: MetricLookup): LabelNames {
  return selector.name === "" ? null : (catalog.find(selector.name)?.labels ?? null);
}

function binaryLabels(expr: BinaryExpr, catalog: MetricLookup): LabelNames {
  const left = outputLabels(expr.left, catalog);
  const right = outputLabels(expr.right, catalog);
  const { matching } = expr;
  if (matching === null) return union(left, right);
  if (expr.operator === "and" || expr.operator === "unless") return left;
  if (expr.operator === "or") return union(left, right);
  const include = new Set(matching.include);
  if (matching.cardinality === "many-to-one") return union(left, include);
  if (matching.cardinality === "one-to-many") return union(right, include);
  if (matching.on) return new Set(matching.labels);
  return left === null ? null : without(left, matching.labels);
}

function aggregateLabels(expr: AggregateExpr, catalog: MetricLookup): LabelNames {
  const operand = outputLabels(expr.operand, catalog);
  if (["topk", "bottomk", "limitk", "limit_ratio"].includes(expr.operator)) return operand;
  const named = expr.operator === "count_values" && expr.parameter?.kind === "string" ? [expr.parameter.value] : [];
  if (expr.without) return operand === null ? null : new Set([...without(operand, expr.grouping), ...named]);
  const kept = operand === null ? expr.grouping : expr.grouping.filter((label) => operand.has(label));
  return new Set([...kept, ...named]);
}

function callLabels(expr: CallExpr, catalog: MetricLookup): LabelNames {
  const [first] = expr.args;
  switch (expr.function) {
    case "vector":
    case "scalar":
    case "time":
      return none;
    case "absent":
    case "absent_over_time":
      return absentLabels(first);
    case "label_replace":
    case "label_join": {
      const target = expr.args[1];
      const own = first === undefined ? null : outputLabels(first, catalog);
      return target?.kind === "string" ? union(own, new Set([target.value])) : null;
    }
    case "histogram_quantile":
    case "histogram_fraction": {
      const buckets = expr.args.at(-1);
      const labels = buckets === undefined ? null : outputLabels(buckets, catalog);
      return labels === null ? null : without(labels, ["le"]);
    }
    default: {
      const series = expr.args.find((arg) => arg.kind !== "number" && arg.kind !== "string");
      return series === undefined ? none : outputLabels(series, catalog);
    }
  }
}

/** absent() makes labels of the conditions that want one value. */
function absentLabels(expr: Expr | undefined): LabelNames {
  const selector = expr?.kind === "matrixSelector" ? expr.selector : expr;
  if (selector?.kind !== "vectorSelector") return none;
  return new Set(selector.matchers.filter(({ kind }) => kind === "equal").map(({ label }) => label));
}

function union(left: LabelNames, right: LabelNames): LabelNames {
  return left === null || right === null ? null : new Set([...left, ...right]);
}

function without(labels: ReadonlySet<string>, names: readonly string[]): ReadonlySet<string> {
  return new Set([...labels].filter((label) => !names.includes(label)));
}

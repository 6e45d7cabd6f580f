import { compareLabels, labelValue } from "@tatou/model";
import { compareNaturally } from "../functions/natural-order.ts";
import type { CallExpr } from "../parser/ast.ts";
import type { StepSeries } from "./step-series.ts";
import { stringArgument } from "./string-argument.ts";
import type { VectorQuery } from "./vector-query.ts";

/** Sorting shows in instant queries only: the series of a range query are sorted by their labels. */
export async function evaluateSort(
  { evaluation, steps, evaluateVector }: VectorQuery,
  expr: CallExpr,
): Promise<StepSeries[]> {
  const input = await evaluateVector(evaluation, expr.args[0]!, steps);
  if (steps.count > 1) return input;
  switch (expr.function) {
    case "sort":
      return input.sort((left, right) => compareValues(left, right, 1));
    case "sort_desc":
      return input.sort((left, right) => compareValues(left, right, -1));
    default:
      return sortByLabels(input, expr);
  }
}

/** NaN comes last in either direction. */
function compareValues(left: StepSeries, right: StepSeries, sign: 1 | -1): number {
  const a = left.values[0]!;
  const b = right.values[0]!;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : (a < b ? -1 : 1) * sign;
}

function sortByLabels(input: StepSeries[], expr: CallExpr): StepSeries[] {
  const names = expr.args.slice(1).map((argument) => stringArgument(argument));
  const sign = expr.function === "sort_by_label_desc" ? -1 : 1;
  return input.sort((left, right) => {
    for (const name of names) {
      const order = compareNaturally(labelValue(left.labels, name), labelValue(right.labels, name));
      if (order !== 0) return order * sign;
    }
    return compareLabels(left.labels, right.labels) * sign;
  });
}

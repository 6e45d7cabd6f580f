import { assert } from "@tatou/model";
import { maxOf, meanOf, minOf, quantileOf, type Slice, sumOf } from "../functions/sums.ts";
import type { AggregateExpr } from "../parser/ast.ts";
import { countValues } from "./count-values.ts";
import { type Group, groupSeries } from "./group.ts";
import { selectElements } from "./select-elements.ts";
import { hasPoints, mergeSameLabels, newStepSeries, type StepSeries, setPoint } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";
import { warnOfQuantile } from "./warn-of-quantile.ts";

/** Sums, counts, picks, ... over the elements of an instant vector, group by group, at each step. */
export async function evaluateAggregate(query: VectorQuery, expr: AggregateExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const input = await query.evaluateVector(evaluation, expr.operand, steps);
  const groups = groupSeries(input, expr);
  switch (expr.operator) {
    case "count_values":
      return countValues(query, expr, groups);
    case "topk":
    case "bottomk":
    case "limitk":
    case "limit_ratio":
      return selectElements(query, expr, groups);
    case "avg":
    case "count":
    case "group":
    case "max":
    case "min":
    case "quantile":
    case "stddev":
    case "stdvar":
    case "sum":
      return reduceGroups(query, expr, groups);
  }
}

/** Makes one number of the values of a group. */
type Reduce = (values: Slice, parameter: number) => number;

async function reduceGroups(query: VectorQuery, expr: AggregateExpr, groups: readonly Group[]): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const reduce = reducers.get(expr.operator);
  assert(reduce !== undefined, `${expr.operator} makes one number of a group`);
  const parameters = expr.parameter === null ? null : await query.evaluateScalar(query, expr.parameter);
  if (parameters !== null && groups.length > 0) warnOfQuantiles(query, expr, parameters);
  const result: StepSeries[] = [];
  for (const group of groups) {
    const values = new Float64Array(group.members.length);
    const series = newStepSeries(group.labels, group.dropsName, steps.count);
    for (let step = 0; step < steps.count; step++) {
      const end = collectValues(group, step, values);
      if (end > 0) setPoint(series, step, reduce({ values, start: 0, end }, parameters?.[step] ?? 0));
      if (evaluation.isTurnOver(group.members.length)) await evaluation.pause();
    }
    if (hasPoints(series)) result.push(series);
  }
  // With delayed name removal, groups may differ in a name alone that is still to go.
  return mergeSameLabels(result);
}

function collectValues(group: Group, step: number, values: Float64Array): number {
  let count = 0;
  for (const member of group.members) {
    if (member.present[step] === 1) values[count++] = member.values[step]!;
  }
  return count;
}

const reducers: ReadonlyMap<string, Reduce> = new Map<string, Reduce>([
  ["avg", meanOf],
  ["count", ({ start, end }) => end - start],
  ["group", () => 1],
  ["max", maxOf],
  ["min", minOf],
  ["quantile", (values, q) => quantileOf(q, values)],
  ["stddev", (values) => Math.sqrt(plainVariance(values))],
  ["stdvar", plainVariance],
  ["sum", sumOf],
]);

/** Welford's method without compensation: unlike stdvar_over_time, as in Prometheus. */
function plainVariance({ values, start, end }: Slice): number {
  let mean = 0;
  let squares = 0;
  for (let index = start; index < end; index++) {
    const delta = values[index]! - mean;
    mean += delta / (index - start + 1);
    squares += delta * (values[index]! - mean);
  }
  return squares / (end - start);
}

function warnOfQuantiles({ evaluation }: VectorQuery, expr: AggregateExpr, quantiles: Float64Array): void {
  for (const q of quantiles) warnOfQuantile(evaluation, q, expr.parameter!.span);
}

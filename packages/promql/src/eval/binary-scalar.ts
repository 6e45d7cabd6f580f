import { applyOperator } from "../functions/operators.ts";
import type { BinaryExpr } from "../parser/ast.ts";
import { valueTypeOf } from "../parser/value-type.ts";
import { incompatibleTypesInfo } from "./incompatible-types.ts";
import {
  hasPoints,
  mergeSameLabels,
  newStepSeries,
  type StepSeries,
  setPoint,
  withoutMetricName,
} from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

/** A vector with a scalar, on either side. */
export async function evaluateScalarOperation(query: VectorQuery, expr: BinaryExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const vectorIsLeft = valueTypeOf(expr.left) === "vector";
  const [vectorExpr, scalarExpr] = vectorIsLeft ? [expr.left, expr.right] : [expr.right, expr.left];
  const vector = await query.evaluateVector(evaluation, vectorExpr, steps);
  const scalar = await query.evaluateScalar(query, scalarExpr);
  const result: StepSeries[] = [];
  for (const series of vector) {
    const combined = combine(query, expr, { series, scalar, vectorIsLeft });
    if (hasPoints(combined)) result.push(combined);
    if (evaluation.isTurnOver(steps.count)) await evaluation.pause();
  }
  return mergeSameLabels(result);
}

interface Sides {
  readonly series: StepSeries;
  readonly scalar: Float64Array;
  readonly vectorIsLeft: boolean;
}

/** A comparison that filters keeps the vector's value and name, whichever side it is on. */
function combine({ evaluation, steps }: VectorQuery, expr: BinaryExpr, sides: Sides): StepSeries {
  const { series, scalar, vectorIsLeft } = sides;
  const dropsName = changesMeaning(expr);
  const labels = dropsName && !evaluation.delaysNameRemoval ? withoutMetricName(series.labels) : series.labels;
  const combined = newStepSeries(labels, dropsName || series.dropsName, steps.count);
  for (let step = 0; step < steps.count; step++) {
    if (series.present[step] === 0) continue;
    const value = series.values[step]!;
    const [left, right] = vectorIsLeft ? [value, scalar[step]!] : [scalar[step]!, value];
    const result = applyOperator(expr.operator, left, right);
    if (result === null) incompatibleTypesInfo(evaluation, expr);
    else if (typeof result === "number") setPoint(combined, step, result);
    else if (expr.returnsBool) setPoint(combined, step, result ? 1 : 0);
    else if (result) setPoint(combined, step, value);
  }
  return combined;
}

/** Whether the result is something else than the metric was. */
function changesMeaning(expr: BinaryExpr): boolean {
  return expr.returnsBool || typeof applyOperator(expr.operator, 0, 0) === "number";
}

import { emptyLabels } from "@tatou/model";
import { elementFunctions } from "../functions/elementwise.ts";
import type { CallExpr } from "../parser/ast.ts";
import { mergeSameLabels, newStepSeries, type StepSeries, setPoint, withoutMetricName } from "./step-series.ts";
import { stepTimeMs } from "./steps.ts";
import { evaluateScalars, type VectorQuery } from "./vector-query.ts";

/** A function of each value by itself; calendar functions without an argument look at the evaluation time. */
export async function evaluateElementCall(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const compute = elementFunctions.get(expr.function)!;
  const [vector, ...scalars] = expr.args;
  const input = vector === undefined ? [evaluationTime(query)] : await query.evaluateVector(evaluation, vector, steps);
  const parameters = await evaluateScalars(query, scalars);
  const atStep: number[] = [];
  const result: StepSeries[] = [];
  for (const series of input) {
    const labels = evaluation.delaysNameRemoval ? series.labels : withoutMetricName(series.labels);
    const output = newStepSeries(labels, true, steps.count);
    for (let step = 0; step < steps.count; step++) {
      if (series.present[step] === 0) continue;
      for (let index = 0; index < parameters.length; index++) atStep[index] = parameters[index]![step]!;
      // Nothing lies between a lower bound and an upper bound below it.
      if (expr.function === "clamp" && atStep[1]! < atStep[0]!) continue;
      setPoint(output, step, compute(series.values[step]!, atStep));
    }
    result.push(output);
    if (evaluation.isTurnOver(steps.count)) await evaluation.pause();
  }
  return mergeSameLabels(result);
}

function evaluationTime({ steps }: VectorQuery): StepSeries {
  const series = newStepSeries(emptyLabels, false, steps.count);
  for (let step = 0; step < steps.count; step++) setPoint(series, step, Math.trunc(stepTimeMs(steps, step) / 1000));
  return series;
}

/** `vector(s)`: a vector of one element without labels. */
export async function evaluateVectorOf(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const values = await query.evaluateScalar(query, expr.args[0]!);
  return [{ labels: emptyLabels, dropsName: false, values, present: new Uint8Array(values.length).fill(1) }];
}

import { assert } from "@tatou/model";
import type { Expr, UnaryExpr } from "../parser/ast.ts";
import { valueTypeOf } from "../parser/value-type.ts";
import { evaluateAggregate } from "./aggregate.ts";
import { evaluateScalarOperation } from "./binary-scalar.ts";
import { evaluateVectorOperation } from "./binary-vector.ts";
import { evaluateCall } from "./call.ts";
import { evaluateScalar } from "./evaluate-scalar.ts";
import type { Evaluation } from "./evaluation.ts";
import { selectVector } from "./select-vector.ts";
import { mergeSameLabels, type StepSeries, withoutMetricName } from "./step-series.ts";
import { oneStep, type Steps } from "./steps.ts";

/**
 * Evaluates an expression of type instant vector at all steps: each part of the tree once, from the leaves up. What is
 * the same at every step is evaluated at one.
 */
export async function evaluateVector(evaluation: Evaluation, expr: Expr, steps: Steps): Promise<StepSeries[]> {
  evaluation.throwIfAborted();
  if (steps.count > 1 && evaluation.stepInvariant.has(expr)) {
    const { samplesRead } = evaluation;
    const atOneStep = await evaluateVector(evaluation, expr, oneStep(steps.startMs));
    // As if it had been evaluated at each of them.
    evaluation.samplesRead += (evaluation.samplesRead - samplesRead) * (steps.count - 1);
    evaluation.checkRoom(atOneStep.length * steps.count);
    return atOneStep.map((series) => repeatedAtAllSteps(series, steps.count));
  }
  const held = evaluation.samplesHeld;
  const result = await evaluateByKind(evaluation, expr, steps);
  evaluation.holdOnly(held, result);
  return result;
}

function evaluateByKind(evaluation: Evaluation, expr: Expr, steps: Steps): Promise<StepSeries[]> {
  const query = { evaluation, steps, evaluateVector, evaluateScalar };
  switch (expr.kind) {
    case "vectorSelector":
      return selectVector(evaluation, expr, { steps, aspect: "value" });
    case "paren":
      return evaluateVector(evaluation, expr.operand, steps);
    case "unary":
      return evaluateUnary(evaluation, expr, steps);
    case "binary":
      return valueTypeOf(expr.left) === "vector" && valueTypeOf(expr.right) === "vector"
        ? evaluateVectorOperation(query, expr)
        : evaluateScalarOperation(query, expr);
    case "aggregate":
      return evaluateAggregate(query, expr);
    case "call":
      return evaluateCall(query, expr);
    case "number":
    case "string":
    case "matrixSelector":
    case "subquery":
      return assert(false, `a ${expr.kind} is no instant vector`) as never;
  }
}

async function evaluateUnary(evaluation: Evaluation, expr: UnaryExpr, steps: Steps): Promise<StepSeries[]> {
  const operand = await evaluateVector(evaluation, expr.operand, steps);
  if (expr.operator === "+") return operand;
  const negated = operand.map((series) => ({
    labels: evaluation.delaysNameRemoval ? series.labels : withoutMetricName(series.labels),
    dropsName: true,
    values: series.values.map((value) => -value),
    present: series.present,
  }));
  return mergeSameLabels(negated);
}

function repeatedAtAllSteps(series: StepSeries, stepCount: number): StepSeries {
  const { labels, dropsName, values, present } = series;
  return {
    labels,
    dropsName,
    values: new Float64Array(stepCount).fill(values[0]!),
    present: new Uint8Array(stepCount).fill(present[0]!),
  };
}

import { assert } from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";
import { largerOf, smallerOf } from "../functions/elementwise.ts";
import { applyOperator } from "../functions/operators.ts";
import type { BinaryExpr, CallExpr, Expr } from "../parser/ast.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvaluateVector } from "./range-series.ts";
import { type Steps, stepTimeMs } from "./steps.ts";

export interface ScalarQuery {
  readonly evaluation: Evaluation;
  readonly steps: Steps;
  readonly evaluateVector: EvaluateVector;
}

/** Evaluates an expression of type scalar: one number per step. */
export async function evaluateScalar(query: ScalarQuery, expr: Expr): Promise<Float64Array> {
  const { steps } = query;
  switch (expr.kind) {
    case "number":
      return new Float64Array(steps.count).fill(expr.value);
    case "paren":
      return evaluateScalar(query, expr.operand);
    case "unary": {
      const values = await evaluateScalar(query, expr.operand);
      return expr.operator === "-" ? values.map((value) => -value) : values;
    }
    case "binary":
      return evaluateScalarBinary(query, expr);
    case "call":
      return evaluateScalarCall(query, expr);
    case "string":
    case "vectorSelector":
    case "matrixSelector":
    case "subquery":
    case "aggregate":
      return assert(false, `a ${expr.kind} is no scalar`) as never;
  }
}

async function evaluateScalarBinary(query: ScalarQuery, expr: BinaryExpr): Promise<Float64Array> {
  const left = await evaluateScalar(query, expr.left);
  const right = await evaluateScalar(query, expr.right);
  return left.map((value, step) => {
    const result = applyOperator(expr.operator, value, right[step]!);
    if (result === null)
      throw new QueryExecutionError(`operator "${expr.operator}" not allowed for Scalar operations`, {
        span: expr.operatorSpan,
        hint: "This operator cuts native histograms",
      });
    return Number(result);
  });
}

async function evaluateScalarCall(query: ScalarQuery, { function: name, args }: CallExpr): Promise<Float64Array> {
  const { evaluation, steps } = query;
  const values = new Float64Array(steps.count);
  switch (name) {
    case "time":
      return values.map((_, step) => stepTimeMs(steps, step) / 1000);
    case "pi":
      return values.fill(Math.PI);
    case "start":
      return values.fill(evaluation.query.startMs / 1000);
    case "end":
      return values.fill(evaluation.query.endMs / 1000);
    case "step":
      return values.fill(evaluation.query.stepMs / 1000);
    case "range":
      return values.fill((evaluation.query.endMs - evaluation.query.startMs) / 1000);
    case "max_of":
    case "min_of": {
      const left = await evaluateScalar(query, args[0]!);
      const right = await evaluateScalar(query, args[1]!);
      const choose = name === "max_of" ? largerOf : smallerOf;
      return left.map((value, step) => choose(value, right[step]!));
    }
    case "scalar":
      return onlyElement(query, args[0]!);
  }
  return assert(false, `${name} is a function that gives a scalar`) as never;
}

/** The value of a vector with one element; NaN for any other. */
async function onlyElement({ evaluation, steps, evaluateVector }: ScalarQuery, vector: Expr): Promise<Float64Array> {
  const values = new Float64Array(steps.count).fill(Number.NaN);
  const found = new Uint8Array(steps.count);
  for (const series of await evaluateVector(evaluation, vector, steps)) {
    for (let step = 0; step < steps.count; step++) {
      if (series.present[step] === 0) continue;
      values[step] = found[step] === 0 ? series.values[step]! : Number.NaN;
      found[step] = 1;
    }
    if (evaluation.isTurnOver(steps.count)) await evaluation.pause();
  }
  return values;
}

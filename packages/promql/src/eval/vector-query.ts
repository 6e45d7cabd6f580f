import type { Expr } from "../parser/ast.ts";
import type { evaluateScalar } from "./evaluate-scalar.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvaluateVector } from "./range-series.ts";
import type { Steps } from "./steps.ts";

/** One part of a query being evaluated, with the evaluators for the parts below it. */
export interface VectorQuery {
  readonly evaluation: Evaluation;
  readonly steps: Steps;
  readonly evaluateVector: EvaluateVector;
  readonly evaluateScalar: typeof evaluateScalar;
}

/** Evaluates the scalar arguments of a call, each to a number per step. */
export async function evaluateScalars(query: VectorQuery, args: readonly Expr[]): Promise<Float64Array[]> {
  const values: Float64Array[] = [];
  for (const argument of args) values.push(await query.evaluateScalar(query, argument));
  return values;
}

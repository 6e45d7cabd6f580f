import { compareLabels } from "@tatou/model";
import { QueryLimitError, QueryTypeError } from "../errors.ts";
import type { Expr, ValueType } from "../parser/ast.ts";
import { describeType, valueTypeOf } from "../parser/value-type.ts";
import { withoutParentheses } from "../parser/walk.ts";
import { evaluateScalar } from "./evaluate-scalar.ts";
import { evaluateVector } from "./evaluate-vector.ts";
import { Evaluation } from "./evaluation.ts";
import type { EvaluationContext, EvaluationRange, MatrixSeries, QueryResult, QueryValue } from "./query-result.ts";
import { visitRange } from "./range-series.ts";
import { stepInvariantParts } from "./step-invariant.ts";
import { hasPoints, mergeSameLabels, pointCount, type StepSeries, withoutMetricName } from "./step-series.ts";
import { oneStep, type Steps, stepTimeMs } from "./steps.ts";
import { stringArgument } from "./string-argument.ts";

/**
 * Evaluates an expression at one time.
 *
 * @param expr from `parseExpr`
 * @returns a vector in the order of evaluation (sort() shows), or what else the expression's type is; the caller owns it
 * @throws {QueryExecutionError} labels collide, a parameter is out of range, ...; its message is Prometheus'
 * @throws {QueryLimitError | QueryCanceledError | QueryTimeoutError} by the limits and the signal of the context
 * @see Prometheus HTTP API, "Instant queries"
 * @example await evaluateInstant({ queryable }, parseExpr("sum(up)"), 1_700_000_000_000);
 */
export async function evaluateInstant(context: EvaluationContext, expr: Expr, timeMs: number): Promise<QueryResult> {
  const window = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
  const evaluation = new Evaluation(context, window, stepInvariantParts(expr));
  return withAnnotations(evaluation, await instantValue(evaluation, expr, timeMs));
}

/**
 * Evaluates an expression at startMs, startMs + stepMs, ... up to and including endMs.
 *
 * @param expr from `parseExpr`, of type scalar or instant vector
 * @returns a matrix: one series per label set, sorted by labels; absent points are left out; the caller owns the arrays
 * @throws {QueryLimitError} the range has more than 11,000 steps, or the query needs more samples than allowed
 * @throws {QueryTypeError} the expression is a range vector or a string
 * @throws {QueryExecutionError | QueryCanceledError | QueryTimeoutError} as for `evaluateInstant`
 * @see Prometheus HTTP API, "Range queries"
 */
export async function evaluateRange(
  context: EvaluationContext,
  expr: Expr,
  range: EvaluationRange,
): Promise<QueryResult> {
  const steps = checkedSteps(range);
  checkRangeType(expr, valueTypeOf(expr));
  const evaluation = new Evaluation(context, range, stepInvariantParts(expr));
  const series = await seriesAtSteps(evaluation, expr, steps);
  const matrix = series.map((one) => matrixSeries(one, steps));
  matrix.sort((left, right) => compareLabels(left.labels, right.labels));
  return withAnnotations(evaluation, { kind: "matrix", series: matrix });
}

/** What Prometheus' API allows: enough for a point per pixel on any screen. */
const stepCountMax = 11_000;

function checkedSteps({ startMs, endMs, stepMs }: EvaluationRange): Steps {
  if (!(stepMs > 0))
    throw new QueryLimitError(
      "zero or negative query resolution step widths are not accepted. Try a positive integer",
      { hint: "Choose a step above zero" },
    );
  if (endMs < startMs)
    throw new QueryLimitError("end timestamp must not be before start time", { hint: "Swap start and end" });
  if ((endMs - startMs) / stepMs > stepCountMax)
    throw new QueryLimitError(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
      { hint: "Choose a longer step or a shorter range" },
    );
  return { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 };
}

function checkRangeType(expr: Expr, type: ValueType): void {
  if (type === "scalar" || type === "vector") return;
  throw new QueryTypeError(
    `invalid expression type ${JSON.stringify(describeType(type))} for range query, must be Scalar or instant Vector`,
    { span: expr.span, hint: "Apply a function such as rate, or ask for an instant" },
  );
}

async function seriesAtSteps(evaluation: Evaluation, expr: Expr, steps: Steps): Promise<readonly StepSeries[]> {
  if (valueTypeOf(expr) === "scalar") {
    const values = await evaluateScalar({ evaluation, steps, evaluateVector }, expr);
    return [{ labels: [], dropsName: false, values, present: new Uint8Array(steps.count).fill(1) }];
  }
  return finishNames(evaluation, await evaluateVector(evaluation, expr, steps));
}

/** Drops the metric names whose removal was put off to the end. */
function finishNames(evaluation: Evaluation, series: readonly StepSeries[]): readonly StepSeries[] {
  const withPoints = series.filter((one) => hasPoints(one));
  if (!evaluation.delaysNameRemoval) return mergeSameLabels(withPoints);
  return mergeSameLabels(
    withPoints.map((one) => (one.dropsName ? { ...one, labels: withoutMetricName(one.labels) } : one)),
  );
}

async function instantValue(evaluation: Evaluation, expr: Expr, timeMs: number): Promise<QueryValue> {
  const steps = oneStep(timeMs);
  switch (valueTypeOf(expr)) {
    case "string":
      return { kind: "string", timeMs, value: stringArgument(expr) };
    case "scalar": {
      const [value] = await evaluateScalar({ evaluation, steps, evaluateVector }, expr);
      return { kind: "scalar", timeMs, value: value! };
    }
    case "vector": {
      const series = finishNames(evaluation, await evaluateVector(evaluation, expr, steps));
      return { kind: "vector", elements: series.map(({ labels, values }) => ({ labels, timeMs, value: values[0]! })) };
    }
    case "matrix":
      return { kind: "matrix", series: await rangeAt(evaluation, expr, steps) };
  }
}

/** A range vector by itself: the samples of one window. */
async function rangeAt(evaluation: Evaluation, expr: Expr, steps: Steps): Promise<MatrixSeries[]> {
  const result: MatrixSeries[] = [];
  await visitRange(
    { evaluation, expr: withoutParentheses(expr), steps, evaluateVector },
    ({ labels, dropsName, samples }, windows) => {
      const endMs = windows.endMs(0);
      let end = samples.count;
      while (end > 0 && samples.timesMs[end - 1]! > endMs) end--;
      let start = end;
      while (start > 0 && samples.timesMs[start - 1]! > endMs - windows.rangeMs) start--;
      if (start === end) return Promise.resolve();
      evaluation.hold(end - start);
      evaluation.samplesRead += end - start;
      const finished = dropsName && evaluation.delaysNameRemoval ? withoutMetricName(labels) : labels;
      const timesMs = samples.timesMs.slice(start, end);
      result.push({ labels: finished, timesMs, values: samples.values.slice(start, end) });
      return Promise.resolve();
    },
  );
  return result.sort((left, right) => compareLabels(left.labels, right.labels));
}

function matrixSeries(series: StepSeries, steps: Steps): MatrixSeries {
  const count = pointCount(series);
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  let index = 0;
  for (let step = 0; step < steps.count; step++) {
    if (series.present[step] === 0) continue;
    timesMs[index] = stepTimeMs(steps, step);
    values[index] = series.values[step]!;
    index++;
  }
  return { labels: series.labels, timesMs, values };
}

function withAnnotations(evaluation: Evaluation, value: QueryValue): QueryResult {
  const { annotations, samplesRead, samplesPeak } = evaluation;
  const samples = { read: samplesRead, peak: samplesPeak };
  return { value, warnings: annotations.warnings(), infos: annotations.infos(), samples };
}

import { assert } from "@tatou/model";
import { QueryNotSupportedError } from "../errors.ts";
import { elementFunctions } from "../functions/elementwise.ts";
import { rangeFunctions } from "../functions/over-time.ts";
import type { CallExpr } from "../parser/ast.ts";
import { withoutParentheses } from "../parser/walk.ts";
import { evaluateAbsent, evaluateAbsentOverTime } from "./absent.ts";
import { evaluateElementCall, evaluateVectorOf } from "./call-element.ts";
import { evaluateRangeCall } from "./call-range.ts";
import { evaluateHistogramFraction, evaluateHistogramQuantile, evaluateHistogramQuantiles } from "./histogram-calls.ts";
import { evaluateInfo } from "./info.ts";
import { evaluateLabelJoin, evaluateLabelReplace } from "./label-calls.ts";
import { selectVector } from "./select-vector.ts";
import { evaluateSort } from "./sort-calls.ts";
import { newStepSeries, type StepSeries, setPoint, withoutMetricName } from "./step-series.ts";
import { stepTimeMs } from "./steps.ts";
import type { VectorQuery } from "./vector-query.ts";

/** Evaluates a call of a function that gives an instant vector. */
export async function evaluateCall(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const evaluate = callsByName.get(expr.function);
  if (evaluate !== undefined) return evaluate(query, expr);
  if (rangeFunctions.has(expr.function)) return evaluateRangeCall(query, expr);
  assert(elementFunctions.has(expr.function), `${expr.function} is a function that gives an instant vector`);
  return evaluateElementCall(query, expr);
}

type EvaluateCall = (query: VectorQuery, expr: CallExpr) => Promise<StepSeries[]>;

/** The functions that are more than a computation on one value or one window. */
const callsByName: ReadonlyMap<string, EvaluateCall> = new Map<string, EvaluateCall>([
  ["absent", evaluateAbsent],
  ["absent_over_time", evaluateAbsentOverTime],
  ["histogram_avg", rejectNativeHistograms],
  ["histogram_count", rejectNativeHistograms],
  ["histogram_fraction", evaluateHistogramFraction],
  ["histogram_quantile", evaluateHistogramQuantile],
  ["histogram_quantiles", evaluateHistogramQuantiles],
  ["histogram_stddev", rejectNativeHistograms],
  ["histogram_stdvar", rejectNativeHistograms],
  ["histogram_sum", rejectNativeHistograms],
  ["info", evaluateInfo],
  ["label_join", evaluateLabelJoin],
  ["label_replace", evaluateLabelReplace],
  ["sort", evaluateSort],
  ["sort_by_label", evaluateSort],
  ["sort_by_label_desc", evaluateSort],
  ["sort_desc", evaluateSort],
  ["start_timestamp", evaluateStartTimestamp],
  ["timestamp", evaluateTimestamp],
  ["vector", evaluateVectorOf],
]);

function rejectNativeHistograms(_query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  return Promise.reject(
    new QueryNotSupportedError(`function "${expr.function}" works on native histograms, which are not supported`, {
      span: expr.span,
      hint: "Use the _sum, _count and _bucket series of a classic histogram",
    }),
  );
}

/** When a sample was taken: of a selector's samples their own time, of anything else the evaluation time. */
async function evaluateTimestamp(
  { evaluation, steps, evaluateVector }: VectorQuery,
  expr: CallExpr,
): Promise<StepSeries[]> {
  const argument = withoutParentheses(expr.args[0]!);
  const isSelector = argument.kind === "vectorSelector";
  const input = isSelector
    ? await selectVector(evaluation, argument, { steps, aspect: "timeSeconds" })
    : await evaluateVector(evaluation, argument, steps);
  return input.map((series) => {
    const labels = evaluation.delaysNameRemoval ? series.labels : withoutMetricName(series.labels);
    if (isSelector) return { ...series, labels, dropsName: true };
    const times = newStepSeries(labels, true, steps.count);
    for (let step = 0; step < steps.count; step++)
      if (series.present[step] === 1) setPoint(times, step, stepTimeMs(steps, step) / 1000);
    return times;
  });
}

/** Samples carry no start timestamps here, and without them the answer is empty in Prometheus, too. */
async function evaluateStartTimestamp(
  { evaluation, steps, evaluateVector }: VectorQuery,
  expr: CallExpr,
): Promise<StepSeries[]> {
  await evaluateVector(evaluation, expr.args[0]!, steps);
  return [];
}

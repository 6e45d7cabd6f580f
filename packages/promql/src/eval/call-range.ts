import { labelValue, metricNameLabel, quote } from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";
import { rangeFunctions } from "../functions/over-time.ts";
import type { RangeFunction, RangeWindow } from "../functions/range-window.ts";
import type { CallExpr, Expr, SelectorExtension } from "../parser/ast.ts";
import { withoutParentheses } from "../parser/walk.ts";
import type { Evaluation } from "./evaluation.ts";
import { type RangeSeries, visitRange, type Windows } from "./range-series.ts";
import {
  hasPoints,
  mergeSameLabels,
  newStepSeries,
  type StepSeries,
  setPoint,
  withoutMetricName,
} from "./step-series.ts";
import { type Steps, stepTimeMs } from "./steps.ts";
import { evaluateScalars, type VectorQuery } from "./vector-query.ts";
import { warnOfQuantile } from "./warn-of-quantile.ts";

/** A function over the window of each series at each step. Series are read, computed and forgotten one by one. */
export async function evaluateRangeCall(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const rangeArgument = expr.args.find((argument) => isRange(argument))!;
  checkExtension(expr, rangeArgument);
  const parameters = await evaluateScalars(
    query,
    expr.args.filter((argument) => argument !== rangeArgument),
  );
  const form = { compute: rangeFunctions.get(expr.function)!, parameters, steps };
  const keepsName = expr.function === "last_over_time" || expr.function === "first_over_time";
  const result: StepSeries[] = [];
  await visitRange({ ...query, expr: rangeArgument }, async (series, windows) => {
    const labels = keepsName || evaluation.delaysNameRemoval ? series.labels : withoutMetricName(series.labels);
    const output = newStepSeries(labels, series.dropsName || !keepsName, steps.count);
    await computeWindows(evaluation, { ...form, series, windows }, output);
    if (!hasPoints(output)) return;
    evaluation.hold(steps.count);
    informOfNonCounter(evaluation, expr, series);
    if (expr.function === "quantile_over_time")
      for (const q of parameters[0]!) warnOfQuantile(evaluation, q, expr.args[0]!.span);
    result.push(output);
  });
  return mergeSameLabels(result);
}

function isRange(expr: Expr): boolean {
  const { kind } = withoutParentheses(expr);
  return kind === "matrixSelector" || kind === "subquery";
}

interface WindowWork {
  readonly compute: RangeFunction;
  /** The scalar arguments, each with a number per step. */
  readonly parameters: readonly Float64Array[];
  readonly series: RangeSeries;
  readonly windows: Windows;
  readonly steps: Steps;
}

/** Walks the steps with two positions that only move forward: the first sample of the window and the first after it. */
async function computeWindows(evaluation: Evaluation, work: WindowWork, output: StepSeries): Promise<void> {
  const { series, windows, steps, parameters } = work;
  const { timesMs, values, count } = series.samples;
  const window: RangeWindow = {
    ...{ timesMs, values, start: 0, end: 0, rangeStartMs: 0, rangeEndMs: 0, stepTimeMs: 0 },
    rangeMs: windows.rangeMs,
    extension: windows.extension,
  };
  const atStep: number[] = [];
  for (let step = 0; step < steps.count; step++) {
    window.rangeEndMs = windows.endMs(step);
    window.rangeStartMs = window.rangeEndMs - windows.rangeMs;
    window.stepTimeMs = stepTimeMs(steps, step);
    while (window.end < count && timesMs[window.end]! <= window.rangeEndMs + windows.slackAfterMs) window.end++;
    while (window.start < window.end && timesMs[window.start]! <= window.rangeStartMs - windows.slackBeforeMs)
      window.start++;
    const length = window.end - window.start;
    evaluation.checkRoom(length);
    evaluation.samplesRead += length;
    if (length > 0) {
      for (let index = 0; index < parameters.length; index++) atStep[index] = parameters[index]![step]!;
      const value = work.compute(window, atStep);
      if (value !== null) setPoint(output, step, value);
    }
    if (evaluation.isTurnOver(length + 1)) await evaluation.pause();
  }
}

const extensionFunctions: Readonly<Record<SelectorExtension, readonly string[]>> = {
  anchored: ["changes", "delta", "increase", "rate", "resets"],
  smoothed: ["delta", "increase", "rate"],
};

/** Windows with samples beyond their borders would mislead most functions. */
function checkExtension(expr: CallExpr, rangeArgument: Expr): void {
  const range = withoutParentheses(rangeArgument);
  const extension = range.kind === "matrixSelector" ? range.selector.extension : null;
  if (extension === null) return;
  const allowed = extensionFunctions[extension];
  if (allowed.includes(expr.function)) return;
  throw new QueryExecutionError(
    `${extension} modifier can only be used with: ${allowed.join(", ")} - not with ${expr.function}`,
    { span: expr.span, hint: `Remove ${extension}` },
  );
}

/** A rate of something whose name does not sound like a counter is often a mistake. */
function informOfNonCounter(evaluation: Evaluation, expr: CallExpr, series: RangeSeries): void {
  if (expr.function !== "rate" && expr.function !== "increase") return;
  const name = labelValue(series.labels, metricNameLabel);
  if (name === "" || /_(?:total|sum|count|bucket)$/.test(name)) return;
  evaluation.annotations.inform(
    `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(name)}`,
    expr.args[0]!.span,
  );
}

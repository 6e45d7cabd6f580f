import { isStaleMarker, type Labels, newSampleColumn, type SampleColumn } from "@tatou/model";
import type { Expr, MatrixSelector, SelectorExtension, Subquery } from "../parser/ast.ts";
import { withoutParentheses } from "../parser/walk.ts";
import type { Evaluation } from "./evaluation.ts";
import { resolveAtMs, resolveOffsetMs, resolveRangeMs } from "./resolve-duration.ts";
import type { StepSeries } from "./step-series.ts";
import { type Steps, stepTimeMs } from "./steps.ts";

/** The samples of one series over all windows of a range, without staleness markers. Valid during the visit alone. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly samples: Samples;
}

/** Samples in time order; the first `count` items of both arrays are in use. */
export interface Samples {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly count: number;
}

/** The windows a range has at the steps: (time - rangeMs, time] after @ and offset. */
export interface Windows {
  readonly rangeMs: number;
  endMs(step: number): number;
  readonly extension: SelectorExtension | null;
  /** How far before its start and after its end a window also holds samples: for anchored and smoothed. */
  readonly slackBeforeMs: number;
  readonly slackAfterMs: number;
}

export type VisitSeries = (series: RangeSeries, windows: Windows) => Promise<void>;

/** Evaluates an instant vector; passed in, because the evaluator of vectors builds on this file. */
export type EvaluateVector = (evaluation: Evaluation, expr: Expr, steps: Steps) => Promise<StepSeries[]>;

export interface RangeQuery {
  readonly evaluation: Evaluation;
  /** A range selector or a subquery, maybe in parentheses. */
  readonly expr: Expr;
  readonly steps: Steps;
  readonly evaluateVector: EvaluateVector;
}

/** Visits each series of a range vector once, one after the other. */
export async function visitRange(query: RangeQuery, visit: VisitSeries): Promise<void> {
  const expr = withoutParentheses(query.expr);
  if (expr.kind === "matrixSelector") await visitSelector(query, expr, visit);
  else if (expr.kind === "subquery") await visitSubquery(query, expr, visit);
}

async function visitSelector(
  { evaluation, steps }: RangeQuery,
  expr: MatrixSelector,
  visit: VisitSeries,
): Promise<void> {
  const { selector } = expr;
  const { extension } = selector;
  const lookbackMs = evaluation.lookbackDeltaMs;
  const windows: Windows = {
    rangeMs: resolveRangeMs(evaluation, expr.range),
    endMs: windowEnd(evaluation, selector, steps),
    extension,
    slackBeforeMs: extension === null ? 0 : lookbackMs,
    slackAfterMs: extension === "smoothed" ? lookbackMs : 0,
  };
  const selection = await evaluation.select({
    matchers: selector.matchers,
    minTimeMs: windows.endMs(0) - windows.rangeMs - windows.slackBeforeMs + 1,
    maxTimeMs: windows.endMs(steps.count - 1) + windows.slackAfterMs,
    hints: { stepMs: steps.stepMs, rangeMs: windows.rangeMs },
  });
  try {
    const column = newSampleColumn();
    for (let index = 0; index < selection.seriesCount; index++) {
      selection.readSamples(index, column);
      dropStaleMarkers(column);
      await visit({ labels: selection.labelsAt(index), dropsName: false, samples: column }, windows);
      if (evaluation.isTurnOver(column.count)) await evaluation.pause();
    }
  } finally {
    selection.close();
  }
}

function dropStaleMarkers(column: SampleColumn): void {
  const { timesMs, values } = column;
  let kept = 0;
  for (let index = 0; index < column.count; index++) {
    if (isStaleMarker(values, index)) continue;
    timesMs[kept] = timesMs[index]!;
    values[kept] = values[index]!;
    kept++;
  }
  column.count = kept;
}

async function visitSubquery(query: RangeQuery, expr: Subquery, visit: VisitSeries): Promise<void> {
  const { evaluation, steps } = query;
  const windows: Windows = {
    rangeMs: resolveRangeMs(evaluation, expr.range),
    endMs: windowEnd(evaluation, expr, steps),
    extension: null,
    slackBeforeMs: 0,
    slackAfterMs: 0,
  };
  const stepMs = expr.step === null ? evaluation.noStepSubqueryIntervalMs : resolveRangeMs(evaluation, expr.step);
  const inner = evaluation.checkedSteps(subquerySteps(windows, steps.count, stepMs));
  if (inner.count === 0) return;
  const held = evaluation.samplesHeld;
  const { samplesRead } = evaluation;
  const result = await query.evaluateVector(evaluation, expr.operand, inner);
  evaluation.samplesRead = samplesRead;
  for (const series of result) {
    const { labels, dropsName } = series;
    await visit({ labels, dropsName, samples: presentSamples(series, inner) }, windows);
    if (evaluation.isTurnOver(inner.count)) await evaluation.pause();
  }
  evaluation.holdOnly(held, []);
}

/** The multiples of the step inside the windows, from the first window's start (excluded) to the last one's end. */
function subquerySteps(windows: Windows, windowCount: number, stepMs: number): Steps {
  const firstMs = (Math.floor((windows.endMs(0) - windows.rangeMs) / stepMs) + 1) * stepMs;
  const count = Math.floor((windows.endMs(windowCount - 1) - firstMs) / stepMs) + 1;
  return { startMs: firstMs, stepMs, count: Math.max(0, count) };
}

function presentSamples(series: StepSeries, steps: Steps): Samples {
  const timesMs = new Float64Array(steps.count);
  const values = new Float64Array(steps.count);
  let count = 0;
  for (let step = 0; step < steps.count; step++) {
    if (series.present[step] === 0) continue;
    timesMs[count] = stepTimeMs(steps, step);
    values[count] = series.values[step]!;
    count++;
  }
  return { timesMs, values, count };
}

function windowEnd(
  evaluation: Evaluation,
  modified: Pick<Subquery, "at" | "offset">,
  steps: Steps,
): (step: number) => number {
  const atMs = resolveAtMs(evaluation, modified.at);
  const offsetMs = resolveOffsetMs(evaluation, modified.offset);
  return (step) => (atMs ?? stepTimeMs(steps, step)) - offsetMs;
}

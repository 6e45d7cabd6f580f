import { emptyLabels, type Labels, type Matcher, metricNameLabel, withLabel } from "@tatou/model";
import type { CallExpr, Expr } from "../parser/ast.ts";
import { withoutParentheses } from "../parser/walk.ts";
import { visitRange } from "./range-series.ts";
import type { StepSeries } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

/** 1 at the steps where the vector has no element. */
export async function evaluateAbsent(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const present = new Uint8Array(steps.count);
  for (const series of await query.evaluateVector(evaluation, expr.args[0]!, steps)) {
    for (let step = 0; step < steps.count; step++) present[step]! |= series.present[step]!;
    if (evaluation.isTurnOver(steps.count)) await evaluation.pause();
  }
  return absence(expr.args[0]!, present);
}

/** 1 at the steps where no series has a sample in its window. */
export async function evaluateAbsentOverTime(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const present = new Uint8Array(steps.count);
  await visitRange({ ...query, expr: expr.args[0]! }, async ({ samples }, windows) => {
    let oldest = 0;
    let newest = -1;
    for (let step = 0; step < steps.count; step++) {
      const endMs = windows.endMs(step);
      while (newest + 1 < samples.count && samples.timesMs[newest + 1]! <= endMs) newest++;
      while (oldest <= newest && samples.timesMs[oldest]! <= endMs - windows.rangeMs) oldest++;
      if (oldest <= newest) present[step] = 1;
      evaluation.samplesRead += newest + 1 - oldest;
    }
    if (evaluation.isTurnOver(steps.count + samples.count)) await evaluation.pause();
  });
  return absence(expr.args[0]!, present);
}

function absence(expr: Expr, present: Uint8Array): StepSeries[] {
  const absent = present.map((flag) => 1 - flag);
  if (!absent.includes(1)) return [];
  return [{ labels: absentLabels(expr), dropsName: false, values: Float64Array.from(absent), present: absent }];
}

/** The labels that the selector asks for by exactly one equality. */
function absentLabels(expr: Expr): Labels {
  const inner = withoutParentheses(expr);
  if (inner.kind === "vectorSelector") return equalLabels(inner.matchers);
  if (inner.kind === "matrixSelector") return equalLabels(inner.selector.matchers);
  return emptyLabels;
}

function equalLabels(matchers: readonly Matcher[]): Labels {
  const seen = new Set<string>();
  let labels: Labels = emptyLabels;
  for (const matcher of matchers) {
    if (matcher.label === metricNameLabel) continue;
    const isFirstEqual = matcher.kind === "equal" && !seen.has(matcher.label);
    labels = withLabel(labels, matcher.label, isFirstEqual ? matcher.value : "");
    if (isFirstEqual) seen.add(matcher.label);
  }
  return labels;
}

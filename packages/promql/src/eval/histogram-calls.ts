import { formatFloatG, parseFloatGo } from "@tatou/kernels";
import { type Labels, labelsKey, labelValue, metricNameLabel, quote, withLabel, withoutLabels } from "@tatou/model";
import { type Bucket, bucketFraction, bucketQuantile } from "../functions/classic-histogram.ts";
import type { CallExpr, Expr } from "../parser/ast.ts";
import {
  hasPoints,
  mergeSameLabels,
  newStepSeries,
  type StepSeries,
  setPoint,
  withoutMetricName,
} from "./step-series.ts";
import { stepTimeMs } from "./steps.ts";
import { stringArgument } from "./string-argument.ts";
import { evaluateScalars, type VectorQuery } from "./vector-query.ts";
import { warnOfQuantile } from "./warn-of-quantile.ts";

/** `histogram_quantile(q, buckets)` over the buckets of classic histograms. */
export async function evaluateHistogramQuantile(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const [quantileExpr, vectorExpr] = expr.args as [Expr, Expr];
  const [quantiles] = (await evaluateScalars(query, [quantileExpr])) as [Float64Array];
  for (const q of quantiles) warnOfQuantile(query.evaluation, q, quantileExpr.span);
  return quantilesOf(query, { histograms: await histogramsOf(query, vectorExpr), quantiles, vectorExpr });
}

/** `histogram_quantiles(buckets, label, q...)`: several quantiles, told apart by a label. */
export async function evaluateHistogramQuantiles(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const [vectorExpr, labelExpr, ...quantileExprs] = expr.args as [Expr, Expr, ...Expr[]];
  const label = stringArgument(labelExpr);
  const parameters = await evaluateScalars(query, quantileExprs);
  for (const [index, quantiles] of parameters.entries())
    for (const q of quantiles) warnOfQuantile(query.evaluation, q, quantileExprs[index]!.span);
  const histograms = await histogramsOf(query, vectorExpr);
  const result: StepSeries[] = [];
  for (const quantiles of parameters) {
    const series = await quantilesOf(query, { histograms, quantiles, vectorExpr });
    for (const one of series) result.push(...labelledByQuantile(one, label, quantiles));
  }
  return mergeSameLabels(result);
}

/** A quantile argument may change from step to step, and the label with it. */
function labelledByQuantile(series: StepSeries, label: string, quantiles: Float64Array): StepSeries[] {
  return [...new Set(quantiles)].map((q) => ({
    ...series,
    labels: withLabel(series.labels, label, formatQuantile(q)),
    present: series.present.map((flag, step) => (Object.is(quantiles[step], q) ? flag : 0)),
  }));
}

/** As OpenMetrics writes floats: whole numbers keep a digit behind the point. */
function formatQuantile(q: number): string {
  const text = formatFloatG(q);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** `histogram_fraction(lower, upper, buckets)`. */
export async function evaluateHistogramFraction(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const [lowerExpr, upperExpr, vectorExpr] = expr.args as [Expr, Expr, Expr];
  const [lower, upper] = (await evaluateScalars(query, [lowerExpr, upperExpr])) as [Float64Array, Float64Array];
  return computePerStep(query, await histogramsOf(query, vectorExpr), (buckets, step) =>
    bucketFraction(lower[step]!, upper[step]!, buckets),
  );
}

interface QuantileWork {
  readonly histograms: readonly Histogram[];
  readonly quantiles: Float64Array;
  readonly vectorExpr: Expr;
}

function quantilesOf(query: VectorQuery, { histograms, quantiles, vectorExpr }: QuantileWork): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  return computePerStep(query, histograms, (buckets, step, histogram) => {
    const { value, fix } = bucketQuantile(quantiles[step]!, buckets);
    if (fix !== null) {
      const timeMs = stepTimeMs(steps, step);
      const name = evaluation.delaysNameRemoval ? labelValue(histogram.labels, metricNameLabel) : "";
      const finding = { ...fix, span: vectorExpr.span, sampleCount: 1, minTimeMs: timeMs, maxTimeMs: timeMs };
      evaluation.annotations.informMonotonicity(name, finding);
    }
    return value;
  });
}

/** The series of one classic histogram: they differ in the label `le` alone. */
interface Histogram {
  /** Without `le`. */
  readonly labels: Labels;
  readonly buckets: readonly { readonly upperBound: number; readonly series: StepSeries }[];
}

/** Groups bucket series into histograms; series without a number in `le` are left out with a warning. */
async function histogramsOf(query: VectorQuery, expr: Expr): Promise<readonly Histogram[]> {
  const { evaluation, steps } = query;
  const histograms = new Map<string, { labels: Labels; buckets: { upperBound: number; series: StepSeries }[] }>();
  for (const series of await query.evaluateVector(evaluation, expr, steps)) {
    const bound = labelValue(series.labels, "le");
    const upperBound = bound === "" ? null : parseFloatGo(bound);
    if (upperBound === null) {
      const name = labelValue(series.labels, metricNameLabel);
      const suffix = name === "" ? "" : ` for metric name ${quote(name)}`;
      evaluation.annotations.warn(
        `bucket label "le" is missing or has a malformed value of ${quote(bound)}${suffix}`,
        expr.span,
      );
      continue;
    }
    const labels = withoutLabels(series.labels, ["le"]);
    const key = labelsKey(labels);
    const histogram = histograms.get(key) ?? { labels, buckets: [] };
    histogram.buckets.push({ upperBound, series });
    histograms.set(key, histogram);
  }
  return [...histograms.values()];
}

type ComputeBuckets = (buckets: readonly Bucket[], step: number, histogram: Histogram) => number;

async function computePerStep(
  { evaluation, steps }: VectorQuery,
  histograms: readonly Histogram[],
  compute: ComputeBuckets,
): Promise<StepSeries[]> {
  const result: StepSeries[] = [];
  for (const histogram of histograms) {
    const labels = evaluation.delaysNameRemoval ? histogram.labels : withoutMetricName(histogram.labels);
    const output = newStepSeries(labels, true, steps.count);
    for (let step = 0; step < steps.count; step++) {
      const buckets = bucketsAt(histogram, step);
      if (buckets.length > 0) setPoint(output, step, compute(buckets, step, histogram));
      if (evaluation.isTurnOver(histogram.buckets.length * 4)) await evaluation.pause();
    }
    if (hasPoints(output)) result.push(output);
  }
  return mergeSameLabels(result);
}

function bucketsAt({ buckets }: Histogram, step: number): Bucket[] {
  return buckets
    .filter(({ series }) => series.present[step] === 1)
    .map(({ upperBound, series }) => ({ upperBound, count: series.values[step]! }));
}

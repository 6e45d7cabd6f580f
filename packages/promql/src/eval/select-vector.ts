import { isStaleMarker, newSampleColumn, type SampleColumn } from "@tatou/model";
import type { VectorSelector } from "../parser/ast.ts";
import type { Evaluation } from "./evaluation.ts";
import { resolveAtMs, resolveOffsetMs } from "./resolve-duration.ts";
import { hasPoints, newStepSeries, pointCount, type StepSeries, setPoint } from "./step-series.ts";
import { type Steps, stepTimeMs } from "./steps.ts";

/** What a selected series has at a step: the value of the sample, or when it was taken, in seconds. */
export type SampleAspect = "value" | "timeSeconds";

/**
 * Evaluates an instant selector: at each step the newest sample in (time - lookback, time], unless that is a staleness
 * marker. Each series is read once.
 */
export async function selectVector(
  evaluation: Evaluation,
  selector: VectorSelector,
  { steps, aspect }: { readonly steps: Steps; readonly aspect: SampleAspect },
): Promise<StepSeries[]> {
  const lookup = sampleLookup(evaluation, selector, steps);
  const selection = await evaluation.select({
    matchers: selector.matchers,
    minTimeMs: lookup.timeMs(0) - evaluation.lookbackDeltaMs + 1,
    maxTimeMs: lookup.timeMs(steps.count - 1) + (selector.extension === "smoothed" ? evaluation.lookbackDeltaMs : 0),
    hints: { stepMs: steps.stepMs },
  });
  try {
    const column = newSampleColumn();
    const result: StepSeries[] = [];
    for (let index = 0; index < selection.seriesCount; index++) {
      selection.readSamples(index, column);
      evaluation.checkRoom(column.count);
      const series = newStepSeries(selection.labelsAt(index), false, steps.count);
      lookup.fill(series, column, aspect);
      if (hasPoints(series)) {
        evaluation.hold(steps.count);
        evaluation.samplesRead += pointCount(series);
        result.push(series);
      }
      if (evaluation.isTurnOver(column.count + steps.count)) await evaluation.pause();
    }
    return result;
  } finally {
    selection.close();
  }
}

interface SampleLookup {
  /** The time a step looks at: after @ and offset. */
  timeMs(step: number): number;
  fill(series: StepSeries, column: SampleColumn, aspect: SampleAspect): void;
}

function sampleLookup(evaluation: Evaluation, selector: VectorSelector, steps: Steps): SampleLookup {
  const atMs = resolveAtMs(evaluation, selector.at);
  const offsetMs = resolveOffsetMs(evaluation, selector.offset);
  const timeMs = (step: number): number => (atMs ?? stepTimeMs(steps, step)) - offsetMs;
  const { lookbackDeltaMs } = evaluation;
  if (selector.extension === "smoothed")
    return { timeMs, fill: (series, column) => fillSmoothed(series, column, { timeMs, lookbackDeltaMs }) };
  return { timeMs, fill: (series, column, aspect) => fillNewest(series, column, { timeMs, lookbackDeltaMs, aspect }) };
}

interface FillOptions {
  readonly timeMs: (step: number) => number;
  readonly lookbackDeltaMs: number;
}

function fillNewest(
  series: StepSeries,
  column: SampleColumn,
  { timeMs, lookbackDeltaMs, aspect }: FillOptions & { readonly aspect: SampleAspect },
): void {
  const { timesMs, values, count } = column;
  let newest = -1;
  for (let step = 0; step < series.values.length; step++) {
    const time = timeMs(step);
    while (newest + 1 < count && timesMs[newest + 1]! <= time) newest++;
    if (newest < 0 || timesMs[newest]! <= time - lookbackDeltaMs || isStaleMarker(values, newest)) continue;
    setPoint(series, step, aspect === "value" ? values[newest]! : timesMs[newest]! / 1000);
  }
}

/** On the line between the samples around the time, if both are within the lookback; else the newest before it. */
function fillSmoothed(series: StepSeries, column: SampleColumn, { timeMs, lookbackDeltaMs }: FillOptions): void {
  const { timesMs, values, count } = column;
  let before = -1;
  for (let step = 0; step < series.values.length; step++) {
    const time = timeMs(step);
    while (before + 1 < count && timesMs[before + 1]! <= time) before++;
    if (before < 0 || timesMs[before]! <= time - lookbackDeltaMs || isStaleMarker(values, before)) continue;
    const after = before + 1;
    const isBetween =
      timesMs[before]! < time &&
      after < count &&
      timesMs[after]! <= time + lookbackDeltaMs &&
      !isStaleMarker(values, after);
    const fraction = isBetween ? (time - timesMs[before]!) / (timesMs[after]! - timesMs[before]!) : 0;
    const rise = isBetween ? values[after]! - values[before]! : 0;
    setPoint(series, step, values[before]! + rise * fraction);
  }
}

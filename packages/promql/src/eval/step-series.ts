import { type Labels, labelsKey, withoutLabels } from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";

/** One series of an instant vector over all steps: a value per step, where there is one. */
export interface StepSeries {
  readonly labels: Labels;
  /** The metric name is to be dropped at the end: only with delayed name removal, otherwise it is gone already. */
  readonly dropsName: boolean;
  readonly values: Float64Array;
  /** 1 where there is a value. */
  readonly present: Uint8Array;
}

export function newStepSeries(labels: Labels, dropsName: boolean, stepCount: number): StepSeries {
  return { labels, dropsName, values: new Float64Array(stepCount), present: new Uint8Array(stepCount) };
}

export function setPoint(series: StepSeries, step: number, value: number): void {
  series.values[step] = value;
  series.present[step] = 1;
}

export function pointCount(series: StepSeries): number {
  let count = 0;
  for (const flag of series.present) count += flag;
  return count;
}

export function hasPoints(series: StepSeries): boolean {
  return series.present.includes(1);
}

/** The labels that describe the metric as such and go when a function changes what its values mean. */
const metadataLabels = ["__name__", "__type__", "__unit__"];

export function withoutMetricName(labels: Labels): Labels {
  return withoutLabels(labels, metadataLabels);
}

/**
 * Joins series that have come to have the same labels, as long as no step has a value in two of them.
 * @throws {QueryExecutionError} two series with the same labels at the same time
 */
export function mergeSameLabels(all: readonly StepSeries[]): StepSeries[] {
  const byKey = new Map<string, number>();
  const merged: StepSeries[] = [];
  for (const series of all) {
    const key = labelsKey(series.labels);
    const index = byKey.get(key);
    if (index === undefined) {
      byKey.set(key, merged.length);
      merged.push(series);
    } else merged[index] = joinSeries(merged[index]!, series);
  }
  return merged;
}

function joinSeries(first: StepSeries, second: StepSeries): StepSeries {
  const values = first.values.slice();
  const present = first.present.slice();
  for (let step = 0; step < present.length; step++) {
    if (second.present[step] === 0) continue;
    if (present[step] === 1) throw sameLabelsError();
    values[step] = second.values[step]!;
    present[step] = 1;
  }
  return { labels: first.labels, dropsName: first.dropsName, values, present };
}

export function sameLabelsError(): QueryExecutionError {
  return new QueryExecutionError("vector cannot contain metrics with the same labelset", {
    hint: "Series that differ in the metric name alone collide when a function drops the name; select one metric or aggregate",
  });
}

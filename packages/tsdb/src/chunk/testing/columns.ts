import { type Histogram, isStaleMarker, newSampleColumn, type SampleColumn, writeStaleMarker } from "@tatou/model";
import type { AnySample } from "./arbitrary-samples.ts";

export function columnOf(samples: readonly AnySample[]): SampleColumn {
  const column = newSampleColumn(samples.length, { histograms: true, startTimes: true });
  samples.forEach(({ timeMs, startTimeMs, value }, index) => {
    column.timesMs[index] = timeMs;
    column.startTimesMs![index] = startTimeMs;
    if (value === "stale") writeStaleMarker(column.values, index);
    else if (typeof value === "number") column.values[index] = value;
    else column.histograms![index] = value;
  });
  column.count = samples.length;
  return column;
}

export function samplesOf(column: SampleColumn): AnySample[] {
  return Array.from({ length: column.count }, (_, index) => ({
    timeMs: column.timesMs[index]!,
    startTimeMs: column.startTimesMs?.[index] ?? 0,
    value: valueAt(column, index),
  }));
}

function valueAt(column: SampleColumn, index: number): number | Histogram | "stale" {
  const histogram = column.histograms?.[index];
  if (histogram !== undefined) return histogram;
  return isStaleMarker(column.values, index) ? "stale" : column.values[index]!;
}

import type { ChartSeries } from "../../shared/chart/chart-series.ts";
import { seriesColor } from "../../shared/chart/series-colors.ts";
import { type MatrixSeries, type QueryRange, seriesText } from "../engine-api.ts";

/** More lines than these tell nothing and cost much to draw. */
export const linesMax = 100;

/** A matrix on the grid of its steps: one time axis for all series, null where one has no sample. */
export function chartDataOf(
  matrix: readonly MatrixSeries[],
  { startMs, endMs, stepMs }: QueryRange,
): { readonly timesMs: readonly number[]; readonly series: readonly ChartSeries[] } {
  const timesMs: number[] = [];
  for (let timeMs = startMs; timeMs <= endMs; timeMs += stepMs) timesMs.push(timeMs);
  const series = matrix.slice(0, linesMax).map((one, index) => {
    const values: (number | null)[] = timesMs.map(() => null);
    for (const [seconds, text] of one.values) {
      const step = Math.round((seconds * 1000 - startMs) / stepMs);
      const value = Number(text.replace("Inf", "Infinity"));
      if (step >= 0 && step < values.length && Number.isFinite(value)) values[step] = value;
    }
    return { label: seriesText(one.metric), color: seriesColor(index), values };
  });
  return { timesMs, series };
}

import type { ChartSeries, Stacking } from "./chart-series.ts";

type Column = (number | null | undefined)[];

/**
 * The heights at which the series are drawn: as they are, or each on top of those before it. A series without a sample
 * adds nothing there; where no series has one, there is a gap. Hidden series take no part.
 */
export function stackedColumns(series: readonly ChartSeries[], stacking: Stacking): Column[] {
  if (stacking === "none") return series.map((one) => [...one.values]);
  const sampleCount = Math.max(0, ...series.map((one) => one.values.length));
  const totals = stacking === "percent" ? columnTotals(series, sampleCount) : null;
  const heights = Array.from({ length: sampleCount }, () => 0);
  const present = Array.from({ length: sampleCount }, (_, index) => series.some((one) => isDrawn(one, index)));
  return series.map((one) =>
    Array.from({ length: sampleCount }, (_, index) => {
      if (!present[index]) return null;
      const value = isDrawn(one, index) ? (one.values[index] ?? 0) : 0;
      const total = totals?.[index] ?? 1;
      heights[index] = (heights[index] ?? 0) + (total === 0 ? 0 : value / total);
      return heights[index] ?? null;
    }),
  );
}

function isDrawn(series: ChartSeries, index: number): boolean {
  return series.hidden !== true && (series.values[index] ?? null) !== null;
}

function columnTotals(series: readonly ChartSeries[], sampleCount: number): number[] {
  return Array.from({ length: sampleCount }, (_, index) =>
    series.reduce((total, one) => total + (isDrawn(one, index) ? (one.values[index] ?? 0) : 0), 0),
  );
}

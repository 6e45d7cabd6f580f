import type { ChartSeries } from "./chart-series.ts";

export interface TooltipRow {
  readonly series: ChartSeries;
  readonly position: number;
  readonly value: number;
}

/** The series with a sample there, highest value first. */
export function tooltipRows(all: readonly ChartSeries[], index: number): TooltipRow[] {
  const rows: TooltipRow[] = [];
  for (const [position, series] of all.entries()) {
    const value = series.values[index] ?? null;
    if (value !== null && series.hidden !== true) rows.push({ series, position, value });
  }
  return rows.sort((left, right) => right.value - left.value);
}

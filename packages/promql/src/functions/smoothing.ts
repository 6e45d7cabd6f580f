import { QueryExecutionError } from "../errors.ts";
import type { RangeWindow } from "./range-window.ts";

/** Holt's linear method: a smoothed value and a smoothed trend. */
export function doubleExponentialSmoothing(window: RangeWindow, parameters: readonly number[]): number | null {
  const [smoothing, trending] = parameters as [number, number];
  checkFactor("smoothing factor", "sf", smoothing);
  checkFactor("trend factor", "tf", trending);
  const { values, start, end } = window;
  if (end - start < 2) return null;
  let previous = 0;
  let current = values[start]!;
  let trend = values[start + 1]! - values[start]!;
  for (let index = start + 1; index < end; index++) {
    if (index > start + 1) trend = trending * (current - previous) + (1 - trending) * trend;
    const next = smoothing * values[index]! + (1 - smoothing) * (current + trend);
    previous = current;
    current = next;
  }
  return current;
}

function checkFactor(what: string, symbol: string, factor: number): void {
  if (factor > 0 && factor < 1) return;
  // A NaN passes in Prometheus, and makes every value NaN.
  if (Number.isNaN(factor)) return;
  throw new QueryExecutionError(`invalid ${what}. Expected: 0 < ${symbol} < 1, got: ${factor.toFixed(6)}`, {
    hint: "Choose a factor between 0 and 1, both excluded",
  });
}

import type { RangeWindow } from "./range-window.ts";
import { addTo } from "./sums.ts";

/** The slope per second of the least-squares line through the samples. */
export function deriv(window: RangeWindow): number | null {
  if (window.end - window.start < 2) return null;
  // Any time near the samples will do as origin; far from them, digits get lost.
  return regressionLine(window, window.timesMs[window.start]!).slope;
}

/** Where the least-squares line will be so many seconds after the evaluation time. */
export function predictLinear(window: RangeWindow, [seconds]: readonly number[]): number | null {
  if (window.end - window.start < 2) return null;
  const { slope, intercept } = regressionLine(window, window.stepTimeMs);
  return slope * seconds! + intercept;
}

interface Line {
  readonly slope: number;
  /** The value at the origin. */
  readonly intercept: number;
}

function regressionLine({ timesMs, values, start, end }: RangeWindow, originMs: number): Line {
  const x = { sum: 0, lost: 0 };
  const y = { sum: 0, lost: 0 };
  const xy = { sum: 0, lost: 0 };
  const xx = { sum: 0, lost: 0 };
  let isConstant = true;
  for (let index = start; index < end; index++) {
    const seconds = (timesMs[index]! - originMs) / 1000;
    const value = values[index]!;
    if (index > start && value !== values[start]!) isConstant = false;
    addTo(x, seconds);
    addTo(y, value);
    addTo(xy, seconds * value);
    addTo(xx, seconds * seconds);
  }
  if (isConstant) {
    const constant = values[start]!;
    const isInfinite = Math.abs(constant) === Number.POSITIVE_INFINITY;
    return isInfinite ? { slope: Number.NaN, intercept: Number.NaN } : { slope: 0, intercept: constant };
  }
  const count = end - start;
  const sumX = x.sum + x.lost;
  const sumY = y.sum + y.lost;
  const covariance = xy.sum + xy.lost - (sumX * sumY) / count;
  const variance = xx.sum + xx.lost - (sumX * sumX) / count;
  const slope = covariance / variance;
  return { slope, intercept: sumY / count - (slope * sumX) / count };
}

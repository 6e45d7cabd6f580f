import { extendedIncrease } from "./extended-rate.ts";
import type { RangeWindow } from "./range-window.ts";

/** What a rate-like function counts: counters may be reset to zero, gauges may fall. */
interface RateForm {
  readonly isCounter: boolean;
  readonly isPerSecond: boolean;
}

export function rate(window: RangeWindow): number | null {
  return extrapolated(window, { isCounter: true, isPerSecond: true });
}

export function increase(window: RangeWindow): number | null {
  return extrapolated(window, { isCounter: true, isPerSecond: false });
}

export function delta(window: RangeWindow): number | null {
  return extrapolated(window, { isCounter: false, isPerSecond: false });
}

/**
 * The increase between the first and the last sample, extrapolated to the window's borders: all the way where the next
 * sample would be expected beyond the border (within 110 % of the mean distance), else by half a distance, since the
 * series then seems to start or end inside. A counter is never extrapolated below zero.
 */
function extrapolated(window: RangeWindow, form: RateForm): number | null {
  if (window.extension !== null) {
    const total = extendedIncrease(window, form.isCounter);
    return total === null || !form.isPerSecond ? total : total / (window.rangeMs / 1000);
  }
  const { timesMs, values, start, end } = window;
  if (end - start < 2) return null;
  const firstMs = timesMs[start]!;
  const lastMs = timesMs[end - 1]!;
  const result = form.isCounter ? counterIncrease(window) : values[end - 1]! - values[start]!;
  const sampledSeconds = (lastMs - firstMs) / 1000;
  const meanDistance = sampledSeconds / (end - start - 1);
  const threshold = meanDistance * 1.1;
  let toStart = (firstMs - window.rangeStartMs) / 1000;
  let toEnd = (window.rangeEndMs - lastMs) / 1000;
  if (toStart >= threshold) toStart = meanDistance / 2;
  if (form.isCounter && result > 0 && values[start]! >= 0)
    toStart = Math.min(toStart, sampledSeconds * (values[start]! / result));
  if (toEnd >= threshold) toEnd = meanDistance / 2;
  let factor = (sampledSeconds + toStart + toEnd) / sampledSeconds;
  if (form.isPerSecond) factor /= window.rangeMs / 1000;
  return result * factor;
}

/** A sample below the one before it means that the counter started from zero again. */
function counterIncrease({ values, start, end }: RangeWindow): number {
  let result = values[end - 1]! - values[start]!;
  for (let index = start + 1; index < end; index++)
    if (values[index]! < values[index - 1]!) result += values[index - 1]!;
  return result;
}

/** The rate between the last two samples. */
export function irate(window: RangeWindow): number | null {
  const { timesMs, values, end } = window;
  if (end - window.start < 2) return null;
  const difference = values[end - 1]! - values[end - 2]!;
  const result = values[end - 1]! < values[end - 2]! ? values[end - 1]! : difference;
  return result / ((timesMs[end - 1]! - timesMs[end - 2]!) / 1000);
}

export function idelta({ values, start, end }: RangeWindow): number | null {
  return end - start < 2 ? null : values[end - 1]! - values[end - 2]!;
}

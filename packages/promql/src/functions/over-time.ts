import { anchoredStart } from "./extended-rate.ts";
import type { RangeFunction, RangeWindow } from "./range-window.ts";
import { delta, idelta, increase, irate, rate } from "./rate.ts";
import { deriv, predictLinear } from "./regression.ts";
import { doubleExponentialSmoothing } from "./smoothing.ts";
import { maxOf, meanOf, minOf, quantileOf, sumOf, varianceOf } from "./sums.ts";

/** All functions that compute one value from the window of one series. */
export const rangeFunctions: ReadonlyMap<string, RangeFunction> = new Map<string, RangeFunction>([
  ["avg_over_time", meanOf],
  ["changes", changes],
  ["count_over_time", ({ start, end }) => end - start],
  ["delta", delta],
  ["deriv", deriv],
  ["double_exponential_smoothing", doubleExponentialSmoothing],
  ["first_over_time", ({ values, start }) => values[start]!],
  ["idelta", idelta],
  ["increase", increase],
  ["irate", irate],
  ["last_over_time", ({ values, end }) => values[end - 1]!],
  ["mad_over_time", medianAbsoluteDeviation],
  ["max_over_time", maxOf],
  ["min_over_time", minOf],
  ["predict_linear", predictLinear],
  ["present_over_time", () => 1],
  ["quantile_over_time", (window, [q]) => quantileOf(q!, window)],
  ["rate", rate],
  ["resets", resets],
  ["stddev_over_time", (window) => Math.sqrt(varianceOf(window))],
  ["stdvar_over_time", varianceOf],
  ["sum_over_time", sumOf],
  ["ts_of_first_over_time", ({ timesMs, start }) => timesMs[start]! / 1000],
  ["ts_of_last_over_time", ({ timesMs, end }) => timesMs[end - 1]! / 1000],
  ["ts_of_max_over_time", (window) => timeOfLast(window, (value, best) => value >= best)],
  ["ts_of_min_over_time", (window) => timeOfLast(window, (value, best) => value <= best)],
]);

function changes(window: RangeWindow): number | null {
  return countPairs(
    window,
    (previous, value) => value !== previous && !(Number.isNaN(value) && Number.isNaN(previous)),
  );
}

function resets(window: RangeWindow): number | null {
  return countPairs(window, (previous, value) => value < previous);
}

function countPairs(window: RangeWindow, isCounted: (previous: number, value: number) => boolean): number | null {
  const { values, end } = window;
  const start = anchoredStart(window);
  if (start === null) return null;
  let count = 0;
  for (let index = start + 1; index < end; index++) if (isCounted(values[index - 1]!, values[index]!)) count++;
  return count;
}

function medianAbsoluteDeviation({ values, start, end }: RangeWindow): number {
  const copy = values.slice(start, end);
  if (copy.some((value) => Number.isNaN(value))) return Number.NaN;
  const whole = { values: copy, start: 0, end: copy.length };
  const median = quantileOf(0.5, whole);
  return quantileOf(0.5, { ...whole, values: copy.map((value) => Math.abs(value - median)) });
}

/** The time of the extreme sample, the last one among equals, in seconds. */
function timeOfLast(window: RangeWindow, isBetter: (value: number, best: number) => boolean): number {
  const { timesMs, values, start, end } = window;
  let best = start;
  for (let index = start; index < end; index++)
    if (isBetter(values[index]!, values[best]!) || Number.isNaN(values[best]!)) best = index;
  return timesMs[best]! / 1000;
}

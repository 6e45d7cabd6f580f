import type { RangeWindow } from "./range-window.ts";

/**
 * The increase over exactly the window, for `anchored` (the last sample at or before the start stands for the start) and
 * `smoothed` (values at both borders lie on the line between the samples around them).
 */
export function extendedIncrease(window: RangeWindow, isCounter: boolean): number | null {
  const { timesMs, values, start, end, rangeStartMs, rangeEndMs } = window;
  const isSmoothed = window.extension === "smoothed";
  let first = Math.max(start, firstAfter(window, rangeStartMs) - 1);
  let last = end - 1;
  if (isSmoothed) while (last > start && timesMs[last - 1]! >= rangeEndMs) last--;
  if (timesMs[last]! <= rangeStartMs) return null;
  if (isSmoothed && timesMs[first]! > rangeEndMs) return null;
  const interpolate = (index: number, timeMs: number): number => {
    const from = isCounter && values[index + 1]! < values[index]! ? 0 : values[index]!;
    return from + ((values[index + 1]! - from) * (timeMs - timesMs[index]!)) / (timesMs[index + 1]! - timesMs[index]!);
  };
  const left = isSmoothed && timesMs[first]! < rangeStartMs ? interpolate(first, rangeStartMs) : values[first]!;
  const right =
    isSmoothed && last > start && timesMs[last]! > rangeEndMs ? interpolate(last - 1, rangeEndMs) : values[last]!;
  if (!isCounter) return right - left;
  // The borders have had their resets; what remains are the samples strictly inside.
  if (timesMs[first]! <= rangeStartMs) first++;
  if (timesMs[last]! >= rangeEndMs) last--;
  return right - left + resetCorrection({ values, first, last }, left, right);
}

/** The first sample after a time, at most the last sample. */
function firstAfter({ timesMs, start, end }: RangeWindow, timeMs: number): number {
  let index = start;
  while (index < end - 1 && timesMs[index]! <= timeMs) index++;
  return index;
}

interface Inside {
  readonly values: Float64Array;
  readonly first: number;
  readonly last: number;
}

function resetCorrection({ values, first, last }: Inside, left: number, right: number): number {
  let correction = 0;
  let previous = left;
  for (let index = first; index <= last; index++) {
    if (values[index]! < previous) correction += previous;
    previous = values[index]!;
  }
  return right < previous ? correction + previous : correction;
}

/**
 * Where an anchored window of `changes` or `resets` starts: at the last sample at or before the range, if there is one.
 * null when no sample lies inside the range.
 */
export function anchoredStart(window: RangeWindow): number | null {
  if (window.extension !== "anchored") return window.start;
  const { timesMs, start, end, rangeStartMs } = window;
  if (timesMs[end - 1]! <= rangeStartMs) return null;
  return Math.max(start, firstAfter(window, rangeStartMs) - 1);
}

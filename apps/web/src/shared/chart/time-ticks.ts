import { dateParts, formatClock, type TimeZoneChoice } from "../format/time.ts";

/**
 * Texts under the time axis. A tick at midnight shows its date, so that a range over several days stays readable
 * without a second line on every tick.
 * @param stepMs distance of two ticks
 */
export function formatTimeTicks(ticksMs: readonly number[], stepMs: number, zone: TimeZoneChoice): string[] {
  return ticksMs.map((tickMs) => formatTick(tickMs, stepMs, zone));
}

/**
 * Whether the text of a tick reaches so far to the left that it would run into the texts of the value axis.
 * @param centerPixels from the left end of the axis
 */
export function overhangs({
  centerPixels,
  widthPixels,
}: {
  readonly centerPixels: number;
  readonly widthPixels: number;
}): boolean {
  return widthPixels / 2 - centerPixels > overhangMaxPixels;
}

/** The gap between the texts of the value axis and the axis. */
const overhangMaxPixels = 6;

function formatTick(tickMs: number, stepMs: number, zone: TimeZoneChoice): string {
  const parts = dateParts(tickMs, zone);
  if (stepMs >= 28 * dayMs) return parts.month === 1 ? String(parts.year) : (monthNames[parts.month - 1] ?? "");
  const midnight = parts.hour === 0 && parts.minute === 0 && parts.second === 0 && parts.millisecond === 0;
  if (stepMs >= dayMs || midnight) return `${monthNames[parts.month - 1]} ${parts.day}`;
  if (stepMs < 1000) return `${formatClock(tickMs, zone)}.${String(parts.millisecond).padStart(3, "0")}`;
  return formatClock(tickMs, zone, stepMs < 60_000);
}

/** Distances of ticks on a time axis, in milliseconds; those of months and years are what uPlot knows them by. */
export const timeSteps: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * 1000),
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * 60_000),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * 3_600_000),
  ...[1, 2, 3, 5, 7, 10, 15].map((count) => count * 86_400_000),
  ...[1, 2, 3, 4, 6].map((count) => count * 30 * 86_400_000),
  ...[1, 2, 5, 10, 25, 50, 100].map((count) => count * 365 * 86_400_000),
];

const dayMs = 86_400_000;
const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

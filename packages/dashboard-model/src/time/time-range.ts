import { parseTime, type TimeZone } from "./date-math.ts";

/** A range as the address bar and dashboards carry it: "now-1h" to "now", or milliseconds as digits. */
export interface RawTimeRange {
  readonly from: string;
  readonly to: string;
}

/** Both bounds inclusive. */
export interface TimeRange {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

export interface QuickRange extends RawTimeRange {
  readonly label: string;
}

export const quickRanges: readonly QuickRange[] = [
  { label: "Last 5 minutes", from: "now-5m", to: "now" },
  { label: "Last 15 minutes", from: "now-15m", to: "now" },
  { label: "Last 30 minutes", from: "now-30m", to: "now" },
  { label: "Last 1 hour", from: "now-1h", to: "now" },
  { label: "Last 3 hours", from: "now-3h", to: "now" },
  { label: "Last 6 hours", from: "now-6h", to: "now" },
  { label: "Last 12 hours", from: "now-12h", to: "now" },
  { label: "Last 24 hours", from: "now-24h", to: "now" },
  { label: "Last 2 days", from: "now-2d", to: "now" },
  { label: "Last 7 days", from: "now-7d", to: "now" },
  { label: "Last 30 days", from: "now-30d", to: "now" },
  { label: "Last 90 days", from: "now-90d", to: "now" },
  { label: "Today", from: "now/d", to: "now/d" },
  { label: "Today so far", from: "now/d", to: "now" },
  { label: "Yesterday", from: "now-1d/d", to: "now-1d/d" },
  { label: "This week so far", from: "now/w", to: "now" },
];

/** The moments that a range means now; null when a bound cannot be read or the range is empty. */
export function resolveTimeRange(raw: RawTimeRange, nowMs: number, zone: TimeZone = "local"): TimeRange | null {
  const minTimeMs = parseTime(raw.from, { nowMs, zone });
  const maxTimeMs = parseTime(raw.to, { nowMs, zone, roundUp: true });
  if (minTimeMs === null || maxTimeMs === null || maxTimeMs <= minTimeMs) return null;
  return { minTimeMs, maxTimeMs };
}

/** Whether the range moves with the time of day, so that asking again can bring something new. */
export function isRelative(raw: RawTimeRange): boolean {
  return raw.from.includes("now") || raw.to.includes("now");
}

/**
 * The range in words: a quick range's name, "Last 45m", or both bounds.
 * @param formatMoment writes an absolute bound
 */
export function describeTimeRange(raw: RawTimeRange, formatMoment: (timeMs: number) => string): string {
  const quick = quickRanges.find((range) => range.from === raw.from && range.to === raw.to);
  if (quick !== undefined) return quick.label;
  const last = /^now-(\d+[smhdwMy])$/.exec(raw.from);
  if (last !== null && raw.to === "now") return `Last ${last[1]}`;
  return `${describeBound(raw.from, formatMoment)} to ${describeBound(raw.to, formatMoment)}`;
}

function describeBound(bound: string, formatMoment: (timeMs: number) => string): string {
  if (bound.startsWith("now")) return bound;
  const timeMs = parseTime(bound, { nowMs: 0 });
  return timeMs === null ? bound : formatMoment(timeMs);
}

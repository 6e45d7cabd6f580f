// All times that pages show are written here: 24-hour clock, ISO order of the parts, the zone the reader chose.

/** "utc", or the zone that the browser is set to. */
export type TimeZoneChoice = "local" | "utc";

/** 2026-11-22 18:04:05 */
export function formatDateTime(timeMs: number, zone: TimeZoneChoice = "local"): string {
  return `${formatDate(timeMs, zone)} ${formatClock(timeMs, zone)}`;
}

/** 2026-11-22 */
export function formatDate(timeMs: number, zone: TimeZoneChoice = "local"): string {
  const parts = dateParts(timeMs, zone);
  return `${String(parts.year).padStart(4, "0")}-${two(parts.month)}-${two(parts.day)}`;
}

/** 18:04:05; without seconds on request */
export function formatClock(timeMs: number, zone: TimeZoneChoice = "local", seconds = true): string {
  const parts = dateParts(timeMs, zone);
  const minutes = `${two(parts.hour)}:${two(parts.minute)}`;
  return seconds ? `${minutes}:${two(parts.second)}` : minutes;
}

/** "12s ago", "in 3m", "just now" */
export function formatRelative(timeMs: number, nowMs: number): string {
  const distanceMs = nowMs - timeMs;
  if (Math.abs(distanceMs) < 1000) return "just now";
  const text = formatElapsed(Math.abs(distanceMs));
  return distanceMs > 0 ? `${text} ago` : `in ${text}`;
}

/** A length of time in its two largest units: "850ms", "12s", "3m 20s", "2h 5m", "4d 1h" */
export function formatElapsed(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)}ms`;
  let leftSeconds = Math.round(durationMs / 1000);
  const parts: string[] = [];
  for (const [unit, unitSeconds] of elapsedUnits) {
    const count = Math.floor(leftSeconds / unitSeconds);
    leftSeconds -= count * unitSeconds;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

const elapsedUnits = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** The calendar parts of a time; month and day count from 1. */
export function dateParts(timeMs: number, zone: TimeZoneChoice): DateParts {
  const date = new Date(timeMs);
  if (zone === "utc")
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      millisecond: date.getUTCMilliseconds(),
    };
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    millisecond: date.getMilliseconds(),
  };
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}

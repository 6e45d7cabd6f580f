export type TimeZone = "utc" | "local";

export interface DateMathOptions {
  readonly nowMs: number;
  /** The end of the unit for "/d" and the like instead of its start: what the upper bound of a range means. */
  readonly roundUp?: boolean;
  readonly zone?: TimeZone;
}

/**
 * Reads a time as dashboards write them: "now-6h", "now/d", "now-1d/d", milliseconds since 1970 as digits, an ISO date
 * or "2026-11-22 18:00:00". Null when it is none of these.
 */
export function parseTime(text: string, options: DateMathOptions): number | null {
  const trimmed = text.trim();
  if (trimmed.startsWith("now")) return applyMath(trimmed.slice(3), options);
  if (/^\d{9,16}$/.test(trimmed)) return checked(Number(trimmed));
  return parseDate(trimmed, options.zone ?? "local");
}

type DateUnit = "s" | "m" | "h" | "d" | "w" | "M" | "Q" | "y";

function applyMath(math: string, options: DateMathOptions): number | null {
  if (!/^(?:[+-]\d{1,7}[smhdwMQy]|\/f?[smhdwMQy])*$/.test(math)) return null;
  const zone = options.zone ?? "local";
  let timeMs = options.nowMs;
  for (const [, sign, count, addUnit, roundUnit] of math.matchAll(/([+-])(\d+)([smhdwMQy])|\/f?([smhdwMQy])/g)) {
    if (roundUnit !== undefined)
      timeMs = roundTime(timeMs, roundUnit as DateUnit, { roundUp: options.roundUp ?? false, zone });
    else timeMs = addToTime(timeMs, Number(`${sign}${count}`), { unit: addUnit as DateUnit, zone });
  }
  return checked(timeMs);
}

function checked(timeMs: number): number | null {
  return Math.abs(timeMs) <= dateMaxMs ? timeMs : null;
}

const dateMaxMs = 8.64e15;
const fixedUnitsMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Days and longer follow the calendar, so that "-1d" across a clock change is the same time of day. */
function addToTime(timeMs: number, count: number, { unit, zone }: { unit: DateUnit; zone: TimeZone }): number {
  if (unit === "s" || unit === "m" || unit === "h") return timeMs + count * fixedUnitsMs[unit];
  const parts = calendarParts(timeMs, zone);
  if (unit === "d") parts.day += count;
  else if (unit === "w") parts.day += count * 7;
  else {
    const months = { M: 1, Q: 3, y: 12 }[unit] * count;
    const lastDay = calendarParts(timeOf({ ...parts, month: parts.month + months + 1, day: 0 }, zone), zone).day;
    parts.month += months;
    parts.day = Math.min(parts.day, lastDay);
  }
  return timeOf(parts, zone);
}

function roundTime(timeMs: number, unit: DateUnit, { roundUp, zone }: { roundUp: boolean; zone: TimeZone }): number {
  const start = startOf(timeMs, unit, zone);
  if (!roundUp) return start;
  return addToTime(start, 1, { unit, zone }) - 1;
}

function startOf(timeMs: number, unit: DateUnit, zone: TimeZone): number {
  const parts = calendarParts(timeMs, zone);
  parts.millisecond = 0;
  if (unit === "s") return timeOf(parts, zone);
  parts.second = 0;
  if (unit === "m") return timeOf(parts, zone);
  parts.minute = 0;
  if (unit === "h") return timeOf(parts, zone);
  parts.hour = 0;
  // Weeks begin on Monday.
  if (unit === "w") parts.day -= (parts.weekday + 6) % 7;
  if (unit === "d" || unit === "w") return timeOf(parts, zone);
  parts.day = 1;
  if (unit === "Q") parts.month -= parts.month % 3;
  if (unit === "y") parts.month = 0;
  return timeOf(parts, zone);
}

interface CalendarParts {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

function calendarParts(timeMs: number, zone: TimeZone): CalendarParts {
  const date = new Date(timeMs);
  // A local time's parts are read through a UTC date shifted by the zone's offset at that moment.
  const shifted = zone === "utc" ? date : new Date(timeMs - date.getTimezoneOffset() * 60_000);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth(),
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    millisecond: shifted.getUTCMilliseconds(),
  };
}

function timeOf(parts: CalendarParts, zone: TimeZone): number {
  const { year, month, day, hour, minute, second, millisecond } = parts;
  if (zone === "utc") return Date.UTC(year, month, day, hour, minute, second, millisecond);
  return new Date(year, month, day, hour, minute, second, millisecond).getTime();
}

function parseDate(text: string, zone: TimeZone): number | null {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const millisecond = Number((match[7] ?? "0").padEnd(3, "0"));
  const offset = match[8];
  const parts = {
    year: year ?? 0,
    month: (month ?? 1) - 1,
    day: day ?? 1,
    weekday: 0,
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
    millisecond,
  };
  if (parts.month > 11 || parts.day < 1 || parts.day > 31 || parts.hour > 24 || parts.minute > 59 || parts.second > 60)
    return null;
  if (offset === undefined) return timeOf(parts, zone);
  return timeOf(parts, "utc") - offsetMs(offset);
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

import type { InclusiveRange, TimeInterval, TimeIntervalConfig } from "@tatou/config";

/** The first of the named time intervals that holds the instant, or null. */
export function findInterval(
  intervals: readonly TimeIntervalConfig[],
  names: readonly string[],
  timeMs: number,
): string | null {
  const holds = (name: string): boolean =>
    intervals.some((config) => config.name === name && config.intervals.some((one) => intervalHolds(one, timeMs)));
  return names.find(holds) ?? null;
}

/** Whether the instant lies in the interval, by the calendar of its location. */
export function intervalHolds(interval: TimeInterval, timeMs: number): boolean {
  const date = calendarDate(timeMs, interval.location);
  const isInTimes = interval.times.some((time) => date.minute >= time.startMinute && date.minute < time.endMinute);
  return (
    (interval.times.length === 0 || isInTimes) &&
    isInRanges(interval.weekdays, date.weekday) &&
    isInDaysOfMonth(interval.daysOfMonth, date) &&
    isInRanges(interval.months, date.month) &&
    isInRanges(interval.years, date.year)
  );
}

interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Since midnight. */
  readonly minute: number;
}

function isInRanges(ranges: readonly InclusiveRange[], value: number): boolean {
  return ranges.length === 0 || ranges.some((range) => value >= range.begin && value <= range.end);
}

/** Negative days count from the end of the month; what lies beyond the month is cut to it. */
function isInDaysOfMonth(ranges: readonly InclusiveRange[], date: CalendarDate): boolean {
  const dayCount = new Date(Date.UTC(date.year, date.month, 0)).getUTCDate();
  const fromStart = (day: number): number => (day < 0 ? dayCount + day + 1 : day);
  return isInRanges(
    ranges.map((range) => ({ begin: fromStart(range.begin), end: fromStart(range.end) })),
    date.day,
  );
}

function calendarDate(timeMs: number, location: string): CalendarDate {
  const parts = new Map(
    formatOf(location)
      .formatToParts(timeMs)
      .map((part) => [part.type, part.value]),
  );
  const read = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const [year, month, day] = [read("year"), read("month"), read("day")];
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    minute: read("hour") * 60 + read("minute"),
  };
}

/** Making a format costs more than using it; there are as many as locations in the configuration. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(location: string): Intl.DateTimeFormat {
  const known = formats.get(location);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    ...(location === "Local" ? {} : { timeZone: location }),
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  formats.set(location, format);
  return format;
}

/** Time zones through the platform's Intl, which knows the IANA database. */

/** A moment on the clocks of a zone. */
export interface ZonedTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly dayOfYear: number;
  /** East of Greenwich. */
  readonly offsetSeconds: number;
  /** Such as CET; an offset like +03 where the zone has no letters. */
  readonly abbreviation: string;
}

/** @returns whether the platform knows the zone */
export function isTimeZone(zone: string): boolean {
  try {
    dateTimeFormat("en-US", zone);
    return true;
  } catch {
    return false;
  }
}

export function zonedTime(timeMs: number, zone: string): ZonedTime {
  const offsetSeconds = zone === "UTC" ? 0 : zoneOffsetSeconds(timeMs, zone);
  const local = new Date(timeMs + offsetSeconds * 1000);
  const yearStartMs = new Date(local).setUTCMonth(0, 1);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
    weekday: local.getUTCDay(),
    dayOfYear: Math.round((local.getTime() - yearStartMs) / 86_400_000) + 1,
    offsetSeconds,
    abbreviation: zone === "UTC" ? "UTC" : zoneAbbreviation(timeMs, zone, offsetSeconds),
  };
}

function zoneOffsetSeconds(timeMs: number, zone: string): number {
  const parts = new Map(
    dateTimeFormat("en-US", zone)
      .formatToParts(timeMs)
      .map((part) => [part.type, part.value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const localMs = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return Math.round((localMs - Math.floor(timeMs / 1000) * 1000) / 1000);
}

/** Each English-speaking region knows the letters of its own zones. */
const abbreviationLocales = ["en-US", "en-GB", "en-AU", "en-IN", "en-NZ", "en-ZA"];

function zoneAbbreviation(timeMs: number, zone: string, offsetSeconds: number): string {
  for (const locale of abbreviationLocales) {
    const parts = dateTimeFormat(locale, zone).formatToParts(timeMs);
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{2,5}$/.test(name)) return name;
  }
  const minutes = Math.abs(offsetSeconds) / 60;
  const hourText = String(Math.floor(minutes / 60)).padStart(2, "0");
  const minuteText = minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0");
  return `${offsetSeconds < 0 ? "-" : "+"}${hourText}${minuteText}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const formatCountMax = 256;

/** Making a format is slow and there are few zones, so they are kept. */
function dateTimeFormat(locale: string, zone: string): Intl.DateTimeFormat {
  const key = `${locale} ${zone}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    timeZoneName: "short",
  });
  if (formats.size >= formatCountMax) formats.clear();
  formats.set(key, format);
  return format;
}

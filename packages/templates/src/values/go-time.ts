import {
  type GoDuration,
  type GoFunction,
  type GoTime,
  type GoValue,
  goDuration,
  goFunction,
  goTime,
} from "./go-value.ts";
import { type ZonedTime, zonedTime } from "./time-zone.ts";

/** As Go's Time.String: 2006-01-02 15:04:05.999 -0700 MST. */
export function formatGoTime(time: GoTime): string {
  return formatTimeLayout(time, "2006-01-02 15:04:05.999999999 -0700 MST");
}

/** RFC 3339 with the fraction that is there, as Go writes times in JSON. */
export function formatRfc3339(time: GoTime): string {
  return formatTimeLayout(time, "2006-01-02T15:04:05.999999999Z07:00");
}

/** Writes a time by a layout: an example of 2 January 2006, 15:04:05, in zone MST (-0700). */
export function formatTimeLayout(time: GoTime, layout: string): string {
  const zoned = zonedTime(time.timeMs, time.zone);
  return layout.replace(layoutElement, (element) => elementText(element, zoned));
}

/**
 * The elements of a layout, a longer one before its beginning. "Jan" inside "January" and "_2006" are told apart by the
 * look-ahead that Go makes too.
 */
const layoutElement =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|_2(?=006)|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|[.,]0+(?!\d)|[.,]9+(?!\d)|002|__2|_2|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5/g;

const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const elements: ReadonlyMap<string, (time: ZonedTime) => string> = new Map([
  ["January", (time) => monthNames[time.month - 1]!],
  ["Jan", (time) => monthNames[time.month - 1]!.slice(0, 3)],
  ["1", (time) => String(time.month)],
  ["01", (time) => twoDigits(time.month)],
  ["Monday", (time) => weekdayNames[time.weekday]!],
  ["Mon", (time) => weekdayNames[time.weekday]!.slice(0, 3)],
  ["2", (time) => String(time.day)],
  ["_2", (time) => String(time.day).padStart(2, " ")],
  ["02", (time) => twoDigits(time.day)],
  ["__2", (time) => String(time.dayOfYear).padStart(3, " ")],
  ["002", (time) => String(time.dayOfYear).padStart(3, "0")],
  ["15", (time) => twoDigits(time.hour)],
  ["3", (time) => String(time.hour % 12 || 12)],
  ["03", (time) => twoDigits(time.hour % 12 || 12)],
  ["4", (time) => String(time.minute)],
  ["04", (time) => twoDigits(time.minute)],
  ["5", (time) => String(time.second)],
  ["05", (time) => twoDigits(time.second)],
  ["2006", (time) => String(time.year).padStart(4, "0")],
  ["06", (time) => twoDigits(time.year % 100)],
  ["PM", (time) => (time.hour < 12 ? "AM" : "PM")],
  ["pm", (time) => (time.hour < 12 ? "am" : "pm")],
  ["MST", (time) => time.abbreviation],
]);

function elementText(element: string, time: ZonedTime): string {
  const text = elements.get(element);
  if (text !== undefined) return text(time);
  if (element.startsWith("Z") || element.startsWith("-")) return offsetText(element, time.offsetSeconds);
  return fractionText(element, time.millisecond);
}

function offsetText(element: string, offsetSeconds: number): string {
  if (element.startsWith("Z") && offsetSeconds === 0) return "Z";
  const size = Math.abs(offsetSeconds);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map(twoDigits);
  const partCount = element.replace(/\D/g, "").length / 2;
  return (offsetSeconds < 0 ? "-" : "+") + parts.slice(0, partCount).join(element.includes(":") ? ":" : "");
}

/** ".000" always shows so many digits, ".999" leaves out zeros at the end. */
function fractionText(element: string, millisecond: number): string {
  const digitCount = element.length - 1;
  const digits = String(millisecond).padStart(3, "0").padEnd(digitCount, "0").slice(0, digitCount);
  if (element[1] === "0") return element[0]! + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : element[0]! + trimmed;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** The methods templates may call on a time. */
export const timeMethods: ReadonlyMap<string, (time: GoTime) => GoFunction> = new Map([
  ["String", getter((time) => formatGoTime(time))],
  ["Format", (time) => goFunction(["string"], ([layout]) => formatTimeLayout(time, layout as string))],
  ["Unix", getter((time) => BigInt(Math.floor(time.timeMs / 1000)))],
  ["UnixMilli", getter((time) => BigInt(Math.floor(time.timeMs)))],
  ["UTC", getter((time) => goTime(time.timeMs))],
  ["IsZero", getter((time) => time.timeMs === goZeroTimeMs)],
  ["Year", part((time) => time.year)],
  ["Month", getter((time) => monthNames[zonedTime(time.timeMs, time.zone).month - 1])],
  ["Day", part((time) => time.day)],
  ["Hour", part((time) => time.hour)],
  ["Minute", part((time) => time.minute)],
  ["Second", part((time) => time.second)],
  ["YearDay", part((time) => time.dayOfYear)],
  ["Weekday", getter((time) => weekdayNames[zonedTime(time.timeMs, time.zone).weekday])],
  ["Add", (time) => goFunction(["time.Duration"], ([by]) => goTime(time.timeMs + msOf(by), time.zone))],
  ["Sub", (time) => goFunction(["time.Time"], ([other]) => goDuration(time.timeMs - msOf(other)))],
  ["After", (time) => goFunction(["time.Time"], ([other]) => time.timeMs > msOf(other))],
  ["Before", (time) => goFunction(["time.Time"], ([other]) => time.timeMs < msOf(other))],
  ["Equal", (time) => goFunction(["time.Time"], ([other]) => time.timeMs === msOf(other))],
]);

/** Go's zero time, 1 January of year 1, in milliseconds since 1970. */
export const goZeroTimeMs = -62_135_596_800_000;

function getter(compute: (time: GoTime) => GoValue) {
  return (time: GoTime) => goFunction([], () => compute(time));
}

function part(of: (time: ZonedTime) => number) {
  return getter((time) => BigInt(of(zonedTime(time.timeMs, time.zone))));
}

/** The arguments' types are checked before a method is called. */
function msOf(value: GoValue): number {
  const { kind, ...fields } = value as GoTime | GoDuration;
  return kind === "time" ? (fields as GoTime).timeMs : (fields as GoDuration).durationMs;
}

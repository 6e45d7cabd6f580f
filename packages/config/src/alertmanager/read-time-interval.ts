import { type Decode, type Fields, fault, type Located, listOf, readFields } from "../yaml/fields.ts";
import { text } from "../yaml/scalars.ts";
import type { InclusiveRange, TimeInterval, TimeIntervalConfig } from "./time-interval-config.ts";

/** `what` is "time interval", or "mute time interval" under the older key. */
export function readTimeInterval(at: Located, what: string): TimeIntervalConfig | undefined {
  return readFields(at, (fields) => {
    const name = fields.get("name", text) ?? "";
    if (name === "") fields.fault(`missing name in ${what}`);
    const read = (item: Located) => readFields(item, readInterval) ?? always;
    return { name, intervals: fields.get("time_intervals", listOf(read)) ?? [] };
  });
}

const always: TimeInterval = { times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: "UTC" };

function readInterval(fields: Fields): TimeInterval {
  return {
    times: fields.get("times", listOf(readTimeRange)) ?? [],
    weekdays: fields.get("weekdays", listOf(weekdayRange)) ?? [],
    daysOfMonth: fields.get("days_of_month", listOf(dayOfMonthRange)) ?? [],
    months: fields.get("months", listOf(monthRange)) ?? [],
    years: fields.get("years", listOf(yearRange)) ?? [],
    location: fields.get("location", readLocation) ?? "UTC",
  };
}

function readTimeRange(at: Located): TimeInterval["times"][number] | undefined {
  return readFields(at, (fields) => {
    if (!fields.has("start_time") || !fields.has("end_time")) fields.fault("both start and end times must be provided");
    const startMinute = fields.get("start_time", minuteOfDay) ?? 0;
    const endMinute = fields.get("end_time", minuteOfDay) ?? 1440;
    if (startMinute >= endMinute) fields.fault("start time cannot be equal or greater than end time");
    return { startMinute, endMinute };
  });
}

function minuteOfDay(at: Located): number | undefined {
  const written = text(at);
  if (written === undefined) return undefined;
  if (!/^((([01]\d)|(2[0-3])):[0-5]\d)$|^24:00$/.test(written))
    return fault(at, `couldn't parse timestamp ${written}, invalid format`, 'Write HH:MM in quotes, as in "09:00"');
  return Number(written.slice(0, 2)) * 60 + Number(written.slice(3));
}

/** How one end of a range is written, and what Alertmanager says of ranges that cannot be. */
interface RangeRules {
  readonly member: (written: string) => number | null;
  readonly memberRefusal: (written: string) => string;
  readonly refusal: (range: InclusiveRange) => string | null;
}

function rangeOf({ member, memberRefusal, refusal }: RangeRules): Decode<InclusiveRange> {
  return (at) => {
    const written = text(at)?.toLowerCase();
    if (written === undefined) return undefined;
    const ends = written.split(":");
    if (ends.length > 2) return fault(at, `couldn't parse range ${written}, invalid format`);
    for (const end of ends) if (member(end) === null) return fault(at, memberRefusal(end));
    const begin = member(ends[0]!)!;
    const range = { begin, end: ends.length === 1 ? begin : member(ends[1]!)! };
    const reason = refusal(range);
    return reason === null ? range : fault(at, reason);
  };
}

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

function wholeNumber(written: string): number | null {
  return /^[+-]?\d{1,9}$/.test(written) ? Number(written) : null;
}

function indexIn(names: readonly string[], written: string): number | null {
  const index = names.indexOf(written);
  return index === -1 ? null : index;
}

const weekdayRange = rangeOf({
  member: (written) => indexIn(weekdays, written),
  memberRefusal: (written) => `${written} is not a valid weekday`,
  refusal: ({ begin, end }) => (begin > end ? "start day cannot be before end day" : null),
});

const monthRange = rangeOf({
  member: (written) => {
    const index = indexIn(months, written);
    return index === null ? wholeNumber(written) : index + 1;
  },
  memberRefusal: (written) => `${written} is not a valid month`,
  refusal: ({ begin, end }) => {
    if (begin < 1 || end > 12) return "found a month outside 1 to 12";
    return begin > end ? `end month ${months[end - 1]} is before start month ${months[begin - 1]}` : null;
  },
});

const yearRange = rangeOf({
  member: wholeNumber,
  memberRefusal: (written) => `${written} is not a valid year`,
  refusal: ({ begin, end }) => (begin > end ? `end year ${end} is before start year ${begin}` : null),
});

const dayOfMonthRange = rangeOf({
  member: wholeNumber,
  memberRefusal: (written) => `${written} is not a valid day of the month`,
  refusal: ({ begin, end }) => {
    for (const day of [begin, end])
      if (day === 0 || day < -31 || day > 31) return `${day} is not a valid day of the month: out of range`;
    if (begin < 0 && end > 0) return "end day must be negative if start day is negative";
    // The shortest month has 28 days: what is the wrong way round there and in every longer one can never hold.
    const fromStart = (day: number) => (day < 0 ? 28 + day : day);
    return fromStart(begin) > fromStart(end) ? `end day ${end} is always before start day ${begin}` : null;
  },
});

function readLocation(at: Located): string | undefined {
  const written = text(at);
  if (written === undefined || written === "Local") return written;
  if (written === "") return "UTC";
  try {
    // What it resolves to is another name of the same zone: the one that was written stays.
    return Intl.DateTimeFormat("en", { timeZone: written }) && written;
  } catch {
    return fault(at, `unknown time zone ${written}`, "Take a name of the IANA time zone database, as in Europe/Zurich");
  }
}

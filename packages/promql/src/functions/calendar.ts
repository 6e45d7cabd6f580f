/** What a clock and a calendar in UTC show. */
export interface DateParts {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly dayOfMonth: number;
  readonly dayOfYear: number;
  /** 0 is Sunday. */
  readonly dayOfWeek: number;
  readonly daysInMonth: number;
  readonly hour: number;
  readonly minute: number;
}

const dayMs = 86_400_000;

/** @param seconds Unix time; a fraction is cut off. NaN, and times beyond the year 275760, give NaN in every part. */
export function dateParts(seconds: number): DateParts {
  const date = new Date(Math.trunc(seconds) * 1000);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return {
    year,
    month: month + 1,
    dayOfMonth: date.getUTCDate(),
    dayOfYear: Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / dayMs) + 1,
    dayOfWeek: date.getUTCDay(),
    daysInMonth: new Date(Date.UTC(year, month + 1, 0)).getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

import { expect, test } from "vitest";
import { parseTime } from "./date-math.ts";
import { intervalText, queryStep } from "./step.ts";
import { describeTimeRange, resolveTimeRange } from "./time-range.ts";

const nowMs = Date.UTC(2026, 10, 22, 18, 4, 5);
const iso = (timeMs: number | null): string | null => (timeMs === null ? null : new Date(timeMs).toISOString());

test.each([
  { text: "now", time: "2026-11-22T18:04:05.000Z" },
  { text: "now-1h", time: "2026-11-22T17:04:05.000Z" },
  { text: "now/d", time: "2026-11-22T00:00:00.000Z" },
  { text: "now/d", roundUp: true, time: "2026-11-22T23:59:59.999Z" },
  { text: "now-1d/d", time: "2026-11-21T00:00:00.000Z" },
  { text: "now/w", time: "2026-11-16T00:00:00.000Z" },
  { text: "now-1M/M", time: "2026-10-01T00:00:00.000Z" },
  { text: "now-9M", time: "2026-02-22T18:04:05.000Z" },
  { text: "1795370645000", time: "2026-11-22T18:04:05.000Z" },
  { text: "2026-11-22 18:00", time: "2026-11-22T18:00:00.000Z" },
  { text: "2026-11-22T18:00:00+02:00", time: "2026-11-22T16:00:00.000Z" },
  { text: "2026-13-22", time: null },
  { text: "now-", time: null },
  { text: "now-1x", time: null },
  { text: "yesterday", time: null },
  { text: "now-9999999y", time: null },
])("$text is $time", ({ text, time, roundUp = false }) => {
  expect(iso(parseTime(text, { nowMs, roundUp, zone: "utc" }))).toBe(time);
});

test("a month later than January 31 is the last day of February", () => {
  const endOfJanuaryMs = Date.UTC(2026, 0, 31, 12);
  expect(iso(parseTime("now+1M", { nowMs: endOfJanuaryMs, zone: "utc" }))).toBe("2026-02-28T12:00:00.000Z");
});

test("a range whose end is before its start is none", () => {
  expect(resolveTimeRange({ from: "now", to: "now-1h" }, nowMs)).toBeNull();
});

test("ranges are told in words", () => {
  const told = (from: string, to: string): string =>
    describeTimeRange({ from, to }, (timeMs) => iso(timeMs)?.slice(0, 10) ?? "");
  expect(told("now-1h", "now")).toBe("Last 1 hour");
  expect(told("now-45m", "now")).toBe("Last 45m");
  expect(told("1795370645000", "1795374245000")).toBe("2026-11-22 to 2026-11-22");
});

test.each([
  // An hour on a panel of 600 pixels: 6 s would do, but nothing is scraped more often than every 10 s.
  { rangeMs: 3_600_000, maxDataPoints: 600, scrapeIntervalMs: 10_000, step: "10s", rate: "40s" },
  { rangeMs: 86_400_000, maxDataPoints: 600, scrapeIntervalMs: 10_000, step: "2m", rate: "130s" },
  { rangeMs: 3_600_000, maxDataPoints: 600, scrapeIntervalMs: 15_000, minStepMs: 60_000, step: "1m", rate: "4m" },
  { rangeMs: 604_800_000, maxDataPoints: 100_000, scrapeIntervalMs: 1000, step: "55s", rate: "6s" },
])("a range of $rangeMs ms asks every $step and takes rates over $rate", ({ rangeMs, step, rate, ...options }) => {
  const range = { minTimeMs: nowMs - rangeMs, maxTimeMs: nowMs };
  const got = queryStep({ range, ...options });
  expect([intervalText(got.stepMs), intervalText(got.rateIntervalMs)]).toEqual([step, rate]);
});

import { expect, test } from "vitest";
import { formatClock, formatDateTime, formatElapsed, formatRelative } from "./time.ts";

test.each([
  { durationMs: 850, text: "850ms" },
  { durationMs: 12_000, text: "12s" },
  { durationMs: 200_000, text: "3m 20s" },
  { durationMs: 3_600_000, text: "1h" },
  { durationMs: 90_061_000, text: "1d 1h" },
  { durationMs: 86_460_000, text: "1d" },
])("$durationMs ms are $text", ({ durationMs, text }) => {
  expect(formatElapsed(durationMs)).toBe(text);
});

test("times are written in the zone that was chosen", () => {
  const timeMs = Date.UTC(2026, 0, 5, 3, 4, 9);
  expect(formatDateTime(timeMs, "utc")).toBe("2026-01-05 03:04:09");
  expect(formatClock(timeMs, "utc", false)).toBe("03:04");
});

test("distances point into the past or the future", () => {
  expect(formatRelative(0, 12_000)).toBe("12s ago");
  expect(formatRelative(12_000, 0)).toBe("in 12s");
  expect(formatRelative(0, 10)).toBe("just now");
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatDurationMs, parseDurationMs } from "./duration.ts";

test.each([
  { text: "0", durationMs: 0, printed: "0s" },
  { text: "0s", durationMs: 0, printed: "0s" },
  { text: "15s", durationMs: 15_000, printed: "15s" },
  { text: "1h30m", durationMs: 5_400_000, printed: "1h30m" },
  { text: "90m", durationMs: 5_400_000, printed: "1h30m" },
  { text: "1d", durationMs: 86_400_000, printed: "1d" },
  { text: "25h", durationMs: 90_000_000, printed: "25h" },
  { text: "7d", durationMs: 604_800_000, printed: "1w" },
  { text: "365d", durationMs: 31_536_000_000, printed: "1y" },
  { text: "1y2w", durationMs: 32_745_600_000, printed: "379d" },
  { text: "1w1d1h1m1s1ms", durationMs: 694_861_001, printed: "193h1m1s1ms" },
])("reads $text and prints $printed", ({ text, durationMs, printed }) => {
  expect(parseDurationMs(text)).toBe(durationMs);
  expect(formatDurationMs(durationMs)).toBe(printed);
});

test.each([
  { text: "", message: "empty duration string" },
  { text: "1", message: 'not a valid duration string: "1"' },
  { text: "1.5h", message: 'not a valid duration string: "1.5h"' },
  { text: "1m1h", message: 'not a valid duration string: "1m1h"' },
  { text: "-1s", message: 'not a valid duration string: "-1s"' },
  { text: "1 s", message: 'not a valid duration string: "1 s"' },
  { text: "300y", message: "duration out of range" },
])("refuses $text: $message", ({ text, message }) => {
  expect(() => parseDurationMs(text)).toThrow(message);
});

test("reads what it prints", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_223_372_036_854 }), (durationMs) => {
      expect(parseDurationMs(formatDurationMs(durationMs))).toBe(durationMs);
    }),
  );
});

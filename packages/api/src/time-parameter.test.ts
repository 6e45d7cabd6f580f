import { expect, test } from "vitest";
import { parseDurationParameter, parseTimeParameter, rfc3339Text, timestampText } from "./time-parameter.ts";

test.each([
  { text: "1700000000", timeMs: 1_700_000_000_000 },
  { text: "1700000000.123", timeMs: 1_700_000_000_123 },
  { text: "1.7e9", timeMs: 1_700_000_000_000 },
  { text: "-1", timeMs: -1000 },
  { text: "2015-06-03T13:21:58.555Z", timeMs: 1_433_337_718_555 },
  { text: "2015-06-03T14:21:58.555+01:00", timeMs: 1_433_337_718_555 },
])("reads the time $text", ({ text, timeMs }) => {
  expect(parseTimeParameter("time", text)).toBe(timeMs);
});

test.each(["", "abc", "2015-06-03", "30m", "Inf", "NaN"])("refuses the time %j with Prometheus' words", (text) => {
  expect(() => parseTimeParameter("time", text)).toThrow(
    `invalid parameter "time": cannot parse ${JSON.stringify(text)} to a valid timestamp`,
  );
});

test.each([
  { text: "15", durationMs: 15_000 },
  { text: "0.5", durationMs: 500 },
  { text: "1m30s", durationMs: 90_000 },
])("reads the duration $text", ({ text, durationMs }) => {
  expect(parseDurationParameter("step", text)).toBe(durationMs);
});

test.each(["", "a", "1x", "Inf"])("refuses the duration %j", (text) => {
  expect(() => parseDurationParameter("step", text)).toThrow(/to a valid duration/);
});

test.each([
  { timeMs: 1_435_781_430_781, text: "1435781430.781" },
  { timeMs: 1_435_781_430_100, text: "1435781430.100" },
  { timeMs: 1000, text: "1" },
  { timeMs: -1500, text: "-1.500" },
])("writes the timestamp $text", ({ timeMs, text }) => {
  expect(timestampText(timeMs)).toBe(text);
});

test("writes Go's zero time where there is none", () => {
  expect(rfc3339Text(null)).toBe("0001-01-01T00:00:00Z");
});

import { expect, test } from "vitest";
import { goDurationText, goTimeText } from "./go-text.ts";

test.each([
  [7_200_000, "2h0m0s"],
  [7_140_001, "1h59m0.001s"],
  [90_000, "1m30s"],
  [1500, "1.5s"],
  [12, "12ms"],
  [0, "0s"],
  [-7_200_000, "-2h0m0s"],
])("%d ms is %s", (durationMs, text) => {
  expect(goDurationText(durationMs)).toBe(text);
});

test("a time is whole seconds of UTC", () => {
  expect(goTimeText(1_767_600_000_999)).toBe("2026-01-05 08:00:00 +0000 UTC");
  expect(goTimeText(-1)).toBe("1969-12-31 23:59:59 +0000 UTC");
});

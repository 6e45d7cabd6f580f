import type { CheckedAlertAnswer, CheckReportFile } from "@tatou/api";
import { expect, test } from "vitest";
import { scaleSeconds, summaryOf } from "./check-report.ts";

const alert: CheckedAlertAnswer = {
  name: "A",
  file: "r.yml",
  line: 1,
  dead: null,
  unheard: null,
  parts: [],
  totalSeconds: 90,
  budgetSeconds: 120,
};
const finding = {
  code: "x",
  title: "x",
  severity: "info",
  file: "r.yml",
  line: 1,
  column: 1,
  message: "",
  hint: "",
} as const;

function report(part: Partial<CheckReportFile>): CheckReportFile {
  return { checkedAt: "2026-01-01T00:00:00Z", path: ".", findings: [], alerts: [alert], ...part };
}

test.each([
  { part: {}, text: "1 alerts can fire and reach somebody; no finding" },
  { part: { findings: [finding] }, text: "1 alerts can fire and reach somebody; no finding" },
  {
    part: { findings: [{ ...finding, severity: "error" as const }] },
    text: "1 alerts can fire and reach somebody; 1 finding",
  },
  { part: { alerts: [alert, { ...alert, dead: "x", unheard: "y" }] }, text: "1 of 2 alerts cannot fire; no finding" },
  { part: { alerts: [{ ...alert, unheard: "y" }] }, text: "1 reach nobody; no finding" },
])("$text", ({ part, text }) => {
  expect(summaryOf(report(part))).toBe(text);
});

test("one alert of hours does not make dots of all others", () => {
  const slow = { ...alert, totalSeconds: 20_000, budgetSeconds: 20_000 };
  expect(scaleSeconds([...Array.from({ length: 19 }, () => alert), slow])).toBe(120);
  expect(scaleSeconds([])).toBe(1);
});

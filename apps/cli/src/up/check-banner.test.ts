import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { bannerLine } from "./check-banner.ts";

const alert = {
  name: "A",
  file: "r.yml",
  line: 1,
  dead: null,
  unheard: null,
  parts: [],
  totalSeconds: 1,
  budgetSeconds: null,
};
const dead = { ...alert, dead: "it has no data", unheard: "it goes nowhere" };
const finding = { code: "x", title: "x", file: "r.yml", line: 1, column: 1, message: "", hint: "" };
const error = { ...finding, severity: "error" } as const;

test.each([
  { alerts: [alert, alert], findings: [], line: "check: 2 alerts can fire and reach somebody; no finding" },
  { alerts: [alert, dead], findings: [error], line: "check: 1 alarm cannot fire - ./tatou check ." },
  {
    alerts: [dead, dead, { ...alert, unheard: "x" }],
    findings: [error],
    line: "check: 2 alarms cannot fire, 1 alarm reaches nobody - ./tatou check .",
  },
  { alerts: [alert], findings: [error], line: "check: 1 finding - ./tatou check ." },
  {
    alerts: [alert],
    findings: [{ ...finding, severity: "info" } as const],
    line: "check: 1 alert can fire and reach somebody; no finding",
  },
])("$line", ({ alerts, findings, line }) => {
  expect(stripVTControlCharacters(bannerLine({ alerts, findings })).trim()).toBe(line);
});

import type { AlertVerdict, CheckReport, Finding } from "@tatou/assurance";
import { expect, test } from "vitest";
import { changeLines } from "./report-changes.ts";

function verdict(part: Partial<AlertVerdict> & { readonly line?: number } = {}): AlertVerdict {
  const { line = 1, ...rest } = part;
  const position = { file: "rules.yml", line, column: 9 };
  return { alert: "A", group: "g", position, dead: null, unheard: null, ...rest };
}

function report(alerts: readonly AlertVerdict[], findings: readonly Finding[] = []): CheckReport {
  const counts = { sources: 1, metrics: 1, alerts: alerts.length, recordingRules: 0, panels: 0, tests: 0 };
  return { alerts, findings, times: [], counts };
}

const dead = { dead: "x_total has no data: nothing produces it" };

test("of two alerts of one name, the one that was dead before is not said again", () => {
  const first = report([verdict(dead), verdict({ line: 5 })]);
  expect(changeLines(first, report([verdict(dead), verdict({ line: 6 })]))).toEqual([]);
  expect(changeLines(first, report([verdict(dead), verdict({ line: 5, ...dead })]))).toEqual([
    "+ rules.yml:5:9 A can no longer fire: x_total has no data: nothing produces it",
  ]);
});

test("each stays who it is when their order, group or file changes", () => {
  const other = { group: "h", line: 9 };
  expect(
    changeLines(report([verdict(dead), verdict(other)]), report([verdict(other), verdict({ ...dead, line: 20 })])),
  ).toEqual([]);
  const moved = verdict({ ...dead, position: { file: "more.yml", line: 1, column: 9 } });
  expect(changeLines(report([verdict(dead)]), report([moved]))).toEqual([]);
});

test("an alert that was deleted is named, also when another of its name stays", () => {
  expect(changeLines(report([verdict({ alert: "B" }), verdict({ line: 7 })]), report([verdict()]))).toEqual([
    "- rules.yml:1:9 B is gone",
  ]);
  expect(changeLines(report([verdict(), verdict({ line: 7, ...dead })]), report([verdict(dead)]))).toEqual([
    "- rules.yml:1:9 A is gone",
  ]);
});

test("a file that no longer reads says so itself, and names none of its alerts", () => {
  const unread: Finding = {
    code: "config_invalid",
    severity: "error",
    position: { file: "rules.yml", line: 3, column: 1 },
    message: "Cannot read rules.yml: bad indentation",
    hint: "Correct the file",
  };
  expect(changeLines(report([verdict()]), report([], [unread]))).toEqual([
    "+ rules.yml:3:1 Cannot read rules.yml: bad indentation  Correct the file",
  ]);
});

import { formatDiagnostic, formatDurationMs } from "@tatou/model";
import type { RuleTestFailure, RuleTestFileReport, RuleTestReport } from "@tatou/rules";
import { failureLines } from "./failure-lines.ts";

/** JUnit XML as promtool writes it: a suite per file, a case per test; a file that cannot be tested is an error. */
export function junitText(reports: readonly RuleTestFileReport[], now: Date): string {
  const timestamp = now.toISOString().slice(0, "2026-01-31T12:00:00".length);
  const suites = reports.flatMap((report) => suiteLines(report, timestamp));
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

function suiteLines({ file, problems, tests }: RuleTestFileReport, timestamp: string): readonly string[] {
  const failureCount = tests.reduce((count, { failures }) => count + failures.length, 0);
  const counts = `tests="${tests.length}" failures="${failureCount}" errors="${problems.length}"`;
  return [
    `  <testsuite name="${escaped(file)}" ${counts} skipped="0" timestamp="${timestamp}">`,
    ...problems.map((problem) => `    <testcase name="">${element("error", formatDiagnostic(problem))}</testcase>`),
    ...tests.map(caseLine),
    "  </testsuite>",
  ];
}

function caseLine({ name, failures }: RuleTestReport): string {
  const open = `    <testcase name="${escaped(name)}"`;
  if (failures.length === 0) return `${open}/>`;
  return `${open}>${failures.map((failure) => element("failure", failureText(failure))).join("")}</testcase>`;
}

function failureText(failure: RuleTestFailure): string {
  if (failure.kind === "error") return formatDiagnostic(failure.diagnostic);
  const { expected, got } = failureLines(failure);
  const what = failure.kind === "alerts" ? `alert ${failure.alertname}` : failure.expr;
  return [
    `${what} at ${formatDurationMs(failure.evalTimeMs)}`,
    `expected: ${expected.join("\n") || "nothing"}`,
    `got: ${got.join("\n") || "nothing"}`,
  ].join("\n");
}

function element(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** For XML. Characters that it may not hold become the sign for one that is not known. */
export function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character]!);
}

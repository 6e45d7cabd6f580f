import { formatDiagnostic, formatDurationMs, type SourcePosition } from "@tatou/model";
import type { RuleTestFailure, RuleTestFileReport, RuleTestReport } from "@tatou/rules";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";
import { type FailureLines, failureLines } from "./failure-lines.ts";
import { hasFailed } from "./has-failed.ts";
import { type DiffLine, lineDiff } from "./line-diff.ts";

export interface ReportStyle {
  /** Whether failures are shown line by line instead of one text below the other. */
  readonly isDiff: boolean;
}

/** What came of one file, for people. */
export function fileText(report: RuleTestFileReport, style: ReportStyle): string {
  const lines = [
    colors.bold(report.file),
    ...report.warnings.map((warning) => `  ${colors.yellow("!")} ${indented(formatDiagnostic(warning), 4)}`),
    ...report.problems.map((problem) => `  ${colors.red("✗")} ${indented(formatDiagnostic(problem), 4)}`),
    ...report.tests.flatMap((test) => testLines(test, style)),
  ];
  if (report.tests.length === 0 && report.problems.length === 0) lines.push(colors.dim("  no test was run"));
  return `${lines.join("\n")}\n\n`;
}

function testLines(test: RuleTestReport, style: ReportStyle): readonly string[] {
  const isGood = test.failures.length === 0;
  const checks = colors.dim(plural(test.checkCount, "check"));
  return [
    `  ${isGood ? colors.green("✓") : colors.red("✗")} ${test.name}  ${checks}`,
    ...test.failures.flatMap((failure) => failureText(failure, style)),
  ];
}

function failureText(failure: RuleTestFailure, style: ReportStyle): readonly string[] {
  if (failure.kind === "error") return [`      ${indented(formatDiagnostic(failure.diagnostic), 6)}`];
  const what = failure.kind === "alerts" ? `alert ${failure.alertname}` : failure.expr;
  const title = `${indented(what.trim(), 6)} at ${formatDurationMs(failure.evalTimeMs)}`;
  const lines = failureLines(failure);
  return [
    `      ${title}  ${colors.dim(place(failure.position))}`,
    ...(style.isDiff ? diffLines(lines) : comparedLines(lines)),
    ...(expectsNaN(failure) ? [`        ${colors.dim(nanHint)}`] : []),
  ];
}

const nanHint = "NaN equals nothing, itself included: test for it with an expression such as x != x";

function expectsNaN(failure: RuleTestFailure): boolean {
  return failure.kind === "samples" && failure.expected.some(({ value }) => Number.isNaN(value));
}

/** One below the other; what the other one has not is coloured. */
function comparedLines({ expected, got }: FailureLines): readonly string[] {
  const inExpected = new Set(expected);
  const inGot = new Set(got);
  return [
    ...block("expected", expected, (line) => (inGot.has(line) ? line : colors.green(line))),
    ...block("got", got, (line) => (inExpected.has(line) ? line : colors.red(line))),
  ];
}

function block(name: string, lines: readonly string[], paint: (line: string) => string): readonly string[] {
  const shown = lines.length === 0 ? ["nothing"] : lines;
  return shown.map((line, index) => `        ${(index === 0 ? name : "").padEnd(8)}  ${paint(line)}`);
}

const diffMarks: Readonly<Record<DiffLine["kind"], (text: string) => string>> = {
  same: (text) => `  ${text}`,
  missing: (text) => colors.green(`- ${text}`),
  extra: (text) => colors.red(`+ ${text}`),
};

function diffLines({ expected, got }: FailureLines): readonly string[] {
  return lineDiff(expected, got).map(({ kind, text }) => `        ${diffMarks[kind](text)}`);
}

/** The last lines of the report. */
export function summaryText(reports: readonly RuleTestFileReport[]): string {
  const tests = reports.flatMap((report) => report.tests);
  const failedCount = tests.filter(({ failures }) => failures.length > 0).length;
  const unreadableCount = reports.filter(({ problems }) => problems.length > 0).length;
  const checkCount = tests.reduce((count, test) => count + test.checkCount, 0);
  const parts = [`${tests.length - failedCount} passed`];
  if (failedCount > 0) parts.push(`${failedCount} failed`);
  if (unreadableCount > 0) parts.push(`${plural(unreadableCount, "file")} could not be tested`);
  const paint = reports.some(hasFailed) ? colors.red : colors.green;
  const what = `${plural(tests.length, "test")}, ${plural(checkCount, "check")} in ${plural(reports.length, "file")}`;
  return `${paint(`${what}: ${parts.join(", ")}`)}\n`;
}

/** All samples of all tests of a file. */
export function debugText(report: RuleTestFileReport): string {
  return report.tests
    .map(({ name, samples }) => [`DEBUG: all samples at the end of test ${name}:`, ...samples, ""].join("\n"))
    .join("\n");
}

function place({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

function indented(text: string, width: number): string {
  return text.replaceAll("\n", `\n${" ".repeat(width)}`);
}

import type { AlertOutcome, DrillReport } from "@tatou/assurance";
import { escaped } from "../test-rules/junit-text.ts";
import { secondsText, verdictName, verdictReason } from "./drill-texts.ts";

/** JUnit XML: a suite per clock, a case per drill; one that could not run is an error, any other verdict a failure. */
export function drillJunit(reports: readonly DrillReport[], now: Date): string {
  const timestamp = now.toISOString().slice(0, "2026-01-31T12:00:00".length);
  const suites = (["virtual", "real"] as const).flatMap((clock) => {
    const own = reports.filter((report) => report.clock === clock);
    return own.length === 0 ? [] : suiteLines(`tatou drill, ${clock} time`, own, timestamp);
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

function suiteLines(name: string, reports: readonly DrillReport[], timestamp: string): readonly string[] {
  const errorCount = reports.filter(({ verdict }) => verdict.kind === "cannot_run").length;
  const failureCount = reports.filter(({ verdict }) => verdict.kind !== "pass").length - errorCount;
  const seconds = reports.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const counts = `tests="${reports.length}" failures="${failureCount}" errors="${errorCount}" skipped="0"`;
  return [
    `  <testsuite name="${escaped(name)}" ${counts} time="${seconds}" timestamp="${timestamp}">`,
    ...reports.map(caseText),
    "  </testsuite>",
  ];
}

function caseText(report: DrillReport): string {
  const { drill, name, kind, durationMs, verdict } = report;
  const attributes = `name="${escaped(`${drill} ${name}`)}" classname="${kind}" time="${durationMs / 1000}"`;
  if (verdict.kind === "pass") return `    <testcase ${attributes}/>`;
  const element = verdict.kind === "cannot_run" ? "error" : "failure";
  const message = `${verdictName(verdict)} ${verdictReason(report)}`;
  const text = report.outcomes.flatMap(outcomeLines).join("\n");
  const open = `<${element} type="${verdict.kind}" message="${escaped(message)}">`;
  return `    <testcase ${attributes}>${open}${escaped(text)}</${element}></testcase>`;
}

function outcomeLines({ alert, stages }: AlertOutcome): readonly string[] {
  return [alert, ...stages.map(({ stage, afterMs, detail }) => `${secondsText(afterMs)} ${stage}: ${detail}`)];
}

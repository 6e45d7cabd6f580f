import { formatLabels, labelsToObject } from "@tatou/model";
import type { RuleTestFailure, RuleTestFileReport, RuleUse, TestAlert, TestSample } from "@tatou/rules";
import { unfired, unread } from "./coverage-text.ts";
import { numberText } from "./failure-lines.ts";
import { hasFailed } from "./has-failed.ts";

/** The report as data: what `tatou test rules --json` prints. Values are texts, as JSON has no NaN and no infinities. */
export function reportJson(reports: readonly RuleTestFileReport[], uses: readonly RuleUse[]) {
  return {
    passed: !reports.some(hasFailed),
    files: reports.map((report) => ({
      file: report.file,
      passed: !hasFailed(report),
      problems: report.problems,
      warnings: report.warnings,
      tests: report.tests.map(({ name, position, checkCount, failures }) => ({
        name,
        passed: failures.length === 0,
        position,
        checks: checkCount,
        failures: failures.map(failureJson),
      })),
    })),
    coverage: {
      rules: uses.length,
      alerts: uses.filter(({ kind }) => kind === "alerting").length,
      notFired: unfired(uses).map(useJson),
      notRead: unread(uses).map(useJson),
    },
  };
}

function failureJson(failure: RuleTestFailure) {
  switch (failure.kind) {
    case "error":
      return failure;
    case "alerts":
      return { ...failure, expected: failure.expected.map(alertJson), got: failure.got.map(alertJson) };
    case "samples":
      return { ...failure, expected: failure.expected.map(sampleJson), got: failure.got.map(sampleJson) };
  }
}

function alertJson({ labels, annotations }: TestAlert) {
  return { labels: labelsToObject(labels), annotations: labelsToObject(annotations) };
}

function sampleJson({ labels, value, histogram }: TestSample) {
  return { series: formatLabels(labels), value: histogram === "" ? numberText(value) : histogram };
}

function useJson({ kind, name, group, position }: RuleUse) {
  return { kind, name, group, position };
}

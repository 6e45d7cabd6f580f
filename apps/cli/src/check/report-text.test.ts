import type { CheckReport, Finding } from "@tatou/assurance";
import { expect, test } from "vitest";
import { checkText } from "./report-text.ts";
import { sarifReport } from "./sarif.ts";

const finding: Finding = {
  code: "metric_unknown",
  severity: "error",
  position: { file: "rules.yml", line: 3, column: 9 },
  message: "alert A reads x_total, which nothing produces",
  hint: "Export the metric",
};
const report: CheckReport = {
  findings: [finding, { ...finding, code: "metric_unread", severity: "info", message: "No rule reads y_total" }],
  times: [
    {
      alert: "A",
      rampMs: 0,
      scrapeMs: 10_000,
      evaluationMs: 15_000,
      forMs: 60_000,
      groupWaitMs: 5_000,
      deliveryMs: 5_000,
      totalMs: 95_000,
      budgetMs: 90_000,
    },
  ],
  alerts: [],
  counts: { sources: 1, metrics: 2, alerts: 1, recordingRules: 0, panels: 2, tests: 3 },
};

test("findings stand under their file, and what is only worth knowing is counted", () => {
  expect(checkText(report, { isVerbose: false })).toBe(`rules.yml
  ✗ 3:9     alert A reads x_total, which nothing produces  metric_unknown
            Export the metric

Checked 2 metrics in 1 source file, 1 alert, 0 recording rules, 2 panel queries, 3 rule tests
1 finding: 1 error, 0 warnings (and 1 worth knowing: --verbose)
`);
});

test("with everything shown, each alert has its time to detect", () => {
  const lines = checkText(report, { isVerbose: true }).split("\n");
  expect(lines).toContain("  · 3:9     No rule reads y_total  metric_unread");
  expect(lines).toContain("time to detect  ramp  scrape  rules  for  wait  total  budget");
  expect(lines).toContain("A                 0s     10s    15s   1m    5s  1m35s   1m30s");
});

test("SARIF names rule, level and place", () => {
  expect(sarifReport(report)).toMatchObject({
    version: "2.1.0",
    runs: [
      {
        results: [
          {
            ruleId: "metric_unknown",
            level: "error",
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: "rules.yml" }, region: { startLine: 3, startColumn: 9 } },
              },
            ],
          },
          { ruleId: "metric_unread", level: "note" },
        ],
      },
    ],
  });
});

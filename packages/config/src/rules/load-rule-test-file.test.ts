import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { loadRuleTestFile } from "./load-rule-test-file.ts";

const file = "tests/t.yml";

function faultsOf(text: string): readonly string[] {
  try {
    loadRuleTestFile(text, file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map(({ message, position }) => `${position?.line}:${position?.column} ${message}`);
  }
}

test("reads tests with their defaults and places", () => {
  const text = [
    "rule_files: [../rules/*.yml]",
    "evaluation_interval: 30s",
    "group_eval_order: [a, b]",
    "fuzzy_compare: true",
    "tests:",
    "  - name: first",
    "    input_series:",
    "      - series: up",
    "        values: 1",
    "    alert_rule_test:",
    "      - eval_time: 0",
    "        alertname: Down",
    "        exp_alerts:",
    "          - exp_labels: { code: 007, none: '' }",
    "          -",
    "    promql_expr_test:",
    '      - expr: "up"',
    "        exp_samples:",
    "          - value: -.inf",
    "          - { labels: up, histogram: '{{count:1}}' }",
    "    external_labels: { site: lab }",
    "    external_url: http://x",
    "    start_timestamp: 1.5",
    "  -",
  ].join("\n");
  const empty = { inputSeries: [], alertTests: [], exprTests: [], externalLabels: {}, externalUrl: "" };
  expect(loadRuleTestFile(text, file)).toEqual({
    file,
    ruleFiles: [{ pattern: "rules/*.yml", position: { file, line: 1, column: 14 } }],
    evaluationIntervalMs: 30_000,
    groupEvalOrder: ["a", "b"],
    fuzzyCompare: true,
    tests: [
      {
        name: "first",
        position: { file, line: 6, column: 5 },
        intervalMs: 30_000,
        startMs: 1500,
        inputSeries: [{ series: "up", values: "1", position: { file, line: 8, column: 9 } }],
        alertTests: [
          {
            position: { file, line: 11, column: 9 },
            evalTimeMs: 0,
            alertname: "Down",
            expectedAlerts: [
              { labels: { code: "007", none: "" }, annotations: {} },
              { labels: {}, annotations: {} },
            ],
          },
        ],
        exprTests: [
          {
            position: { file, line: 17, column: 9 },
            expr: { text: "up", position: { file, line: 17, column: 16 } },
            evalTimeMs: 0,
            expectedSamples: [
              { position: { file, line: 19, column: 13 }, labels: "", value: Number.NEGATIVE_INFINITY, histogram: "" },
              { position: { file, line: 20, column: 13 }, labels: "up", value: 0, histogram: "{{count:1}}" },
            ],
          },
        ],
        externalLabels: { site: "lab" },
        externalUrl: "http://x",
      },
      expect.objectContaining({ name: "", intervalMs: 30_000, startMs: 0, ...empty }),
    ],
  });
});

test("an empty file has no tests", () => {
  expect(loadRuleTestFile("", file)).toMatchObject({ tests: [], evaluationIntervalMs: 60_000, fuzzyCompare: false });
});

test.each([
  { written: "2026-01-31T12:00:00Z", startMs: 1_769_860_800_000 },
  { written: "2026-01-31T13:00:00.0019+01:00", startMs: 1_769_860_800_001 },
  { written: "1609459200", startMs: 1_609_459_200_000 },
])("a test may start at $written", ({ written, startMs }) => {
  expect(loadRuleTestFile(`tests: [{ start_timestamp: "${written}" }]`, file).tests[0]?.startMs).toBe(startMs);
});

test.each([
  { text: "tests: [{ intervall: 1m }]", fault: "1:11 Cannot load tests[0]: field intervall not found" },
  { text: "groups: []", fault: "1:1 Cannot load tests/t.yml: field groups not found" },
  { text: "group_eval_order: [a, b, a]", fault: "1:26 Cannot load group_eval_order[2]: group name repeated" },
  { text: "evaluation_interval: 1x", fault: '1:22 Cannot load evaluation_interval: not a valid duration string: "1x"' },
  { text: "tests: 3", fault: '1:8 Cannot load tests: found "3", expected a list' },
  {
    text: 'tests: [{ promql_expr_test: [{ exp_samples: [{ value: "1" }] }] }]',
    fault: '1:55 Cannot load tests[0].promql_expr_test[0].exp_samples[0].value: found "1", expected a number',
  },
  {
    text: "tests: [{ start_timestamp: 2026-02-30T00:00:00Z }]",
    fault: '1:28 Cannot load tests[0].start_timestamp: cannot parse "2026-02-30T00:00:00Z"',
  },
  {
    text: "tests: [{ start_timestamp: soon }]",
    fault: '1:28 Cannot load tests[0].start_timestamp: cannot parse "soon"',
  },
])("refuses $text", ({ text, fault }) => {
  expect(faultsOf(text)).toEqual([expect.stringContaining(fault)]);
});

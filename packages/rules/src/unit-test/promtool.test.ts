/** The same generated files of tests through ours and through Debian's promtool: the same checks must fail. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatDurationMs, formatLabels, labelsToObject } from "@tatou/model";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { RuleTestFailure, RuleTestFileReport } from "./rule-test-report.ts";
import { runRuleTests } from "./run-rule-tests.ts";

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
console.log(hasPromtool ? "promtool: compared" : "promtool: absent");

const folder = mkdtempSync(join(tmpdir(), "tatou-rule-tests-"));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * What 2.42 and 3.14 see differently is left out: samples exactly as old as a window or the lookback, tests without an interval,
 * native histograms, fuzzy comparison.
 */
const values = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.integer({ min: -3, max: 9 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 }))
        .map(([first, step, times]) => `${first}+${step}x${times}`),
      fc.integer({ min: 0, max: 9 }).map(String),
      fc.constantFrom("_", "_x2", "stale", "0x3", "5-2x2", "NaN", "Inf", "1e2", "0.1"),
    ),
    { minLength: 2, maxLength: 6 },
  )
  .map((items) => `1 1 ${items.join(" ")}`);

const inputSeries = fc.uniqueArray(
  fc.record({
    series: fc.constantFrom(
      'm{job="a",i="1"}',
      'm{job="a",i="2"}',
      'm{job="b",i="1"}',
      'n{job="a",i="1"}',
      'n{job="b"}',
    ),
    values,
  }),
  { minLength: 1, maxLength: 5, selector: ({ series }) => series },
);

const exprs = [
  "m > 2",
  "sum by (job) (m)",
  "rate(m[2m5s500ms]) > 0",
  "m / on (job, i) n",
  "sum_over_time(m[3m7s500ms:]) >= 1",
  "absent(n)",
  "job:m:sum > 3",
  "max_over_time(m[4m3s500ms])",
  "changes(m[5m1s500ms]) > 1 or n == 0",
  "count(ALERTS) by (alertname, alertstate)",
  "m offset -1m",
  "scalar(sum(n)) + 1",
  "quantile by (job) (0.3, m)",
  "m / 3",
];

const annotations = {
  summary: "{{ $labels.i }} of {{ $labels.job }} is {{ $value | humanize }} at {{ $externalLabels.site }}",
  empty: "{{ if gt $value 1e9 }}never{{ end }}",
};

const alertRule = fc.record({
  alert: fc.constantFrom("High", "Low", "Odd"),
  expr: fc.constantFrom(...exprs.slice(0, 9)),
  for: fc.constantFrom("0s", "1m", "150s"),
  keep_firing_for: fc.constantFrom("0s", "2m"),
  labels: fc.constantFrom({}, { severity: "page" }, { job: "{{ $labels.job }}-x", none: "" }),
  annotations: fc.constantFrom({}, annotations),
});

const ruleFile = fc.array(alertRule, { minLength: 1, maxLength: 3 }).map((alerts) => ({
  groups: [
    { name: "records", rules: [{ record: "job:m:sum", expr: "sum by (job) (m)", labels: { by: "rule" } }] },
    { name: "alerts", rules: alerts },
  ],
}));

const seconds = fc.integer({ min: 0, max: 900 }).map((count) => `${count}s`);

const testFile = fc.record({
  rule_files: fc.constant(["rules.yml"]),
  evaluation_interval: fc.constantFrom("1m", "30s", "90s"),
  group_eval_order: fc.constantFrom(["records", "alerts"], ["alerts", "records"]),
  tests: fc.tuple(
    fc.record({
      interval: fc.constantFrom("59s3ms", "47s7ms"),
      input_series: inputSeries,
      external_labels: fc.constant({ site: "lab" }),
      alert_rule_test: fc.uniqueArray(
        fc.record({ eval_time: seconds, alertname: fc.constantFrom("High", "Low", "Odd", "Absent") }),
        { minLength: 3, maxLength: 8, selector: ({ eval_time, alertname }) => eval_time + alertname },
      ),
      promql_expr_test: fc.uniqueArray(fc.record({ eval_time: seconds, expr: fc.constantFrom(...exprs) }), {
        minLength: 3,
        maxLength: 8,
        selector: ({ eval_time, expr }) => eval_time + expr,
      }),
    }),
  ),
});
type TestFile = typeof testFile extends fc.Arbitrary<infer Value> ? Value : never;

const files = {
  glob: (pattern: string) => [pattern],
  read: (path: string) => readFileSync(path, "utf8"),
};

async function runOurs(content: unknown): Promise<RuleTestFileReport> {
  const path = join(folder, "t.test.yml");
  const text = JSON.stringify(content, null, 1);
  writeFileSync(path, text);
  return await runRuleTests(text, path, { files });
}

type Check = Exclude<RuleTestFailure, { readonly kind: "error" }>;

/** As promtool's output names a check that failed. */
function nameOf(failure: RuleTestFailure): string {
  if (failure.kind === "error") return "error";
  const what = failure.kind === "alerts" ? failure.alertname : failure.expr;
  return `${what} ${formatDurationMs(failure.evalTimeMs)}`;
}

/** What comes of a file when every third expectation is wrong, and the others are what we got. */
async function withExpectations({ tests: [only], ...rest }: TestFile): Promise<unknown> {
  const asked = { ...rest, tests: [only] };
  const report = await runOurs(asked);
  const failures = report.tests[0]?.failures ?? [];
  const got = new Map(failures.flatMap((failure) => (failure.kind === "error" ? [] : [[nameOf(failure), failure]])));
  const found = (what: string, evalTime: string): Check["got"] =>
    got.get(`${what} ${formatDurationMs(Number.parseInt(evalTime, 10) * 1000)}`)?.got ?? [];
  const alertTests = only.alert_rule_test.map((one, index) => {
    const alerts = found(one.alertname, one.eval_time).map((alert) => ({
      exp_labels: labelsToObject(alert.labels),
      exp_annotations: "annotations" in alert ? labelsToObject(alert.annotations) : {},
    }));
    return { ...one, exp_alerts: index % 3 === 2 ? [...alerts, { exp_labels: { odd: "1" } }] : alerts };
  });
  const exprTests = only.promql_expr_test.map((one, index) => {
    const samples = found(one.expr, one.eval_time).map((sample) => ({
      labels: formatLabels(sample.labels),
      value: "value" in sample ? sample.value + (index % 3 === 2 ? 1e-9 : 0) : 0,
    }));
    return { ...one, exp_samples: samples };
  });
  return { ...rest, tests: [{ ...only, alert_rule_test: alertTests, promql_expr_test: exprTests }] };
}

/** JSON has no words for these, YAML has. */
function yamlText(content: unknown): string {
  const named = (_: string, value: unknown): unknown => {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    return Number.isNaN(value) ? "@.nan@" : value > 0 ? "@.inf@" : "@-.inf@";
  };
  return JSON.stringify(content, named, 1).replace(/"@(.*?)@"/g, "$1");
}

test.skipIf(!hasPromtool)("fails the same checks as promtool", { timeout: 120_000 }, async () => {
  let failedCount = 0;
  let checkCount = 0;
  for (const [rules, content] of fc.sample(fc.tuple(ruleFile, testFile), { numRuns: 24, seed: 2026 })) {
    writeFileSync(join(folder, "rules.yml"), JSON.stringify(rules));
    const text = yamlText(await withExpectations(content));
    const path = join(folder, "t.test.yml");
    writeFileSync(path, text);
    const report = await runRuleTests(text, path, { files });
    expect(report.problems).toEqual([]);
    const ours = report.tests.flatMap(({ failures }) => failures.map(nameOf));
    const promtool = spawnSync("promtool", ["test", "rules", path], { encoding: "utf8" });
    const theirs = [...promtool.stderr.matchAll(/(?:alertname: (\w+)|expr: "(.*?)"), time: (\w+),|(err: )/g)].map(
      ([, alertname, expr, time, error]) => (error === undefined ? `${alertname ?? expr} ${time}` : "error"),
    );
    expect(ours.sort(), `${JSON.stringify(rules)}\n${text}\n${promtool.stderr}`).toEqual(theirs.sort());
    expect(ours.length > 0 ? 1 : 0).toBe(promtool.status);
    checkCount += report.tests[0]?.checkCount ?? 0;
    failedCount += ours.length;
  }
  console.log(`promtool: 24 generated files, ${checkCount} checks, ${failedCount} of them failed in both`);
  expect(failedCount).toBeGreaterThan(20);
  expect(checkCount - failedCount).toBeGreaterThan(100);
});

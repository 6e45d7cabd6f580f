import { compileSearchRegex, labelsToObject } from "@tatou/model";
import { expect, test } from "vitest";
import type { RuleTestFailure } from "./rule-test-report.ts";
import { type RunRuleTestsOptions, runRuleTests } from "./run-rule-tests.ts";

const rules = `
groups:
  - name: records
    rules:
      - { record: "job:m:sum", expr: sum by (job) (m) }
      - { record: "unused:sum", expr: sum(n) }
  - name: alerts
    rules:
      - alert: High
        expr: job:m:sum > 5
        for: 2m
        labels: { severity: page }
        annotations: { summary: "{{ $labels.job }}: {{ $value }}", url: "{{ $externalURL }}", empty: "{{ with 0 }}x{{ end }}" }
      - { alert: Other, expr: n > 100 }
`;

async function run(text: string, options: Partial<RunRuleTestsOptions> & { readonly rules?: string } = {}) {
  const files = {
    glob: (pattern: string) => (pattern === "absent.yml" ? [] : [pattern]),
    read: () => options.rules ?? rules,
  };
  return await runRuleTests(text, "t.test.yml", { files, ...options });
}

/** The failures of a file with one test, whose keys besides its series are given. */
async function failuresOf(keys: string, options: Partial<RunRuleTestsOptions> & { readonly rules?: string } = {}) {
  const text = `
rule_files: [r.yml]
tests:
  - interval: 1m
    external_url: http://here
    input_series:
      - { series: 'm{job="a"}', values: "3 6x4 1x10" }
    ${keys.trim().replaceAll("\n", "\n    ")}
`;
  const { problems, tests } = await run(text, options);
  expect(problems).toEqual([]);
  return tests[0]!.failures.map(failureText);
}

function failureText(failure: RuleTestFailure): string {
  if (failure.kind === "error") return `${failure.diagnostic.code}: ${failure.diagnostic.message}`;
  const texts = (items: typeof failure.expected): string =>
    items
      .map((item) =>
        "annotations" in item
          ? JSON.stringify([labelsToObject(item.labels), labelsToObject(item.annotations)])
          : JSON.stringify([labelsToObject(item.labels), item.histogram || item.value]),
      )
      .join(" ");
  return `expected ${texts(failure.expected) || "nothing"}, got ${texts(failure.got) || "nothing"}`;
}

const highAlert = `{ exp_labels: { job: a, severity: page }, exp_annotations: { summary: "a: 6", url: "http://here", empty: "" } }`;

test.each([
  { at: "2m59s", alerts: "[]", failures: [] },
  { at: "3m", alerts: `[${highAlert}]`, failures: [] },
  // Of the evaluation before.
  { at: "5m59s", alerts: `[${highAlert}]`, failures: [] },
  { at: "6m", alerts: "[]", failures: [] },
  {
    at: "3m",
    alerts: "[]",
    failures: [
      'expected nothing, got [{"alertname":"High","job":"a","severity":"page"},{"empty":"","summary":"a: 6","url":"http://here"}]',
    ],
  },
  { at: "1m", alerts: "[{}]", failures: ['expected [{"alertname":"High"},{}], got nothing'] },
])("alerts at $at, expected $alerts", async ({ at, alerts, failures }) => {
  const key = `alert_rule_test: [{ eval_time: ${at}, alertname: High, exp_alerts: ${alerts} }]`;
  expect(await failuresOf(key)).toEqual(failures);
});

test.each([
  { expr: "job:m:sum", samples: `[{ labels: 'job:m:sum{job="a"}', value: 6 }]`, failures: [] },
  { expr: "sum(m)", samples: "[{ value: 6 }]", failures: [] },
  { expr: "m > 6", samples: "[]", failures: [] },
  { expr: "m * Inf", samples: `[{ labels: '{job="a"}', value: .inf }]`, failures: [] },
  {
    expr: "m",
    samples: `[{ labels: 'm{job="a"}', value: 6.0000001 }]`,
    failures: ['expected [{"__name__":"m","job":"a"},6.0000001], got [{"__name__":"m","job":"a"},6]'],
  },
  {
    expr: "m * NaN",
    samples: `[{ labels: '{job="a"}', value: .nan }]`,
    failures: ['expected [{"job":"a"},null], got [{"job":"a"},null]'],
  },
  {
    expr: "m +",
    samples: "[]",
    failures: [expect.stringContaining('query_syntax: Cannot evaluate "m +" at 3m: 1:4: parse error')],
  },
  { expr: "'text'", samples: "[]", failures: [expect.stringContaining("rule result is not a vector or scalar")] },
  {
    expr: "m",
    samples: "[{ labels: 'm{', value: 6 }]",
    failures: [expect.stringContaining('rule_test_labels: Cannot evaluate "m" at 3m: labels "m{"')],
  },
])("$expr, expected $samples", async ({ expr, samples, failures }) => {
  const key = `promql_expr_test: [{ expr: ${JSON.stringify(expr)}, eval_time: 3m, exp_samples: ${samples} }]`;
  expect(await failuresOf(key)).toEqual(failures);
});

test("samples behind the last evaluation are not seen yet", async () => {
  const text = `
evaluation_interval: 1m
tests:
  - interval: 10s
    input_series: [{ series: m, values: "0+1x20" }]
    promql_expr_test: [{ expr: m, eval_time: 59s, exp_samples: [{ labels: m, value: 0 }] }]
`;
  expect((await run(text)).tests[0]!.failures).toEqual([]);
});

test("neighbouring numbers are equal when the file says so", async () => {
  const text = (isFuzzy: boolean): string => `
fuzzy_compare: ${isFuzzy}
tests:
  - input_series: [{ series: m, values: 2.9999999999999996 }]
    promql_expr_test:
      - { expr: m, eval_time: 0, exp_samples: [{ labels: m, value: 3 }] }
      - { expr: -m, eval_time: 0, exp_samples: [{ value: -3 }] }
`;
  expect((await run(text(true))).tests[0]!.failures).toEqual([]);
  expect((await run(text(false))).tests[0]!.failures).toHaveLength(2);
});

test("time starts where the test says", async () => {
  const text = `
tests:
  - start_timestamp: 2026-01-31T12:00:00Z
    input_series: [{ series: m, values: 1 2 }]
    promql_expr_test:
      - { expr: timestamp(m), eval_time: 1m, exp_samples: [{ value: 1769860860 }] }
      - { expr: hour(), eval_time: 1m, exp_samples: [{ value: 12 }] }
`;
  expect((await run(text)).tests[0]!.failures).toEqual([]);
});

test.each([
  { series: 'm{job="a"', values: "1", message: "Cannot read input series" },
  { series: "m", values: "1 two", message: 'found "two"' },
  { series: "", values: "1", message: "Cannot read input series" },
  { series: "m", values: "1 2\n3", message: "found a line break" },
  { series: "m", values: "1x9999999", message: "Cannot repeat a value 9999999 times" },
])("a series $series with $values fails its test", async ({ series, values, message }) => {
  const text = `tests: [{ input_series: [{ series: ${JSON.stringify(series)}, values: ${JSON.stringify(values)} }] }]`;
  const [failure] = (await run(text)).tests[0]!.failures;
  expect(failure).toMatchObject({
    kind: "error",
    diagnostic: {
      code: "rule_test_series",
      message: expect.stringContaining(message),
      position: { line: 1, column: 26 },
    },
  });
});

test("a line break behind the last series is none", async () => {
  const lines = (last: string): string => `tests:\n  - input_series:\n      - { series: a, values: "1" }\n${last}`;
  expect((await run(lines("      - series: b\n        values: |\n          1 2\n"))).tests[0]!.failures).toEqual([]);
  const later = "      - series: b\n        values: |\n          1 2\n      - { series: c, values: 1 }\n";
  expect((await run(lines(later))).tests[0]!.failures.map(failureText)).toEqual([
    expect.stringContaining("found a line break, where promtool stops"),
  ]);
});

test("a rule that cannot be evaluated ends its test", async () => {
  const failures = await failuresOf("promql_expr_test: [{ expr: m, eval_time: 3m, exp_samples: [] }]", {
    rules: `groups: [{ name: g, rules: [{ record: x, expr: 'm * on () {__name__=~"m|job:m:sum"}' }, { record: m, expr: "vector(1)", labels: { job: a } }] }]`,
  });
  expect(failures).toEqual([
    expect.stringContaining("rule_test_evaluation: Cannot evaluate rule m at 0s: duplicate sample"),
  ]);
});

test("a test that would never end is refused", async () => {
  expect(await failuresOf("promql_expr_test: [{ expr: m, eval_time: 200y, exp_samples: [] }]")).toEqual([
    expect.stringContaining("rule_test_limit"),
  ]);
});

test("an alert test needs a name", async () => {
  expect(await failuresOf("alert_rule_test: [{ eval_time: 3m }]")).toEqual([
    "rule_test_alertname: an item under alert_rule_test misses required attribute alertname at eval_time 3m",
  ]);
});

test("groups are evaluated in the order that the file asks for", async () => {
  const late = await run(`
rule_files: [r.yml]
group_eval_order: [alerts, records]
tests:
  - input_series: [{ series: 'm{job="a"}', values: 6x9 }]
    alert_rule_test: [{ eval_time: 2m, alertname: High, exp_alerts: [] }]
`);
  expect(late.tests[0]!.failures).toEqual([]);
});

test("a filter chooses tests by name", async () => {
  const text = "tests: [{ name: one }, { name: two }, {}]";
  const namesOf = async (filter: string) =>
    (await run(text, { nameFilter: compileSearchRegex(filter) })).tests.map(({ name }) => name);
  expect(await namesOf("t")).toEqual(["two"]);
  expect(await namesOf("^$")).toEqual(["unnamed#2"]);
});

test("rules that cannot be loaded are a problem where there is something to test", async () => {
  const broken = { rules: "groups: [{ name: g, rules: [{ record: x, expr: 'm +' }] }]" };
  expect((await run("rule_files: [r.yml]\ntests: [{}]", broken)).problems).toMatchObject([
    { code: "query_syntax", position: { file: "r.yml", line: 1 } },
  ]);
  expect((await run("rule_files: [r.yml]\ntests: []", broken)).problems).toEqual([]);
});

test("unknown keys are refused in tests, and in rules unless they are to be ignored", async () => {
  expect((await run("tests: [{ intervall: 1m }]")).problems).toMatchObject([
    { message: expect.stringContaining("field intervall not found"), position: { line: 1, column: 11 } },
  ]);
  const extended = { rules: "groups: [{ name: g, owner: me, rules: [{ record: x, expr: m, note: y }] }]" };
  const text = "rule_files: [r.yml]\ntests: [{}]";
  expect((await run(text, extended)).problems).toHaveLength(2);
  expect((await run(text, { ...extended, ignoresUnknownFields: true })).problems).toEqual([]);
});

test("a pattern that finds nothing is a warning", async () => {
  const { warnings, tests } = await run("rule_files: [absent.yml]\ntests: [{}]");
  expect(warnings).toMatchObject([{ code: "rule_file_absent", position: { line: 1, column: 14 } }]);
  expect(tests).toHaveLength(1);
});

test("tells which rules tests read and fire", async () => {
  const { rules: uses } = await run(`
rule_files: [r.yml]
tests:
  - input_series: [{ series: 'm{job="a"}', values: 6x9 }]
    alert_rule_test:
      - { eval_time: 3m, alertname: High, exp_alerts: [${highAlert}] }
      - { eval_time: 3m, alertname: Other, exp_alerts: [] }
`);
  expect(uses.map(({ name, isRead, isFired }) => [name, isRead, isFired])).toEqual([
    // Through the alert that reads it.
    ["job:m:sum", true, false],
    ["unused:sum", false, false],
    ["High", true, true],
    ["Other", true, false],
  ]);
});

const histogramTest = (expr: string, histogram: string, values: string): string => `
tests:
  - input_series: [{ series: h, values: "${values}" }]
    promql_expr_test: [{ expr: "${expr}", eval_time: 2m, exp_samples: [{ labels: h, histogram: "${histogram}" }] }]
`;

test.each([
  { values: "{{count:2 sum:3 buckets:[2]}}", histogram: "{{sum:3 count:2 buckets:[0 2] offset:-1}}" },
  { values: "{{count:2 buckets:[2]}}x2", histogram: "{{count:2 counter_reset_hint:not_reset buckets:[2]}}" },
  {
    values: "{{count:2 buckets:[2]}}+{{count:1 buckets:[1]}}x2",
    histogram: "{{count:4 counter_reset_hint:not_reset buckets:[4]}}",
  },
  { values: "{{count:2 buckets:[2]}} {{count:1 buckets:[1]}}", histogram: "{{count:1 buckets:[1]}}" },
  { values: "{{count:2 counter_reset_hint:gauge}}x2", histogram: "{{count:2 counter_reset_hint:gauge}}" },
])("reads native histograms $values", async ({ values, histogram }) => {
  expect((await run(histogramTest("h", histogram, values))).tests[0]!.failures.map(failureText)).toEqual([]);
  const wrong = histogram.replace("count:", "count:1");
  expect((await run(histogramTest("h", wrong, values))).tests[0]!.failures).toMatchObject([{ kind: "samples" }]);
});

test.each(["rate(h[5m])", "h offset 1m", "histogram_count(h)", "count({__name__=~'.+'})"])(
  "does not calculate with native histograms: %s",
  async (expr) => {
    const text = histogramTest(expr, "{{count:2}}", "{{count:2}}x5");
    expect((await run(text)).tests[0]!.failures).toMatchObject([
      { kind: "error", diagnostic: { code: "native_histogram_not_supported" } },
    ]);
  },
);

test("gives all samples when asked", async () => {
  const text = `
rule_files: [r.yml]
tests: [{ input_series: [{ series: 'm{job="a"}', values: 1 stale }], promql_expr_test: [{ expr: "1", eval_time: 1m, exp_samples: [{ value: 1 }] }] }]
`;
  expect((await run(text, { collectsSamples: true })).tests[0]!.samples).toEqual([
    'job:m:sum{job="a"} => 1 @0, stale @60',
    'm{job="a"} => 1 @0, stale @60',
  ]);
});

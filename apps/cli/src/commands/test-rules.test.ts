import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { testCommand } from "./test-rules.ts";

const folder = mkdtempSync(join(tmpdir(), "tatou-test-rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, "alerts.yml"),
  `groups:
  - name: g
    rules:
      - { alert: Down, expr: up == 0, annotations: { summary: "{{ $labels.job }} <is> down" } }
      - { alert: Quiet, expr: up > 5 }
      - { record: "up:sum", expr: sum(up) }
`,
);

function testFileOf(name: string, summary: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `rule_files: ["*ts.yml"]
tests:
  - name: goes down
    input_series: [{ series: 'up{job="a"}', values: 1 0 }]
    alert_rule_test:
      - eval_time: 1m
        alertname: Down
        exp_alerts: [{ exp_labels: { job: a }, exp_annotations: { summary: ${summary} } }]
  - name: counts
    input_series: [{ series: up, values: 1 }]
    promql_expr_test: [{ expr: "up:sum", eval_time: 0, exp_samples: [{ labels: "up:sum", value: 1 }] }]
`,
  );
  return path;
}

const good = testFileOf("good.test.yml", "a <is> down");
const bad = testFileOf("bad.test.yml", "a is up");

let output = "";
let errors = "";
beforeEach(() => {
  output = "";
  errors = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

async function testRules(...args: string[]): Promise<number> {
  process.exitCode = 0;
  await testCommand().parseAsync(["rules", ...args], { from: "user" });
  return process.exitCode;
}

test("says what passed, and what no test fires or reads", async () => {
  expect(await testRules(good)).toBe(0);
  expect(output).toContain("✓ goes down  1 check");
  expect(output).toContain("2 tests, 2 checks in 1 file: 2 passed");
  expect(output).toContain("No test fires 1 of 2 alerts\n  Quiet");
  expect(output).toContain("No test reads 1 of 3 rules\n  Quiet");
});

test("rules that no test covers fail when that is asked for", async () => {
  expect(await testRules("--require-coverage", good)).toBe(1);
  expect(await testRules("--run", "goes", good)).toBe(0);
  expect(output.split("1 test, 1 check")[1]).not.toContain("No test");
});

test("shows what was expected beside what was got", async () => {
  expect(await testRules(bad, good)).toBe(1);
  expect(output).toContain(`      alert Down at 1m  ${bad}:6:9
        expected  {job="a"}
                    summary: "a is up"
        got       {job="a"}
                    summary: "a <is> down"
`);
  expect(output).toContain("4 tests, 4 checks in 2 files: 3 passed, 1 failed");
});

test("shows it line by line", async () => {
  expect(await testRules("--diff", bad)).toBe(1);
  expect(output).toContain(`          {job="a"}
        -   summary: "a is up"
        +   summary: "a <is> down"
`);
});

test("a file that is not there fails, the others are tested all the same", async () => {
  expect(await testRules(join(folder, "absent.yml"), good)).toBe(1);
  expect(output).toContain("no such file or directory");
  expect(output).toContain("2 tests, 2 checks in 2 files: 2 passed, 1 file could not be tested");
});

test("prints one JSON object", async () => {
  expect(await testRules("--json", bad)).toBe(1);
  expect(JSON.parse(output)).toMatchObject({
    passed: false,
    files: [
      {
        file: bad,
        tests: [
          {
            name: "goes down",
            passed: false,
            failures: [{ kind: "alerts", alertname: "Down", evalTimeMs: 60_000, got: [{ labels: { job: "a" } }] }],
          },
          { name: "counts", passed: true, failures: [] },
        ],
      },
    ],
    coverage: { rules: 3, alerts: 2, notFired: [{ name: "Quiet" }], notRead: [{ name: "Quiet" }] },
  });
});

test("writes JUnit XML", async () => {
  const path = join(folder, "junit.xml");
  expect(await testRules("--junit", path, bad)).toBe(1);
  const xml = readFileSync(path, "utf8");
  expect(xml).toContain('tests="2" failures="1" errors="0"');
  expect(xml).toContain("a &lt;is&gt; down");
  expect(xml).toContain('<testcase name="counts"/>');
  expect(await testRules("--junit", join(folder, "absent/junit.xml"), good)).toBe(1);
  expect(errors).toContain("no such file or directory");
});

test("prints all samples", async () => {
  expect(await testRules("--debug", "--run", "counts", good)).toBe(0);
  expect(errors).toContain("DEBUG: all samples at the end of test counts:\nup => 1 @0\nup:sum => 1 @0\n");
});

test("several patterns are alternatives", async () => {
  expect(await testRules("--run", "^goes", "--run", "counts$", good)).toBe(0);
  expect(output).toContain("2 tests");
});

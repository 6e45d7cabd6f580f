import { expect, test } from "vitest";
import { diffText, fixProject } from "./fix-project.ts";
import type { ProjectFiles } from "./project-files.ts";
import { type CheckReport, runCheck } from "./run-check.ts";
import { memoryFiles } from "./testing/memory-files.ts";

const code = `
import { Counter } from "prom-client";
new Counter({ name: "logins_total", help: "", labelNames: ["outcome"] }).inc({ outcome: "refused" });
`;
const prometheus = `global: { scrape_interval: 10s }
alerting: { alertmanagers: [{ static_configs: [{ targets: ["alerts:9093"] }] }] }
rule_files: [rules.yml]
scrape_configs: [{ job_name: platform, static_configs: [{ targets: ["app:80"] }] }]
`;
const alertmanager = `route: { receiver: inbox } # everybody
receivers:
  - name: inbox
    webhook_configs: [{ url: "http://inbox/" }]
`;

function rulesOf(expr: string, more = ""): string {
  return `groups:
  - name: g # the only one
    rules:
      - alert: Watchdog
        expr: vector(1)
      - alert: Refused
        expr: ${expr} # why
        for: 1m
${more}`;
}

const check = (files: ProjectFiles): CheckReport => runCheck(files, { live: null });

function fixed(texts: Readonly<Record<string, string>>): { changed: string; left: readonly string[] } {
  const files = memoryFiles({
    "app.ts": code,
    "prometheus.yml": prometheus,
    "alertmanager.yml": alertmanager,
    ...texts,
  });
  const { fixed: changed, leftAlone, report } = fixProject(files, check);
  expect(report.findings.filter(({ severity }) => severity === "error" && changed.length > 0)).toEqual([]);
  return { changed: changed.map(diffText).join(""), left: leftAlone };
}

function changeOf(texts: Readonly<Record<string, string>>): readonly string[] {
  return fixed(texts)
    .changed.split("\n")
    .filter((line) => /^[+-](?![+-]{2} )/.test(line))
    .map((line) => line.replaceAll(/ {2,}/g, " "));
}

test.each([
  ["a metric", 'rate(login_total{outcome="refused"}[5m]) > 1', 'rate(logins_total{outcome="refused"}[5m]) > 1'],
  ["a label", 'rate(logins_total{outcme="refused"}[5m]) > 1', 'rate(logins_total{outcome="refused"}[5m]) > 1'],
  ["a value", 'rate(logins_total{outcome="refsued"}[5m]) > 1', 'rate(logins_total{outcome="refused"}[5m]) > 1'],
  ["a job", 'up{job="platfrom"} == 0', 'up{job="platform"} == 0'],
  ["a grouping", "sum by (outcom) (rate(logins_total[5m])) > 1", "sum by (outcome) (rate(logins_total[5m])) > 1"],
  ["a range", "rate(logins_total[15s]) > 1", "rate(logins_total[40s]) > 1"],
])("%s, and nothing else of the line", (_what, wrong, right) => {
  expect(changeOf({ "rules.yml": rulesOf(wrong) })).toEqual([`- expr: ${wrong} # why`, `+ expr: ${right} # why`]);
});

test("in a block of several lines, and twice in one expression", () => {
  const wrong = "|\n          rate(login_total[15s]) > 1\n            and rate(logins_total[5m]) > 1";
  expect(changeOf({ "rules.yml": rulesOf(wrong).replace(" # why", "") })).toEqual([
    "- rate(login_total[15s]) > 1",
    "+ rate(logins_total[40s]) > 1",
  ]);
});

test("the value moves from the labels to the annotations", () => {
  const more = `        labels:
          severity: high
          value: "{{ $value }}" # moves along
        annotations:
          summary: s
`;
  expect(changeOf({ "rules.yml": rulesOf("rate(logins_total[5m]) > 1", more) })).toEqual([
    '- value: "{{ $value }}" # moves along',
    '+ value: "{{ $value }}" # moves along',
  ]);
  const alone = more.replace("          severity: high\n", "");
  expect(changeOf({ "rules.yml": rulesOf("rate(logins_total[5m]) > 1", alone) })).toContain("- labels:");
});

test.each([
  ["behind the key", "        labels: # those that page\n"],
  ["on a line of its own", "        labels:\n          # those that page\n"],
])("a comment %s would go with the block: nothing is changed", (_what, labels) => {
  const more = `${labels}          value: "{{ $value }}"\n        annotations:\n          summary: s\n`;
  expect(changeOf({ "rules.yml": rulesOf("rate(logins_total[5m]) > 1", more) })).toEqual([]);
});

test("a receiver that one route misspells", () => {
  const wrong = alertmanager.replace("receiver: inbox", 'receiver: "inbxo"');
  expect(changeOf({ "rules.yml": rulesOf("rate(logins_total[5m]) > 1"), "alertmanager.yml": wrong })).toEqual([
    '-route: { receiver: "inbxo" } # everybody',
    '+route: { receiver: "inbox" } # everybody',
  ]);
});

test.each([
  ["nothing is near", "rate(payments_total[5m]) > 1"],
  ["two are equally near", "rate(loginX_total[5m]) > 1"],
])("%s: nothing is changed", (_what, expr) => {
  const twice = `${code}new Counter({ name: "loginY_total", help: "" });\n`;
  expect(fixed({ "app.ts": twice, "rules.yml": rulesOf(expr) })).toEqual({ changed: "", left: [] });
});

test("a file that would have as many findings as before stays as it is", () => {
  const files = memoryFiles({
    "app.ts": code,
    "prometheus.yml": prometheus,
    "rules.yml": rulesOf("rate(login_total[5m]) > 1"),
  });
  const stubborn = (): CheckReport => check(files);
  expect(fixProject(files, stubborn)).toMatchObject({ fixed: [], leftAlone: ["rules.yml"] });
});

test("changes far apart are hunks of their own", () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
  const after = before.replace("line 3", "third").replace("line 15\n", "");
  const diff = diffText({ file: "x", before, after });
  expect(diff.match(/^@@.*$/gm)).toEqual(["@@ -2,5 +2,5 @@", "@@ -14,5 +14,4 @@"]);
});

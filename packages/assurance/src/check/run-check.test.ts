import { expect, test } from "vitest";
import { readLiveMetrics } from "./live-metrics.ts";
import { runCheck } from "./run-check.ts";
import { memoryFiles } from "./testing/memory-files.ts";

const code = `
import { Counter, Gauge } from "prom-client";
new Counter({ name: "requests_total", help: "", labelNames: ["path", "status"] });
new Counter({ name: "logins_total", help: "", labelNames: ["client_ip", "result"] }).inc({ result: "refused" });
new Gauge({ name: "queue_length", help: "" });
`;
const prometheus = `
global: { scrape_interval: 10s }
alerting: { alertmanagers: [{ static_configs: [{ targets: ["alerts:9093"] }] }] }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`;

function rulesOf(...exprs: readonly string[]): string {
  const rules = exprs.map((expr, index) => ({ alert: `Alert${index}`, expr }));
  return JSON.stringify({ groups: [{ name: "g", rules: [...rules, { alert: "Watchdog", expr: "vector(1)" }] }] });
}

function codesOf(expr: string): readonly string[] {
  const files = memoryFiles({ "app.ts": code, "prometheus.yml": prometheus, "rules.yml": rulesOf(expr) });
  return runCheck(files, { live: null })
    .findings.filter(({ severity }) => severity !== "info")
    .map((finding) => finding.code);
}

test.each([
  { expr: "rate(requests_total[5m]) > 1", codes: [] },
  { expr: "rate(request_total[5m]) > 1", codes: ["metric_unknown"] },
  { expr: 'sum(rate(requests_total{statuss="500"}[5m])) > 1', codes: ["label_unknown"] },
  { expr: 'sum(rate(requests_total{statuss!="500"}[5m])) > 1', codes: [] },
  { expr: "sum by (code) (rate(requests_total[5m])) > 1", codes: ["label_unknown"] },
  { expr: 'sum(increase(logins_total{result="refused"}[5m])) > 1', codes: ["newborn_unseen"] },
  { expr: 'sum(logins_total{result="refsued"} unless logins_total offset 5m) > 1', codes: ["label_value_unknown"] },
  { expr: 'up{job="ap"} == 0', codes: ["label_value_unknown"] },
  { expr: "rate(requests_total[15s]) > 1", codes: ["range_too_short"] },
  { expr: "requests_total > 100", codes: ["counter_compared"] },
  { expr: "queue_length > 5 and queue_length < 3", codes: ["never_true"] },
  { expr: "queue_length > 5 < 3", codes: ["never_true"] },
  { expr: "queue_length > 3 and queue_length < 5", codes: [] },
  { expr: "up > 1", codes: ["never_true"] },
  { expr: "rate(requests_total[5m]) < 0", codes: ["never_true"] },
  { expr: "rate(requests_total[5m]) >= 0", codes: ["always_true"] },
  { expr: "rate(requests_total[5m])", codes: ["always_true"] },
  { expr: "absent(vector(1))", codes: ["never_true"] },
  { expr: "absent(up) == 1", codes: [] },
  { expr: "vector(0) > 1", codes: ["never_true"] },
  {
    expr: 'sum(rate(requests_total{status="500"}[5m])) / sum(rate(requests_total[5m])) > 5',
    codes: ["never_true"],
  },
  { expr: "1 - sum(rate(requests_total[5m])) / sum(rate(requests_total[5m])) > 0.1", codes: [] },
  { expr: "queue_length >", codes: ["expression_invalid"] },
])("$expr: $codes", ({ expr, codes }) => {
  expect(codesOf(expr)).toEqual(codes);
});

test("what only a running target exports is believed", () => {
  const files = memoryFiles({
    "app.ts": code,
    "prometheus.yml": prometheus,
    "rules.yml": rulesOf('sum(rate(mails_total{kind="welcome"}[5m])) > 1'),
  });
  const exposition = '# TYPE mails_total counter\nmails_total{kind="welcome"} 3\n';
  const codes = (live: Uint8Array | null): readonly string[] =>
    runCheck(files, { live: live === null ? null : readLiveMetrics(live) })
      .findings.filter(({ severity }) => severity === "error")
      .map((finding) => finding.code);
  expect(codes(null)).toEqual(["metric_unknown"]);
  expect(codes(new TextEncoder().encode(exposition))).toEqual([]);
});

test("a project without code is not blamed for metrics of elsewhere", () => {
  const files = memoryFiles({ "prometheus.yml": prometheus, "rules.yml": rulesOf("rate(somewhere_total[5m]) > 1") });
  expect(runCheck(files, { live: null }).findings.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("what may not be read is said, and breaks nothing", () => {
  const { findings } = runCheck({ ...memoryFiles({}), unreadable: ["data"] }, { live: null });
  expect(findings).toMatchObject([{ code: "path_unreadable", severity: "info", position: { file: "data" } }]);
});

test("nothing at all is no findings", () => {
  expect(runCheck(memoryFiles({}), { live: null }).findings).toEqual([]);
});

test("five hundred rules take less than two seconds", () => {
  const exprs = Array.from(
    { length: 500 },
    (_, index) => `sum by (path) (rate(requests_total{status="500"}[5m])) > ${index}`,
  );
  const files = memoryFiles({ "app.ts": code, "prometheus.yml": prometheus, "rules.yml": rulesOf(...exprs) });
  const started = process.cpuUsage();
  const { counts } = runCheck(files, { live: null });
  expect(counts.alerts).toBe(501);
  // Of the processor: what else keeps the machine busy does not count.
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(2_000);
});

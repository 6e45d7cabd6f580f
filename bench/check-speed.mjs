// node bench/check-speed.mjs [--rules 500] [--runs 5]: how long `tatou check` takes on a project made for it, from the start
// of the process to its end, and what processor time that costs (Linux).
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { rules: { type: "string", default: "500" }, runs: { type: "string", default: "5" } },
});
const ruleCount = Number(values.rules);
const metricCount = 200;
const rulesPerFile = 50;
const metricsPerFile = 4;
const command = fileURLToPath(new URL("../apps/cli/bin/tatou.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tatou-check-speed-"));

const prometheus = `global: { scrape_interval: 10s, evaluation_interval: 15s }
rule_files: ["rules/*.yml"]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] }
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`;
const alertmanager = `route:
  receiver: inbox
  routes: [{ receiver: inbox, matchers: [severity = "high"] }]
receivers:
  - name: inbox
    webhook_configs: [{ url: http://inbox/ }]
`;

try {
  makeProject();
  const runs = Array.from({ length: Number(values.runs) }, runOnce);
  for (const { wallMs, cpuMs } of runs)
    console.log(`  ${wallMs.toFixed(0).padStart(6)} ms, processor ${cpuMs.toFixed(0)} ms`);
  const median = (key) => runs.map((run) => run[key]).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
  console.log(
    `${ruleCount} rules: median ${median("wallMs").toFixed(0)} ms, processor ${median("cpuMs").toFixed(0)} ms`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runOnce() {
  const startedMs = performance.now();
  // The shell says what its children cost: Node tells only of itself.
  const script = 'node "$0" check "$1"; code=$?; times >&2; exit $code';
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", script, command, folder], { encoding: "utf8" });
  const wallMs = performance.now() - startedMs;
  if (status !== 0 || !stdout.includes(`${ruleCount + 1} alerts`)) throw new Error(`${stdout}${stderr}`);
  return { wallMs, cpuMs: childCpuMs(stderr) };
}

/** The second line of `times`: user and system time of the children, as 0m1.234s. */
function childCpuMs(text) {
  const parts = [
    ...text
      .trim()
      .split("\n")
      .at(-1)
      .matchAll(/(\d+)m([\d.]+)s/g),
  ];
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000, 0);
}

function makeProject() {
  mkdirSync(join(folder, "src"));
  mkdirSync(join(folder, "rules/tests"), { recursive: true });
  for (let file = 0; file * metricsPerFile < metricCount; file++) {
    const metrics = Array.from({ length: metricsPerFile }, (_, index) => file * metricsPerFile + index);
    const lines = metrics.map(
      (metric) =>
        `new Counter({ name: "app_${metric}_total", help: "", labelNames: ["code", "path"] }).inc({ code: "200" });`,
    );
    writeFileSync(
      join(folder, `src/part-${file}.ts`),
      ['import { Counter } from "prom-client";', ...lines, ""].join("\n"),
    );
  }
  for (let first = 0; first < ruleCount; first += rulesPerFile) {
    const numbers = Array.from({ length: Math.min(rulesPerFile, ruleCount - first) }, (_, index) => first + index);
    const name = `rules-${first / rulesPerFile}.yml`;
    writeFileSync(
      join(folder, "rules", name),
      `groups:\n  - name: g${first}\n    rules:\n${numbers.map(ruleText).join("")}`,
    );
    writeFileSync(
      join(folder, "rules/tests", name),
      `rule_files: [../${name}]\ntests:\n${numbers.map(testText).join("")}`,
    );
  }
  writeFileSync(
    join(folder, "rules/watchdog.yml"),
    "groups:\n  - name: w\n    rules:\n      - alert: Watchdog\n        expr: vector(1)\n",
  );
  writeFileSync(
    join(folder, "rules/tests/watchdog.yml"),
    `rule_files: [../watchdog.yml]\ntests:\n${testText("Watchdog").replace("AlertWatchdog", "Watchdog")}`,
  );
  writeFileSync(join(folder, "prometheus.yml"), prometheus);
  writeFileSync(join(folder, "alertmanager.yml"), alertmanager);
}

function metricOf(number) {
  return `app_${number % metricCount}_total`;
}

function ruleText(number) {
  const rate = `sum by (path) (rate(${metricOf(number)}{code="200"}[5m]))`;
  return `      - alert: Alert${number}
        expr: ${rate} / sum by (path) (rate(${metricOf(number)}[5m])) > 0.${1 + (number % 9)}
        for: 1m
        labels: { severity: high, part: p${number % 7} }
        annotations: { summary: "{{ $labels.path }} is at {{ $value }}" }
`;
}

function testText(number) {
  return `  - interval: 1m
    input_series:
      - { series: '${number === "Watchdog" ? "up" : metricOf(number)}{code="200",path="/"}', values: "0+60x10" }
    alert_rule_test:
      - eval_time: 5m
        alertname: Alert${number}
        exp_alerts: [{ exp_labels: { severity: high } }]
`;
}

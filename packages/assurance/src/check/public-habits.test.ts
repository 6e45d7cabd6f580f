import { expect, test } from "vitest";
import { readLiveMetrics } from "./live-metrics.ts";
import { runCheck } from "./run-check.ts";
import { memoryFiles } from "./testing/memory-files.ts";

/** What published rules do and is no mistake, beside the slip that looks like it. Only a target says which metrics there are. */
const exposition = `# TYPE node_disks_total counter
node_disks_total{state="failed",device="sda"} 1
# TYPE node_errors_total counter
# TYPE node_temperature gauge
node_temperature 20
`;
const prometheus = `global: { scrape_interval: 15s }
alerting: { alertmanagers: [{ static_configs: [{ targets: ["alerts:9093"] }] }] }
rule_files: [rules.yml]
scrape_configs: [{ job_name: node, static_configs: [{ targets: ["node:9100"] }] }]
`;

function codesOf(expr: string, description = ""): readonly string[] {
  const rule = { alert: "A", expr, annotations: { description } };
  const rules = JSON.stringify({ groups: [{ name: "g", rules: [rule, { alert: "Watchdog", expr: "vector(1)" }] }] });
  return runCheck(memoryFiles({ "prometheus.yml": prometheus, "rules.yml": rules }), {
    live: readLiveMetrics(new TextEncoder().encode(exposition)),
  })
    .findings.filter(({ severity }) => severity !== "info")
    .map(({ code }) => code);
}

test.each([
  { expr: "rate(node_disks_total[5m]) > 1 or rate(node_old_disk_count[5m]) > 1", codes: [] },
  { expr: "rate(node_disks_total[5m]) > 1 or rate(node_eror_total[5m]) > 1", codes: ["metric_unknown"] },
  { expr: "node_disks_total[5m] > 1 or node_temperature > 1", codes: ["expression_invalid"] },
  { expr: "rate(node_disks[5m]) > 1", codes: ["metric_unknown"] },
  { expr: "container_restarts > 1", codes: ["metric_unknown"] },
  { expr: "go_memstats_alloc_bytes > 1", codes: [] },
  { expr: 'rate(node_errors_total{unheard="x"}[5m]) > 1', codes: [] },
  { expr: 'rate(node_disks_total{state="spare"}[5m]) > 1', codes: [] },
  { expr: 'rate(node_disks_total{state="faild"}[5m]) > 1', codes: ["label_value_unknown"] },
  { expr: "sum without (endpoint) (rate(node_disks_total[5m])) > 1", codes: [] },
  { expr: "sum without (devic) (rate(node_disks_total[5m])) > 1", codes: ["label_unknown"] },
])("$expr: $codes", ({ expr, codes }) => {
  expect(codesOf(expr)).toEqual(codes);
});

test("in a range the dot is not the alert", () => {
  const loop = '{{ range query "up == 0" }}{{ .Labels.rack }}{{ end }}';
  expect(codesOf("sum(node_temperature) > 1", loop)).toEqual([]);
  expect(codesOf("sum(node_temperature) > 1", "{{ .Labels.rack }}")).toEqual(["label_unknown"]);
  expect(codesOf("sum(node_temperature) > 1", `${loop}{{ $labels.rack }}`)).toEqual(["label_unknown"]);
});

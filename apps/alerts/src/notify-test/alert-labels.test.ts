import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type RuleAlert, readAlertLabels } from "./alert-labels.ts";

const folder = mkdtempSync(join(tmpdir(), "tatou-alert-labels-"));
afterAll(() => rmSync(folder, { recursive: true }));

const prometheusFile = join(folder, "prometheus.yml");
writeFileSync(
  prometheusFile,
  `global: { external_labels: { site: "\${SITE}", severity: none } }
rule_files: [rules.yml]
alerting:
  alert_relabel_configs:
    - { source_labels: [replica], regex: .+, action: drop }
    - { regex: noise, action: labeldrop }
`,
);
writeFileSync(
  join(folder, "rules.yml"),
  `groups:
  - name: g
    labels: { team: web }
    rules:
      - { alert: Slow, expr: x > 1, labels: { severity: low, noise: x } }
      - { alert: Slow, expr: x > 9, labels: { severity: high, host: "{{ $labels.instance }}" } }
      - { alert: Slow, expr: x > 2, labels: { severity: low } }
      - { record: y, expr: x }
`,
);

function read(alert: string, labels: Readonly<Record<string, string>> = {}): Promise<readonly RuleAlert[]> {
  const environment = { SITE: "north" };
  return readAlertLabels({ alert, prometheusFile, labels, environment, expandPattern: (pattern) => [pattern] });
}

test("labels are those that an Alertmanager hears of, each set once", async () => {
  const common = { alertname: "Slow", site: "north", team: "web" };
  expect(await read("Slow")).toEqual([
    { labels: { ...common, severity: "low" }, unknownLabels: [], isDropped: false },
    { labels: { ...common, severity: "high" }, unknownLabels: ["host"], isDropped: false },
  ]);
});

test("a label from the data can be given", async () => {
  const [, high] = await read("Slow", { host: "a:1" });
  expect(high).toMatchObject({ labels: { host: "a:1" }, unknownLabels: [] });
});

test("an alert that relabelling drops is known", async () => {
  expect((await read("Slow", { replica: "b" })).map(({ isDropped }) => isDropped)).toEqual([true, true, true]);
});

test("an unknown name is guessed", async () => {
  await expect(read("Slaw")).rejects.toMatchObject({ code: "unknown_alert", hint: 'Did you mean "Slow"?' });
});

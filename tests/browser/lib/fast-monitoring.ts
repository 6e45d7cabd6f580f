import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../lib/processes.ts";

/**
 * A copy of the monitoring folder in which an attack is told of after seconds instead of minutes, and with a target that
 * nobody answers for. What is replaced must be there: a file that changed its words fails here and not by being slow.
 */
export function copyFastMonitoring(folder: string): string {
  const copy = join(folder, "monitoring");
  cpSync(join(repository, "monitoring"), copy, { recursive: true });
  edit(join(copy, "prometheus.yml"), [
    ["scrape_interval: 10s", "scrape_interval: 1s"],
    ["scrape_timeout: 5s", "scrape_timeout: 1s"],
    ["evaluation_interval: 15s", "evaluation_interval: 1s"],
    [
      "scrape_configs:\n",
      "scrape_configs:\n  - job_name: nobody\n    static_configs: [{ targets: ['127.0.0.1:1'] }]\n\n",
    ],
  ]);
  edit(join(copy, "prometheus_rules/security_alerts.rules.yml"), [
    ["interval: 15s", "interval: 1s"],
    ["rate(auth_failures_total[2m]) > 5\n        for: 1m", "rate(auth_failures_total[10s]) > 5\n        for: 5s"],
  ]);
  edit(join(copy, "alertmanager.yml"), [["group_wait: 5s", "group_wait: 1s"]]);
  return copy;
}

function edit(file: string, changes: readonly (readonly [from: string, to: string])[]): void {
  let text = readFileSync(file, "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`Cannot speed up ${file}: found no ${JSON.stringify(from)}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(file, text);
}

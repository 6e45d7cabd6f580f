import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./processes.ts";

/** Copies what users edit, so that a test may edit it. */
export function copyMonitoring(to: string): string {
  cpSync(join(repository, "monitoring"), to, { recursive: true });
  return to;
}

/** The files as they are, with seconds for minutes: a brute-force attack is told after some 25 s instead of 110 s. */
export function copyMonitoringWithShortTimes(to: string): string {
  copyMonitoring(to);
  edit(join(to, "prometheus.yml"), /(scrape_interval|scrape_timeout|evaluation_interval): \d+s/g, "$1: 1s");
  const rules = join(to, "prometheus_rules/security_alerts.rules.yml");
  edit(rules, /interval: 15s/g, "interval: 1s");
  edit(rules, /(rate\(auth_failures_total)\[2m\](\) > 5\n\s+for:) 1m/, "$1[1m]$2 5s");
  edit(join(to, "alertmanager.yml"), /group_wait: \d+s/g, "group_wait: 1s");
  edit(join(to, "alertmanager.yml"), /group_interval: \w+/g, "group_interval: 2s");
  return to;
}

/** Replaces a text that must be there. */
export function edit(file: string, find: RegExp, put: string): void {
  const before = readFileSync(file, "utf8");
  if (before.search(find) === -1) throw new Error(`${file} holds nothing like ${find}`);
  writeFileSync(file, before.replace(find, put));
}

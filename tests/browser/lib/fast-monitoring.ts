import { join } from "node:path";
import { copyMonitoringWithShortTimes, edit } from "../../lib/monitoring-copy.ts";

/**
 * A copy of the monitoring folder in which an attack fires after some ten seconds, so that people's pages can be watched
 * while it does, and with a target that nobody answers for.
 */
export function copyFastMonitoring(folder: string): string {
  const copy = copyMonitoringWithShortTimes(join(folder, "monitoring"));
  const nobody = "  - job_name: nobody\n    static_configs: [{ targets: ['127.0.0.1:1'] }]\n\n";
  edit(join(copy, "prometheus.yml"), /scrape_configs:\n/, `$&${nobody}`);
  edit(join(copy, "prometheus_rules/security_alerts.rules.yml"), /(rate\(auth_failures_total)\[1m\]/, "$1[10s]");
  return copy;
}

import type { Alert, AlertGroup } from "../alerts-api.ts";

/**
 * The groups as the list shows them, without empty ones. The Watchdog is left out: it fires always, and says only that the
 * engine lives, which the notice above the list watches.
 */
export function visibleGroups(groups: readonly AlertGroup[], withSuppressed: boolean): readonly AlertGroup[] {
  return groups
    .map((group) => ({
      ...group,
      alerts: group.alerts.filter((alert) => !isWatchdog(alert) && (withSuppressed || !isSuppressed(alert))),
    }))
    .filter((group) => group.alerts.length > 0);
}

/** How many alerts there are; one that stands in several groups is one. */
export function countAlerts(groups: readonly AlertGroup[]): { readonly active: number; readonly suppressed: number } {
  const all = visibleGroups(groups, true).flatMap((group) => group.alerts);
  const alerts = [...new Map(all.map((alert) => [alert.fingerprint, alert])).values()];
  const suppressed = alerts.filter(isSuppressed).length;
  return { active: alerts.length - suppressed, suppressed };
}

function isWatchdog(alert: Alert): boolean {
  return alert.labels["alertname"] === "Watchdog";
}

function isSuppressed(alert: Alert): boolean {
  return alert.status.state === "suppressed";
}

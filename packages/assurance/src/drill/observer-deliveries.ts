import type { Exposition } from "./observer-exposition.ts";

/** How often an Alertmanager has delivered by its own count, by integration. */
export type DeliveryCounts = ReadonlyMap<string, number>;

/**
 * Tries that succeeded. A notification is counted when it begins and as failed only after the last of its tries, so that
 * those counts say less; they stand in where an old Alertmanager does not count tries.
 */
export function deliveryCounts(exposition: Exposition): DeliveryCounts {
  const what = exposition.has("alertmanager_notification_requests_total") ? "notification_requests" : "notifications";
  const failed = exposition.sumBy(`alertmanager_${what}_failed_total`, "integration");
  const all = exposition.sumBy(`alertmanager_${what}_total`, "integration");
  return new Map([...all].map(([integration, count]) => [integration, count - (failed.get(integration) ?? 0)]));
}

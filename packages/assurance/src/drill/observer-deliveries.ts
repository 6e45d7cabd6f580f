import { labelValue } from "@tatou/model";
import type { Exposition } from "./observer-exposition.ts";

/** How often an Alertmanager has delivered, and failed to, by its own count. */
export interface DeliveryCounts {
  /** Whether a failure is counted at once; otherwise after the last try, and a success before the first. */
  readonly countsTries: boolean;
  /** Whether it tells receivers apart; otherwise integrations alone. */
  readonly isByReceiver: boolean;
  /** By `deliveryKey`. */
  readonly delivered: ReadonlyMap<string, number>;
  /** By `deliveryKey`. */
  readonly failed: ReadonlyMap<string, number>;
}

/** What is counted together. @param receiver "" where receivers are not told apart */
export function deliveryKey(integration: string, receiver: string): string {
  return receiver === "" ? integration : `${integration} of ${receiver}`;
}

/**
 * Tries that succeeded. A notification is counted when it begins and as failed only after the last of its tries, so that
 * those counts say less; they stand in where an old Alertmanager does not count tries.
 */
export function deliveryCounts(exposition: Exposition): DeliveryCounts {
  const countsTries = exposition.has("alertmanager_notification_requests_total");
  const what = countsTries ? "notification_requests" : "notifications";
  const metricName = `alertmanager_${what}_total`;
  const countOf = (name: string) =>
    exposition.sumBy(name, (labels) =>
      deliveryKey(labelValue(labels, "integration"), labelValue(labels, "receiver_name")),
    );
  const failed = countOf(`alertmanager_${what}_failed_total`);
  const delivered = new Map([...countOf(metricName)].map(([key, count]) => [key, count - (failed.get(key) ?? 0)]));
  return { countsTries, isByReceiver: exposition.hasLabel(metricName, "receiver_name"), delivered, failed };
}

import type { Delivery, FailureReason } from "../receivers/integration.ts";

/** Why alerts of a group were not notified, in Alertmanager's words. */
export type SuppressionReason = "silence" | "inhibition" | "mute_time_interval" | "active_time_interval";

/** Told of everything that is worth a metric. */
export interface AlertingObserver {
  /** A notification is about to be sent, with as many tries as it takes. */
  notificationStarted(integration: string): void;
  /** It was given up. */
  notificationFailed(integration: string, reason: FailureReason): void;
  /** One try ended. */
  requestEnded(integration: string, delivery: Delivery, durationMs: number): void;
  alertsSuppressed(reason: SuppressionReason, count: number): void;
  /** A new group was refused because there are too many. */
  groupRefused(): void;
}

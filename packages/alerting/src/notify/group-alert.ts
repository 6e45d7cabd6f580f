import type { Alert } from "../alert/alert.ts";

/** An alert as a notification tells of it: its state is fixed at the start of a flush, so that all receivers agree. */
export interface GroupAlert {
  readonly alert: Alert;
  readonly status: "firing" | "resolved";
  /**
   * When what the group has seen of the alert without a break began; `unknownStartMs` when no sender says. An alert that
   * ends and fires again between two flushes goes on.
   */
  readonly sinceMs: number;
}

/** Before everything. */
export const unknownStartMs = Number.NEGATIVE_INFINITY;

/** One message to one integration. */
export interface Notification {
  /** The receiver's name. */
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly reason: NotifyReason;
  /** Sorted; at least one. */
  readonly alerts: readonly GroupAlert[];
  /** Start of the flush. */
  readonly timeMs: number;
}

/** Why a notification is sent now, in Alertmanager's words. */
export type NotifyReason =
  | "first notification"
  | "new alerts added"
  | "some alerts resolved"
  | "all alerts resolved"
  | "repeat interval elapsed";

/** For a message that cannot tell of all: the resolved ones are what can be left out. */
export function firingFirst(alerts: readonly GroupAlert[]): readonly GroupAlert[] {
  return [...alerts.filter(isFiring), ...alerts.filter((alert) => !isFiring(alert))];
}

export function isFiring(alert: GroupAlert): boolean {
  return alert.status === "firing";
}

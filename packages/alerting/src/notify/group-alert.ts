import type { Alert } from "../alert/alert.ts";

/** An alert as a notification tells of it: its state is fixed at the start of a flush, so that all receivers agree. */
export interface GroupAlert {
  readonly alert: Alert;
  readonly status: "firing" | "resolved";
}

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

export function isFiring(alert: GroupAlert): boolean {
  return alert.status === "firing";
}

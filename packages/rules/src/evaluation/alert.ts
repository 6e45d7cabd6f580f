import type { Labels } from "@tatou/model";

export type AlertState = "inactive" | "pending" | "firing";

/** One alert of one rule: a label set for which the expression has, or recently had, a result. Changed by its rule only. */
export interface Alert {
  readonly labels: Labels;
  annotations: Labels;
  state: AlertState;
  /** Of the expression at the last evaluation that had one. */
  value: number;
  /** Since when the expression has a result; moved when state is restored after a restart. */
  activeAtMs: number;
  firedAtMs: number | null;
  /** Set when the alert is inactive, and kept for a while so that it can be sent as resolved. */
  resolvedAtMs: number | null;
  lastSentAtMs: number | null;
  /** What a receiver is told as the end unless it hears again. */
  validUntilMs: number | null;
  /** Since when keep_firing_for holds the alert although the expression has no result. */
  keepFiringSinceMs: number | null;
}

export function newAlert(fields: Pick<Alert, "labels" | "annotations" | "value" | "activeAtMs">): Alert {
  return {
    ...fields,
    state: "pending",
    firedAtMs: null,
    resolvedAtMs: null,
    lastSentAtMs: null,
    validUntilMs: null,
    keepFiringSinceMs: null,
  };
}

/** Whether it is time to send an alert: it resolved since it was last sent, or that was a while ago. */
export function needsSending(alert: Alert, timeMs: number, resendDelayMs: number): boolean {
  if (alert.state === "pending") return false;
  if (alert.lastSentAtMs === null) return true;
  if (alert.resolvedAtMs !== null && alert.resolvedAtMs > alert.lastSentAtMs) return true;
  return alert.lastSentAtMs + resendDelayMs < timeMs;
}

export function shiftAlert(alert: Alert, byMs: number): void {
  const shifted = (timeMs: number | null): number | null => (timeMs === null ? null : timeMs + byMs);
  alert.activeAtMs += byMs;
  alert.firedAtMs = shifted(alert.firedAtMs);
  alert.resolvedAtMs = shifted(alert.resolvedAtMs);
  alert.lastSentAtMs = shifted(alert.lastSentAtMs);
  alert.validUntilMs = shifted(alert.validUntilMs);
  alert.keepFiringSinceMs = shifted(alert.keepFiringSinceMs);
}

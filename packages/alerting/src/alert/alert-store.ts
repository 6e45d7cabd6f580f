import { type Alert, alertName, mergeAlerts } from "./alert.ts";
import { AlertQuota } from "./alert-quota.ts";

/** A full store looks for what is over at most this often. */
const tidyIntervalMs = 1000;

/** Called for every accepted message, with the alert as it stands after it. */
export type AlertListener = (alert: Alert) => void;

/**
 * The alerts that are known, one for each label set. What is resolved stays until the next sweep, so that everybody
 * concerned still sees it.
 */
export class AlertStore {
  readonly #alerts = new Map<string, Alert>();
  readonly #listeners = new Set<AlertListener>();
  readonly #quota = new AlertQuota();
  #hold: ExpiryHold | null = null;
  #refusedCount = 0;
  #tidiedMs = Number.NEGATIVE_INFINITY;

  /** Alerts refused because the store was full. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  get size(): number {
    return this.#alerts.size;
  }

  /** @param isOwn an alert of this program about itself: a full store takes it too */
  put(alert: Alert, nowMs: number, isOwn = false): void {
    const known = this.#alerts.get(alert.fingerprint);
    if (known === undefined && !isOwn && !this.#hasRoomFor(alert, nowMs)) {
      this.#refusedCount += 1;
      return;
    }
    const current = known !== undefined && overlaps(alert, known) ? mergeAlerts(known, alert, nowMs) : alert;
    if (known !== undefined) this.#quota.remove(known);
    this.#quota.add(current);
    this.#alerts.set(current.fingerprint, current);
    for (const listener of this.#listeners) listener(current);
  }

  /** What is over makes room for what is new. */
  #hasRoomFor(alert: Alert, nowMs: number): boolean {
    if (this.#quota.hasRoomFor(alert)) return true;
    if (Math.abs(nowMs - this.#tidiedMs) < tidyIntervalMs) return false;
    this.#tidiedMs = nowMs;
    this.sweep(nowMs);
    return this.#quota.hasRoomFor(alert);
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  /** All that is known, resolved ones included. */
  all(): Iterable<Alert> {
    return this.#alerts.values();
  }

  /** Those that count as firing. */
  firing(nowMs: number): readonly Alert[] {
    return [...this.#alerts.values()].filter((alert) => !this.isResolved(alert, nowMs));
  }

  /** Whether the alert is over: its sender said so, or did not send it again in time (see `holdExpiry`). */
  isResolved(alert: Alert, nowMs: number): boolean {
    // What its sender once said to be over stays over when the clock is set back.
    return alert.endsAtMs <= Math.max(nowMs, alert.updatedAtMs) && !this.isHeld(alert, nowMs);
  }

  /** Whether the alert counts as firing only because its sender is silent. */
  isHeld(alert: Alert, nowMs: number): boolean {
    const hold = this.#hold;
    if (hold === null || alert.endsAtMs > nowMs) return false;
    const ranOut = alert.endsAtMs > alert.updatedAtMs;
    return ranOut && alert.endsAtMs > hold.sinceMs && alertName(alert) !== hold.exceptName;
  }

  /**
   * From now on an alert that runs out after `sinceMs` stays firing: its sender was last heard of then, and the silence
   * of the sender says nothing about the alert. An end that the sender states still counts.
   *
   * @param exceptName the alert whose absence is itself the message
   */
  holdExpiry(sinceMs: number, exceptName: string): void {
    this.#hold = { sinceMs, exceptName };
  }

  /** Forgets what is resolved. */
  sweep(nowMs: number): readonly Alert[] {
    const swept = [...this.#alerts.values()].filter((alert) => this.isResolved(alert, nowMs));
    for (const alert of swept) {
      this.#alerts.delete(alert.fingerprint);
      this.#quota.remove(alert);
    }
    return swept;
  }

  /** The returned function ends the subscription. */
  subscribe(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

interface ExpiryHold {
  readonly sinceMs: number;
  readonly exceptName: string;
}

/** Whether one of the new alert's bounds lies inside the known one's time; if not, it is a new occurrence. */
function overlaps(alert: Alert, known: Alert): boolean {
  const isInside = (timeMs: number): boolean => timeMs > known.startsAtMs && timeMs < known.endsAtMs;
  return isInside(alert.startsAtMs) || isInside(alert.endsAtMs);
}

import type { Clock, Labels } from "@tatou/model";
import { type Alert, compareAlerts } from "../alert/alert.ts";
import type { AlertStore } from "../alert/alert-store.ts";
import { FlushEndedError } from "../errors.ts";
import type { Route } from "../route/route.ts";
import type { GroupAlert } from "./group-alert.ts";
import type { FlushResult, Pipeline } from "./pipeline.ts";

export interface AlertGroupOptions {
  readonly clock: Clock;
  readonly route: Route;
  readonly labels: Labels;
  readonly groupKey: string;
  readonly store: AlertStore;
  readonly pipeline: Pipeline;
  readonly onFlushed: (group: AlertGroup, result: FlushResult) => void;
}

/** Alerts that one route tells of together: first after group_wait, then every group_interval if there is news. */
export class AlertGroup {
  readonly route: Route;
  readonly labels: Labels;
  readonly groupKey: string;
  readonly #options: AlertGroupOptions;
  readonly #alerts = new Map<string, Alert>();
  readonly #stop = new AbortController();
  #mutedBy: readonly string[] = [];

  constructor(options: AlertGroupOptions) {
    this.#options = options;
    this.route = options.route;
    this.labels = options.labels;
    this.groupKey = options.groupKey;
  }

  /** Names of the time intervals that kept the last flush quiet. */
  get mutedBy(): readonly string[] {
    return this.#mutedBy;
  }

  get isEmpty(): boolean {
    return this.#alerts.size === 0;
  }

  alerts(): readonly Alert[] {
    return [...this.#alerts.values()].sort(compareAlerts);
  }

  insert(alert: Alert): void {
    this.#alerts.set(alert.fingerprint, alert);
  }

  /** Flushes until stopped or empty. An alert that has waited elsewhere (before a restart) waits no more. */
  async run(firstAlert: Alert): Promise<void> {
    const { clock } = this.#options;
    const { groupWaitMs, groupIntervalMs } = this.route.config;
    const { signal } = this.#stop;
    const createdMs = clock.nowMs();
    const hasWaited = firstAlert.startsAtMs + groupWaitMs < createdMs;
    let nextFlushMs = createdMs + (hasWaited ? 0 : groupWaitMs);
    do {
      await clock.sleepUntil(nextFlushMs, signal).catch(() => {});
      if (signal.aborted) return;
      const timeMs = clock.nowMs();
      nextFlushMs = timeMs + groupIntervalMs;
      await this.#flush(timeMs);
    } while (!signal.aborted && !this.isEmpty);
  }

  /** Ends the flushes and the tries under way. */
  stop(): void {
    this.#stop.abort(new FlushEndedError("contextCanceled"));
  }

  async #flush(timeMs: number): Promise<void> {
    const { clock, store, pipeline, onFlushed } = this.#options;
    const deadline = new AbortController();
    const expire = (): void => deadline.abort(new FlushEndedError("contextDeadlineExceeded"));
    const cancelTimer = clock.schedule(this.route.config.groupIntervalMs, expire);
    const signal = AbortSignal.any([this.#stop.signal, deadline.signal]);
    const alerts = this.alerts().map(
      (alert): GroupAlert => ({ alert, status: store.isResolved(alert, timeMs) ? "resolved" : "firing" }),
    );
    try {
      const { route, groupKey, labels } = this;
      const result = await pipeline.run({ route, groupKey, groupLabels: labels, alerts, timeMs, signal });
      this.#mutedBy = result.mutedBy;
      if (result.isComplete) this.#forgetResolved(alerts);
      onFlushed(this, result);
    } finally {
      cancelTimer();
    }
  }

  /** What was told as resolved is done with, unless it fired again in the meantime. */
  #forgetResolved(alerts: readonly GroupAlert[]): void {
    for (const { alert, status } of alerts) {
      if (status === "resolved" && this.#alerts.get(alert.fingerprint) === alert)
        this.#alerts.delete(alert.fingerprint);
    }
  }
}

import type { Clock, Labels } from "@tatou/model";
import { type Alert, compareAlerts } from "../alert/alert.ts";
import type { AlertStore } from "../alert/alert-store.ts";
import { FlushEndedError } from "../errors.ts";
import type { Route } from "../route/route.ts";
import { type GroupAlert, unknownStartMs } from "./group-alert.ts";
import type { FlushResult, Pipeline } from "./pipeline.ts";

export interface AlertGroupOptions {
  readonly clock: Clock;
  readonly route: Route;
  readonly labels: Labels;
  readonly groupKey: string;
  readonly store: AlertStore;
  readonly pipeline: Pipeline;
  readonly onFlushed: (group: AlertGroup, result: FlushResult) => void;
  /** A flush ended with an error that nobody expected. */
  readonly onFlushFailed: (group: AlertGroup, error: unknown) => void;
  /** The group has nothing more to tell and is over: from this very moment on, alerts need a new one. */
  readonly onEmpty: (group: AlertGroup) => void;
}

/** A receiver has at least so long to take a message, however short group_interval is; as in Alertmanager. */
const tellingTimeMinMs = 10_000;

/** An end that cannot be told is tried that long; a receiver that is away for good must not fill the memory with ends. */
const untoldEndKeptMs = 60 * 60_000;

/** Alerts that one route tells of together: first after group_wait, then every group_interval if there is news. */
export class AlertGroup {
  readonly route: Route;
  readonly labels: Labels;
  readonly groupKey: string;
  readonly #options: AlertGroupOptions;
  readonly #alerts = new Map<string, Alert>();
  /** By fingerprint, as long as the alert is in the group: see GroupAlert. */
  readonly #sinceMs = new Map<string, number>();
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

  has(fingerprint: string): boolean {
    return this.#alerts.has(fingerprint);
  }

  insert(alert: Alert): void {
    // A sender's clock may be ahead of ours.
    const startMs = Math.min(alert.startsAtMs, this.#options.clock.nowMs());
    const knownMs = this.#sinceMs.get(alert.fingerprint) ?? startMs;
    this.#sinceMs.set(alert.fingerprint, alert.hasDefaultStart ? unknownStartMs : Math.min(knownMs, startMs));
    this.#alerts.set(alert.fingerprint, alert);
  }

  /** Flushes until stopped or empty. An alert that has waited elsewhere (before a restart) waits no more. */
  async run(firstAlert: Alert): Promise<void> {
    const { clock, onEmpty, onFlushFailed } = this.#options;
    const { groupWaitMs, groupIntervalMs } = this.route.config;
    const { signal } = this.#stop;
    const hasWaited = firstAlert.startsAtMs + groupWaitMs < clock.nowMs();
    let waitMs = hasWaited ? 0 : groupWaitMs;
    for (;;) {
      await clock.sleep(waitMs, signal).catch(() => {});
      if (signal.aborted) return;
      const startedMs = clock.monotonicMs();
      await this.#flush(clock.nowMs()).catch((error: unknown) => onFlushFailed(this, error));
      if (signal.aborted) return;
      if (this.isEmpty) {
        onEmpty(this);
        return;
      }
      waitMs = groupIntervalMs - (clock.monotonicMs() - startedMs);
    }
  }

  /** Ends the flushes and the tries under way. */
  stop(): void {
    this.#stop.abort(new FlushEndedError("contextCanceled"));
  }

  async #flush(timeMs: number): Promise<void> {
    const { clock, store, pipeline, onFlushed } = this.#options;
    const deadline = new AbortController();
    const expire = (): void => deadline.abort(new FlushEndedError("contextDeadlineExceeded"));
    const tellingTimeMs = Math.max(this.route.config.groupIntervalMs, tellingTimeMinMs);
    const cancelTimer = clock.schedule(tellingTimeMs, expire);
    const signal = AbortSignal.any([this.#stop.signal, deadline.signal]);
    const alerts = this.alerts().map(
      (alert): GroupAlert => ({
        alert,
        status: store.isResolved(alert, timeMs) ? "resolved" : "firing",
        sinceMs: this.#sinceMs.get(alert.fingerprint) ?? unknownStartMs,
      }),
    );
    try {
      const { route, groupKey, labels } = this;
      const result = await pipeline.run({ route, groupKey, groupLabels: labels, alerts, timeMs, signal });
      this.#mutedBy = result.mutedBy;
      const isDone = (alert: Alert): boolean => result.isComplete || alert.endsAtMs + untoldEndKeptMs < timeMs;
      this.#forgetResolved(alerts.filter(({ alert }) => isDone(alert)));
      onFlushed(this, result);
    } finally {
      cancelTimer();
    }
  }

  /** What is resolved and done with goes, unless it fired again in the meantime. */
  #forgetResolved(alerts: readonly GroupAlert[]): void {
    for (const { alert, status } of alerts) {
      if (status !== "resolved" || this.#alerts.get(alert.fingerprint) !== alert) continue;
      this.#alerts.delete(alert.fingerprint);
      this.#sinceMs.delete(alert.fingerprint);
    }
  }
}

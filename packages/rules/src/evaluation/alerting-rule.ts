/**
 * The alerts of one alerting rule and how they change. At every evaluation:
 *
 *   result, no alert            → pending, or firing at once without `for`
 *   result, pending for `for`   → firing
 *   no result, pending          → gone
 *   no result, firing           → still firing during keep_firing_for, then inactive; gone after 15 minutes
 */
import { compareLabels, labelsKey, withLabel } from "@tatou/model";
import type { AlertingRuleSpec } from "../rule.ts";
import { type Alert, type AlertState, newAlert, shiftAlert } from "./alert.ts";
import { AlertTexts } from "./alert-texts.ts";
import { duplicateLabels, limitExceeded } from "./evaluate-recording-rule.ts";
import type { EvaluationContext, ResultSample } from "./evaluation-context.ts";

/** So long a resolved alert is kept and sent again, so that no receiver misses the end of it. */
const resolvedRetentionMs = 15 * 60_000;

/** The series that show alerts to queries, and those that keep the start of an alert across a restart. */
export const alertsMetricName = "ALERTS";
export const forStateMetricName = "ALERTS_FOR_STATE";

/** An alert that is in another state than before the evaluation; "gone" is a pending one that did not come to fire. */
export interface AlertChange {
  readonly alert: Alert;
  readonly from: AlertState | "none";
  readonly to: AlertState | "gone";
}

export interface AlertingResult {
  readonly samples: readonly ResultSample[];
  readonly changes: readonly AlertChange[];
}

export class AlertingRule {
  readonly spec: AlertingRuleSpec;
  readonly #alerts = new Map<string, Alert>();
  /** After a restart nothing is written until the state is restored, lest the old state be overwritten. */
  #isRestored: boolean;

  constructor(spec: AlertingRuleSpec, isRestored: boolean) {
    this.spec = spec;
    this.#isRestored = isRestored;
  }

  /** The highest state among the alerts. */
  get state(): AlertState {
    let state: AlertState = "inactive";
    for (const alert of this.#alerts.values()) {
      if (alert.state === "firing") return "firing";
      if (alert.state === "pending") state = "pending";
    }
    return state;
  }

  /** Pending, firing and recently resolved ones, sorted by labels. */
  alerts(): readonly Alert[] {
    return [...this.#alerts.values()].sort((left, right) => compareLabels(left.labels, right.labels));
  }

  /** Takes over the alerts of the same rule before a reload. */
  copyAlertsFrom(other: AlertingRule): void {
    for (const [key, alert] of other.#alerts) this.#alerts.set(key, alert);
  }

  /** Moves all times of the alerts: after the clock was set, they keep the time they have been active. */
  shiftTimes(byMs: number): void {
    for (const alert of this.#alerts.values()) shiftAlert(alert, byMs);
  }

  markRestored(): void {
    this.#isRestored = true;
  }

  /**
   * Evaluates the expression and moves the alerts.
   * @throws {RuleResultError} two alerts have the same labels, or there are too many; also what the query throws
   */
  async evaluate(context: EvaluationContext): Promise<AlertingResult> {
    const results = await this.#results(context);
    // Nobody waits any more for an evaluation that ran out of time: the next one must not find its traces.
    context.signal.throwIfAborted();
    const before = new Map([...this.#alerts].map(([key, alert]) => [key, { alert, state: alert.state }]));
    this.#takeIn(results);
    for (const [key, alert] of this.#alerts) this.#advance(key, alert, results.has(key), context.timeMs);
    const changes = this.#changesSince(before);
    const active = this.alerts().filter((alert) => alert.state !== "inactive");
    if (context.limit > 0 && active.length > context.limit) {
      // What is new goes; what was there is not made to look resolved by a flood.
      for (const key of this.#alerts.keys()) if (!before.has(key)) this.#alerts.delete(key);
      throw limitExceeded(`exceeded limit of ${context.limit} with ${active.length} alerts`);
    }
    const timeMs = context.timeMs - context.queryOffsetMs;
    const samples = this.#isRestored ? active.flatMap((alert) => alertSamples(alert, timeMs)) : [];
    return { samples, changes };
  }

  async #results(context: EvaluationContext): Promise<ReadonlyMap<string, Alert>> {
    const samples = await context.query(this.spec.expr, context.timeMs - context.queryOffsetMs, context.signal);
    const texts = new AlertTexts(this.spec, context);
    const results = new Map<string, Alert>();
    for (const sample of samples) {
      const labels = await texts.labels(sample);
      const key = labelsKey(labels);
      if (results.has(key))
        throw duplicateLabels("vector contains metrics with the same labelset after applying alert labels");
      const annotations = await texts.annotations(sample);
      results.set(key, newAlert({ labels, annotations, value: sample.value, activeAtMs: context.timeMs }));
    }
    return results;
  }

  /** A result updates its alert, or begins one; a resolved alert does not come back to life but starts anew. */
  #takeIn(results: ReadonlyMap<string, Alert>): void {
    for (const [key, result] of results) {
      const alert = this.#alerts.get(key);
      if (alert === undefined || alert.state === "inactive") {
        this.#alerts.set(key, result);
        continue;
      }
      alert.value = result.value;
      alert.annotations = result.annotations;
    }
  }

  // oxlint-disable-next-line max-params -- the alert with its place, and what this evaluation says of it
  #advance(key: string, alert: Alert, hasResult: boolean, timeMs: number): void {
    if (hasResult) {
      alert.keepFiringSinceMs = null;
    } else if (!this.#isKeptFiring(alert, timeMs)) {
      this.#resolve(key, alert, timeMs);
      return;
    }
    const isDue = timeMs - alert.activeAtMs >= this.spec.forMs;
    if (alert.state === "pending" && isDue) {
      alert.state = "firing";
      alert.firedAtMs = timeMs;
    } else if (alert.state === "firing" && !isDue) {
      // A reload made `for` longer than the alert has been active.
      alert.state = "pending";
      alert.firedAtMs = null;
      alert.lastSentAtMs = null;
      alert.keepFiringSinceMs = null;
    }
  }

  #isKeptFiring(alert: Alert, timeMs: number): boolean {
    if (alert.state !== "firing" || this.spec.keepFiringForMs === 0) return false;
    alert.keepFiringSinceMs ??= timeMs;
    return timeMs - alert.keepFiringSinceMs < this.spec.keepFiringForMs;
  }

  #resolve(key: string, alert: Alert, timeMs: number): void {
    const isForgotten = alert.resolvedAtMs !== null && timeMs - alert.resolvedAtMs > resolvedRetentionMs;
    if (alert.state === "pending" || isForgotten) this.#alerts.delete(key);
    if (alert.state === "inactive") return;
    alert.state = "inactive";
    alert.resolvedAtMs = timeMs;
  }

  #changesSince(before: ReadonlyMap<string, { readonly alert: Alert; readonly state: AlertState }>): AlertChange[] {
    const changes: AlertChange[] = [];
    for (const [key, alert] of this.#alerts) {
      const old = before.get(key);
      const from = old?.state ?? "none";
      if (from !== alert.state) changes.push({ alert, from, to: alert.state });
    }
    for (const [key, old] of before)
      if (old.state === "pending" && !this.#alerts.has(key))
        changes.push({ alert: old.alert, from: "pending", to: "gone" });
    return changes;
  }
}

function alertSamples(alert: Alert, timeMs: number): ResultSample[] {
  const shown = withLabel(withLabel(alert.labels, "__name__", alertsMetricName), "alertstate", alert.state);
  const kept = withLabel(alert.labels, "__name__", forStateMetricName);
  return [
    { labels: shown, timeMs, value: 1 },
    { labels: kept, timeMs, value: Math.floor(alert.activeAtMs / 1000) },
  ];
}

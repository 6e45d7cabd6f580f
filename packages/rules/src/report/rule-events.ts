/**
 * Tells the event log what a group did: every alert that changes state ("rule.state"), every rule whose health changes
 * ("rule.health"), and once a minute a summary of the quiet rest ("rule.summary").
 */
import { type EventLog, labelsToObject } from "@tatou/model";
import type { AlertChange } from "../evaluation/alerting-rule.ts";
import type { RuleStatus } from "../evaluation/rule-health.ts";

/** When hundreds of alerts change at once, these are told and the rest is counted. */
const changeCountMax = 100;
const summaryPeriodMs = 60_000;

export class RuleEvents {
  readonly #log: EventLog | null;
  readonly #group: { readonly file: string; readonly group: string };
  #summary = newSummary(0);

  constructor(log: EventLog | null, group: { readonly file: string; readonly name: string }) {
    this.#log = log;
    this.#group = { file: group.file, group: group.name };
  }

  alertsChanged(rule: string, timeMs: number, changes: readonly AlertChange[]): void {
    for (const { alert, from, to } of changes.slice(0, changeCountMax)) {
      this.#append("rule.state", {
        rule,
        labels: labelsToObject(alert.labels),
        from,
        to,
        evaluatedAtMs: timeMs,
        activeAtMs: alert.activeAtMs,
        // JSON has no infinities and no NaN.
        value: String(alert.value),
      });
    }
    const omittedCount = changes.length - changeCountMax;
    if (omittedCount > 0) this.#append("rule.state.omitted", { rule, evaluatedAtMs: timeMs, omittedCount });
  }

  ruleEvaluated(rule: string, before: RuleStatus, after: RuleStatus): void {
    this.#summary.evaluationCount++;
    if (after.health === "err") this.#summary.failureCount++;
    const isSame = before.health === after.health && before.lastError === after.lastError;
    const isFirstSuccess = before.health === "unknown" && after.health === "ok";
    if (!isSame && !isFirstSuccess)
      this.#append("rule.health", { rule, from: before.health, to: after.health, error: after.lastError });
  }

  iterationsMissed(count: number): void {
    this.#summary.missedCount += count;
  }

  iterationDone(timeMs: number, facts: { readonly durationMs: number; readonly sampleCount: number }): void {
    const summary = this.#summary;
    if (summary.sinceMs === 0) summary.sinceMs = timeMs;
    summary.iterationCount++;
    summary.durationMaxMs = Math.max(summary.durationMaxMs, facts.durationMs);
    summary.sampleCount += facts.sampleCount;
    if (timeMs - summary.sinceMs < summaryPeriodMs) return;
    this.#append("rule.summary", { ...summary });
    this.#summary = newSummary(timeMs);
  }

  #append(kind: string, data: Readonly<Record<string, unknown>>): void {
    this.#log?.append({ kind, data: { ...this.#group, ...data } });
  }
}

function newSummary(sinceMs: number) {
  return {
    sinceMs,
    iterationCount: 0,
    missedCount: 0,
    evaluationCount: 0,
    failureCount: 0,
    sampleCount: 0,
    durationMaxMs: 0,
  };
}

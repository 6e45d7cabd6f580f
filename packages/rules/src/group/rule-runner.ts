/** One rule in a running group: evaluates it, sends its alerts, writes its samples. Never throws. */
import type { Labels } from "@tatou/model";
import { type AlertChange, AlertingRule } from "../evaluation/alerting-rule.ts";
import { evaluateRecordingRule } from "../evaluation/evaluate-recording-rule.ts";
import type { EvaluationContext, ResultSample } from "../evaluation/evaluation-context.ts";
import { initialRuleStatus, type RuleStatus } from "../evaluation/rule-health.ts";
import { withDeadline } from "../evaluation/with-deadline.ts";
import type { RuleEvents } from "../report/rule-events.ts";
import { groupKey, type RuleGroupSpec, type RuleSpec } from "../rule.ts";
import { appendResults, type SeriesSet } from "./append-results.ts";
import type { RuleEnvironment } from "./rule-environment.ts";
import { sendAlerts } from "./send-alerts.ts";

export interface RuleRunnerOptions {
  readonly group: RuleGroupSpec;
  readonly spec: RuleSpec;
  readonly environment: RuleEnvironment;
  readonly events: RuleEvents;
  /** Whether the state of before the restart is taken over already, or there is none. */
  readonly isRestored: boolean;
}

export class RuleRunner {
  readonly spec: RuleSpec;
  /** Null for a recording rule. */
  readonly alerting: AlertingRule | null;
  readonly #group: RuleGroupSpec;
  readonly #environment: RuleEnvironment;
  readonly #events: RuleEvents;
  #status: RuleStatus = initialRuleStatus;
  #series: SeriesSet = new Map();

  constructor(options: RuleRunnerOptions) {
    this.spec = options.spec;
    this.alerting = options.spec.kind === "alerting" ? new AlertingRule(options.spec, options.isRestored) : null;
    this.#group = options.group;
    this.#environment = options.environment;
    this.#events = options.events;
  }

  get status(): RuleStatus {
    return this.#status;
  }

  /** The series that the last evaluation gave. */
  series(): readonly Labels[] {
    return [...this.#series.values()];
  }

  /** Takes over from the same rule before a reload. */
  copyStateFrom(other: RuleRunner): void {
    this.#series = other.#series;
    if (this.alerting !== null && other.alerting !== null) this.alerting.copyAlertsFrom(other.alerting);
  }

  /** @returns how many samples the rule gave */
  async run(timeMs: number): Promise<number> {
    const { clock, metrics } = this.#environment;
    const before = this.#status;
    const startedMs = clock.nowMs();
    const startedMonotonicMs = clock.monotonicMs();
    let sampleCount = 0;
    let error: Error | null = null;
    let isFailure = false;
    try {
      const { samples, changes } = await this.#evaluate(timeMs);
      sampleCount = samples.length;
      this.#publish(timeMs, changes);
      error = this.#write(timeMs, samples);
    } catch (thrown) {
      error = errorOf(thrown);
      isFailure = true;
      this.#sendUnchanged(timeMs);
    }
    if (this.#environment.signal.aborted) return sampleCount;
    const evaluationDurationMs = clock.monotonicMs() - startedMonotonicMs;
    metrics.ruleEvaluated(groupKey(this.#group), { durationMs: evaluationDurationMs, isFailure });
    this.#status = {
      health: error === null ? "ok" : "err",
      lastError: error?.message ?? "",
      lastEvaluationMs: startedMs,
      evaluationDurationMs,
    };
    this.#events.ruleEvaluated(this.spec.name, before, this.#status);
    return sampleCount;
  }

  async #evaluate(
    timeMs: number,
  ): Promise<{ readonly samples: readonly ResultSample[]; readonly changes: readonly AlertChange[] }> {
    const { clock, evaluationTimeoutMs, signal } = this.#environment;
    const deadline = { clock, durationMs: evaluationTimeoutMs, signal };
    return await withDeadline(deadline, async (evaluationSignal) => {
      const context = this.#context(timeMs, evaluationSignal);
      if (this.alerting !== null) return await this.alerting.evaluate(context);
      const spec = this.spec as Extract<RuleSpec, { kind: "recording" }>;
      return { samples: await evaluateRecordingRule(spec, context), changes: [] };
    });
  }

  #context(timeMs: number, signal: AbortSignal): EvaluationContext {
    const { query, externalUrl, metrics } = this.#environment;
    return {
      timeMs,
      queryOffsetMs: this.#group.queryOffsetMs,
      limit: this.#group.limit,
      query,
      externalUrl,
      externalLabels: this.#environment.externalLabels(),
      signal,
      onTemplate: (error) => metrics.templateExpanded(error !== null),
    };
  }

  /** Alerts are sent before samples are written: a full disk must not keep people from hearing of them. */
  #publish(timeMs: number, changes: readonly AlertChange[]): void {
    if (this.alerting === null) return;
    this.#events.alertsChanged(this.spec.name, timeMs, changes);
    sendAlerts(this.alerting, timeMs, this.#group.intervalMs, this.#environment.sendSettings());
  }

  /** That a rule could not be evaluated says nothing about its alerts: without a word they would count as resolved. */
  #sendUnchanged(timeMs: number): void {
    if (this.alerting === null || this.#environment.signal.aborted) return;
    sendAlerts(this.alerting, timeMs, this.#group.intervalMs, this.#environment.sendSettings());
  }

  /** @returns what kept a sample from being written, or null */
  #write(timeMs: number, samples: readonly ResultSample[]): Error | null {
    const { appendable, metrics } = this.#environment;
    try {
      const outcome = appendResults(appendable, samples, this.#series, timeMs - this.#group.queryOffsetMs);
      this.#series = outcome.written;
      return outcome.error;
    } catch (error) {
      metrics.writeFailed(groupKey(this.#group));
      return errorOf(error);
    }
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** A group at work: evaluates its rules one after the other, slot by slot, until it is stopped. */
import { type Labels, stackOf } from "@tatou/model";
import { RuleEvents } from "../report/rule-events.ts";
import { groupKey, type RuleGroupSpec, type RuleSpec } from "../rule.ts";
import { appendStaleMarkers } from "./append-results.ts";
import { evaluationSlotMs } from "./evaluation-slot.ts";
import { restoreForState } from "./restore-for-state.ts";
import type { RuleEnvironment } from "./rule-environment.ts";
import { RuleRunner } from "./rule-runner.ts";

/** Before the first evaluations after a restart have filled the recorded series, restored state could not be kept. */
const evaluationCountBeforeRestore = 2;

/** Series of a group that was taken away are ended after so many intervals, unless another group gives them by then. */
const intervalCountBeforeStale = 2;

export interface RuleGroupOptions {
  readonly spec: RuleGroupSpec;
  readonly environment: RuleEnvironment;
  /** Whether the state of alerts is to be read back from storage: after a restart, not after a reload. */
  readonly isRestoring: boolean;
  /** The group of the same name before a reload, stopped. */
  readonly previous: RuleGroup | null;
}

export class RuleGroup {
  readonly spec: RuleGroupSpec;
  readonly #environment: RuleEnvironment;
  readonly #runners: readonly RuleRunner[];
  readonly #events: RuleEvents;
  readonly #stopController = new AbortController();
  #isRestoring: boolean;
  /** Of rules that a reload took away: ended at the next evaluation. */
  #orphanedSeries: readonly Labels[] = [];
  #lastEvaluationMs: number | null = null;
  #evaluationDurationMs = 0;
  #ended: Promise<void> = Promise.resolve();

  private constructor({ spec, environment, isRestoring }: RuleGroupOptions) {
    this.spec = spec;
    this.#environment = environment;
    this.#isRestoring = isRestoring;
    this.#events = new RuleEvents(environment.eventLog, spec);
    this.#runners = spec.rules.map(
      (rule) =>
        new RuleRunner({ group: spec, spec: rule, environment, events: this.#events, isRestored: !isRestoring }),
    );
  }

  static start(options: RuleGroupOptions): RuleGroup {
    const group = new RuleGroup(options);
    if (options.previous !== null) group.#copyStateFrom(options.previous);
    const { intervalMs, rules } = options.spec;
    options.environment.metrics.groupLoaded(groupKey(options.spec), { intervalMs, ruleCount: rules.length });
    group.#ended = group.#run();
    return group;
  }

  get runners(): readonly RuleRunner[] {
    return this.#runners;
  }

  /** When the last evaluation began; null before the first. */
  get lastEvaluationMs(): number | null {
    return this.#lastEvaluationMs;
  }

  get evaluationDurationMs(): number {
    return this.#evaluationDurationMs;
  }

  /** Resolves when the evaluation under way, if any, is done. */
  async stop(): Promise<void> {
    this.#stopController.abort();
    await this.#ended;
  }

  /** For a stopped group that is not continued: ends its series in a while. Resolves when that is done. */
  async endSeries(): Promise<void> {
    const { clock, appendable, signal } = this.#environment;
    const series = [...this.#orphanedSeries, ...this.#runners.flatMap((runner) => runner.series())];
    const timeMs = Math.floor(clock.nowMs()) - this.spec.queryOffsetMs;
    if (series.length === 0) return;
    try {
      await clock.sleep(intervalCountBeforeStale * this.spec.intervalMs, signal);
      appendStaleMarkers(appendable, series, timeMs);
    } catch {
      // The manager was closed, or the store is full: then queries see the series for the lookback time.
    }
  }

  async #run(): Promise<void> {
    const { clock } = this.#environment;
    let slotMs = evaluationSlotMs(this.spec, clock.nowMs()) + this.spec.intervalMs;
    let evaluationCount = 0;
    while (await this.#sleepUntil(slotMs)) {
      await clock.track(this.#evaluate(slotMs)).catch((defect: unknown) => this.#tellDefect(defect));
      evaluationCount++;
      if (this.#isRestoring && evaluationCount >= evaluationCountBeforeRestore) await clock.track(this.#restore());
      slotMs = this.#nextSlotMs(slotMs);
    }
  }

  /** A defect costs one evaluation: a group that stops would be silent for good. */
  #tellDefect(defect: unknown): void {
    this.#environment.log.error(`Cannot finish an evaluation of group ${groupKey(this.spec)}: ${stackOf(defect)}`);
  }

  /** False when the group is stopped. */
  async #sleepUntil(timeMs: number): Promise<boolean> {
    try {
      await this.#environment.clock.sleepUntil(timeMs, this.#stopController.signal);
      return !this.#stopController.signal.aborted;
    } catch {
      return false;
    }
  }

  /** The next slot, or when the evaluation took longer than the interval, the last slot that has begun. */
  #nextSlotMs(slotMs: number): number {
    const { intervalMs } = this.spec;
    const nowMs = this.#environment.clock.nowMs();
    if (nowMs < slotMs - intervalMs) return this.#slotAfterSetback(slotMs, nowMs);
    const elapsedCount = Math.max(1, Math.floor((nowMs - slotMs) / intervalMs));
    if (elapsedCount > 1) this.#missed(elapsedCount - 1);
    return slotMs + elapsedCount * intervalMs;
  }

  /** The clock was set back: waiting for the old next slot would leave the rules silent, and alerts lie in the future. */
  #slotAfterSetback(slotMs: number, nowMs: number): number {
    const nextSlotMs = evaluationSlotMs(this.spec, nowMs) + this.spec.intervalMs;
    for (const { alerting } of this.#runners) alerting?.shiftTimes(nextSlotMs - (slotMs + this.spec.intervalMs));
    return nextSlotMs;
  }

  #missed(count: number): void {
    this.#environment.metrics.iterationsMissed(groupKey(this.spec), count);
    this.#events.iterationsMissed(count);
  }

  async #evaluate(timeMs: number): Promise<void> {
    const { clock, metrics } = this.#environment;
    const startedMs = clock.nowMs();
    const startedMonotonicMs = clock.monotonicMs();
    let sampleCount = 0;
    for (const runner of this.#runners) {
      if (this.#stopController.signal.aborted) return;
      sampleCount += await runner.run(timeMs);
    }
    this.#endOrphans(timeMs);
    this.#lastEvaluationMs = startedMs;
    this.#evaluationDurationMs = clock.monotonicMs() - startedMonotonicMs;
    const facts = { durationMs: this.#evaluationDurationMs, sampleCount };
    metrics.iterationDone(groupKey(this.spec), { startedMs, ...facts });
    this.#events.iterationDone(timeMs, facts);
  }

  #endOrphans(timeMs: number): void {
    if (this.#orphanedSeries.length === 0) return;
    const { appendable, metrics } = this.#environment;
    try {
      appendStaleMarkers(appendable, this.#orphanedSeries, timeMs - this.spec.queryOffsetMs);
      this.#orphanedSeries = [];
    } catch {
      // Tried again at the next evaluation.
      metrics.writeFailed(groupKey(this.spec));
    }
  }

  async #restore(): Promise<void> {
    const nowMs = this.#environment.clock.nowMs();
    for (const { alerting } of this.#runners) {
      if (alerting === null) continue;
      try {
        await restoreForState(alerting, nowMs, this.#environment.restore);
      } catch {
        // There is no second chance, as new state is about to be written: the alert waits for all of its `for`.
      }
      alerting.markRestored();
    }
    this.#isRestoring = false;
  }

  /** Rules are the same when name and labels are; of several, the first goes with the first, and so on. */
  #copyStateFrom(previous: RuleGroup): void {
    this.#lastEvaluationMs = previous.#lastEvaluationMs;
    this.#evaluationDurationMs = previous.#evaluationDurationMs;
    const unclaimed = new Map<string, RuleRunner[]>();
    for (const runner of previous.#runners) {
      const key = ruleKey(runner.spec);
      unclaimed.set(key, [...(unclaimed.get(key) ?? []), runner]);
    }
    for (const runner of this.#runners) {
      const from = unclaimed.get(ruleKey(runner.spec))?.shift();
      if (from !== undefined) runner.copyStateFrom(from);
    }
    const deleted = [...unclaimed.values()].flat();
    this.#orphanedSeries = [...previous.#orphanedSeries, ...deleted.flatMap((runner) => runner.series())];
  }
}

function ruleKey(rule: RuleSpec): string {
  return JSON.stringify([rule.name, rule.labels]);
}

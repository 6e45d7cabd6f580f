import type { RuleAlertAnswer } from "@tatou/api";
import { labelsKey, labelsOf } from "@tatou/model";
import type { NoisyAlert } from "./drill-report.ts";
import type { FaultName } from "./fault-injector.ts";
import { type Preparation, quietAlerts } from "./run-drill-start.ts";
import { allSteps } from "./run-drill-steps.ts";
import type { DrillScenario } from "./scenario.ts";

/** An alert that fires does so for one evaluation at least; three looks in that time miss none. */
const looksPerEvaluation = 3;
/** For so long an engine may be away, such as for a restart. */
const gapAllowedMs = 30_000;

/** They are the engine's own trouble: it may owe an answer while it has them. */
const engineFaults: ReadonlySet<FaultName> = new Set([
  "scrape_job_removed",
  "rule_failing",
  "rules_broken",
  "too_many_series",
]);

/** Notes which alerts fire that have to be silent, and whether anybody could have heard them all the time. */
export class SilenceWatch {
  readonly #isQuiet: (alertName: string) => boolean;
  readonly #preparation: Pick<Preparation, "firingBefore" | "quietEveryMs">;
  /** Nothing has to be silent, or a fault explains why the engine is. */
  readonly #isExcused: boolean;
  readonly #noise = new Map<string, NoisyAlert>();
  #dueMs = 0;
  #lastHeardMs: number;
  #isHearing = true;
  #longestGapMs = 0;

  /** @param startedMs when the engine was known to answer */
  constructor(
    scenario: DrillScenario,
    preparation: Pick<Preparation, "firingBefore" | "quietEveryMs">,
    startedMs: number,
  ) {
    this.#isQuiet = quietAlerts(scenario);
    this.#preparation = preparation;
    this.#lastHeardMs = startedMs;
    const isBroken = allSteps(scenario.steps).some((step) => step.kind === "fault" && engineFaults.has(step.fault));
    this.#isExcused = isBroken || scenario.quiet.length === 0;
  }

  get noise(): readonly NoisyAlert[] {
    return [...this.#noise.values()];
  }

  /** Whether an alert could be missed without a look now. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /** @param sinceMs from when on the times of noise count */
  heard(activeAlerts: readonly RuleAlertAnswer[], { nowMs, sinceMs }: { nowMs: number; sinceMs: number }): void {
    const { quietEveryMs, firingBefore } = this.#preparation;
    this.#dueMs = nowMs + quietEveryMs / looksPerEvaluation;
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastHeardMs);
    this.#lastHeardMs = nowMs;
    this.#isHearing = true;
    for (const { labels, state, value } of activeAlerts) {
      const alert = labels["alertname"] ?? "";
      const key = labelsKey(labelsOf(labels));
      if (state !== "firing" || !this.#isQuiet(alert) || firingBefore.has(key) || this.#noise.has(key)) continue;
      this.#noise.set(key, {
        alert,
        labels,
        afterMs: nowMs - sinceMs,
        value: Number(value.replace("Inf", "Infinity")),
      });
    }
  }

  /** The engine did not answer. */
  heardNothing(): void {
    this.#isHearing = false;
  }

  /** Nothing has happened in the stack, so that what was heard last is still so. */
  nothingNew(nowMs: number): void {
    if (this.#isHearing) this.#lastHeardMs = nowMs;
  }

  /** Whether an engine that does not answer now may still be back in time. */
  mayHearAgain(nowMs: number): boolean {
    return !(this.#isExcused || this.#isHearing) && nowMs - this.#lastHeardMs <= this.#gapMaxMs;
  }

  get #gapMaxMs(): number {
    return Math.max(gapAllowedMs, this.#preparation.quietEveryMs);
  }

  /** Why silence proves nothing; null when somebody listened from the beginning to the end. */
  gap(nowMs: number): string | null {
    if (this.#isExcused) return null;
    if (this.#isHearing && this.#longestGapMs <= this.#gapMaxMs) return null;
    const gapMs = this.#isHearing ? this.#longestGapMs : nowMs - this.#lastHeardMs;
    return `The engine did not answer for ${Math.round(gapMs / 1000)} s: nobody knows what fired meanwhile`;
  }
}

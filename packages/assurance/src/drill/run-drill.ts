import { isNoAnswer, type RuleAlertAnswer } from "@tatou/api";
import { DrillSetupError } from "../errors.ts";
import { type DrillReport, type DrillVerdict, emptyReport } from "./drill-report.ts";
import { Observer } from "./observer.ts";
import type { AlertFollower } from "./observer-follower.ts";
import { Scene } from "./observer-scene.ts";
import { answersText } from "./observer-sights.ts";
import type { RequestTally } from "./request-tally.ts";
import type { DrillOptions } from "./run-drill-options.ts";
import { progressOf } from "./run-drill-progress.ts";
import { type Preparation, prepareDrill, refuseInterrupted } from "./run-drill-start.ts";
import { StepsUnderWay } from "./run-drill-steps.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { alertVerdict, drillVerdict } from "./verdict.ts";

/**
 * Plays a scenario against a platform, follows every expected alert from the first request to the delivery, and watches those
 * that have to be silent; over HTTP alone. What keeps it from running is its verdict, too, not an exception.
 */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const { clock, transport, urls } = options;
  const observer = new Observer(urls, transport);
  const startedAtMs = clock.nowMs();
  let drill: Drill | null = null;
  try {
    const preparation = await prepareDrill(options, observer);
    const steps = StepsUnderWay.begin(options);
    drill = new Drill(options, { observer, preparation, steps });
    try {
      await drill.watch();
    } finally {
      await steps.end();
    }
    return drill.report(startedAtMs, drill.verdict());
  } catch (error) {
    const problem = asSetupProblem(error);
    if (problem === null) throw error;
    const verdict: DrillVerdict = { kind: "cannot_run", reason: problem };
    return drill?.report(startedAtMs, verdict) ?? reportSoFar(options, startedAtMs, verdict);
  }
}

/** Why it cannot run, and what to do; null for a defect. */
function asSetupProblem(error: unknown): string | null {
  if (error instanceof DrillSetupError) return `${error.message}. ${error.hint}`;
  if (!isNoAnswer(error)) return null;
  return `${error.message}. Is the stack up? Start it with npm start`;
}

/** How long an alert without a budget is waited for. */
const patienceMs = 15 * 60_000;
const patienceBeyondBudgetMs = 60_000;
/** "request" and "counter moved". */
const stagesOfRequests = 2;
/** A day on which fewer were served is no ordinary one. */
const servedShareMin = 0.95;

class Drill {
  readonly #options: DrillOptions;
  readonly #observer: Observer;
  readonly #preparation: Preparation;
  readonly #steps: StepsUnderWay;
  readonly #silence: SilenceWatch;
  #seenActivity = -1;
  #stepsEndedMs: number | null = null;

  constructor(
    options: DrillOptions,
    parts: { readonly observer: Observer; readonly preparation: Preparation; readonly steps: StepsUnderWay },
  ) {
    this.#options = options;
    this.#observer = parts.observer;
    this.#preparation = parts.preparation;
    this.#steps = parts.steps;
    this.#silence = new SilenceWatch(options.scenario, parts.preparation, parts.steps.startedMs);
  }

  /** Looks again and again until everything is known. @throws {DrillSetupError} a step cannot be done here, or interrupted */
  async watch(): Promise<void> {
    const { clock, pollEveryMs, signal } = this.#options;
    for (;;) {
      refuseInterrupted(this.#options);
      this.#steps.throwFailure();
      if (this.#hasNews()) await this.#look();
      else this.#silence.nothingNew(clock.nowMs());
      if (this.#isOver()) return;
      await clock.sleep(pollEveryMs, signal).catch(() => undefined);
    }
  }

  #hasNews(): boolean {
    const { activityCount } = this.#options;
    if (activityCount === undefined) return true;
    const { tally } = this.#steps;
    // A request can only move a counter; what follows from that is the stack's doing.
    const areMoving = this.#preparation.followers.some(({ stages }) => stages.length < stagesOfRequests);
    const requestCount = areMoving ? tally.sentCount + tally.expectedCount + tally.failedCount : 0;
    const seen = activityCount() + requestCount;
    const isNew = seen !== this.#seenActivity;
    this.#seenActivity = seen;
    return isNew;
  }

  async #look(): Promise<void> {
    const { clock, onProgress } = this.#options;
    const { followers } = this.#preparation;
    const beganMs = this.#steps.beganMs;
    const nowMs = clock.nowMs();
    const isFollowing = beganMs !== null && followers.some((follower) => !this.#isSettled(follower));
    if (!isFollowing && !this.#silence.isDue(nowMs)) return;
    const activeAlerts = await this.#activeAlerts();
    if (activeAlerts === null) this.#silence.heardNothing();
    else this.#silence.heard(activeAlerts, { nowMs, sinceMs: beganMs ?? this.#steps.startedMs });
    if (beganMs === null) return;
    const { tally, isBroken } = this.#steps;
    const scene = new Scene(this.#observer, { beganMs, nowMs, tally, activeAlerts: activeAlerts ?? [], isBroken });
    for (const follower of followers) if (!this.#isSettled(follower)) await follower.look(scene);
    if (onProgress !== undefined) onProgress(await progressOf(scene, { followers, observer: this.#observer }));
  }

  /** null while the engine does not answer. */
  async #activeAlerts(): Promise<readonly RuleAlertAnswer[] | null> {
    try {
      return await this.#observer.activeAlerts();
    } catch (error) {
      if (isNoAnswer(error)) return null;
      throw error;
    }
  }

  /** Whether nothing about this alert can change any more. */
  #isSettled({ isDelivered, options: { budgetMs } }: AlertFollower): boolean {
    if (isDelivered) return true;
    const { beganMs } = this.#steps;
    if (beganMs === null) return this.#steps.hasEnded;
    const limitMs = budgetMs === null ? patienceMs : Math.max(2 * budgetMs, budgetMs + patienceBeyondBudgetMs);
    return this.#options.clock.nowMs() - beganMs > limitMs;
  }

  #isOver(): boolean {
    const { followers } = this.#preparation;
    const { scenario, clock } = this.#options;
    const areSettled = followers.every((follower) => this.#isSettled(follower));
    if (!areSettled) return false;
    const isAnyMissing = followers.some(({ isDelivered }) => !isDelivered);
    if (isAnyMissing || (followers.length > 0 && scenario.quiet.length === 0)) return true;
    // Steps that leave something broken have no end of their own.
    if (this.#steps.hasEnded || (this.#steps.leavesBroken && followers.length > 0))
      this.#stepsEndedMs ??= clock.nowMs();
    const nowMs = clock.nowMs();
    if (this.#stepsEndedMs === null || nowMs < this.#stepsEndedMs + scenario.settleMs) return false;
    return !this.#silence.mayHearAgain(nowMs);
  }

  verdict(): DrillVerdict {
    const { scenario, clock } = this.#options;
    const { tally } = this.#steps;
    if (scenario.kind === "benign" && tally.expectedCount < servedShareMin * tally.sentCount)
      return { kind: "cannot_run", reason: unservedText(tally) };
    const verdict = drillVerdict(this.#outcomes(), this.#silence.noise);
    const gap = verdict.kind === "pass" ? this.#silence.gap(clock.nowMs()) : null;
    return gap === null ? verdict : { kind: "cannot_run", reason: gap };
  }

  #outcomes(): DrillReport["outcomes"] {
    return this.#preparation.followers.map((follower) => {
      const { stages, missing } = follower;
      const { rule, labels, budgetMs } = follower.options;
      const afterMs = stages.at(-1)?.afterMs ?? 0;
      const verdict = alertVerdict({ alert: rule.alert, missing, afterMs, budgetMs });
      return { alert: rule.alert, labels, budgetMs, threshold: rule.threshold?.limit ?? null, stages, verdict };
    });
  }

  report(startedAtMs: number, verdict: DrillVerdict): DrillReport {
    const { tally } = this.#steps;
    return {
      ...reportSoFar(this.#options, startedAtMs, verdict),
      requestCount: tally.sentCount,
      answers: answersOf(tally),
      outcomes: this.#outcomes(),
      noise: this.#silence.noise,
    };
  }
}

function unservedText(tally: RequestTally): string {
  const { sentCount, expectedCount, byStatus, lastError } = tally;
  const seen = byStatus.size > 0 ? `it answered ${answersText(tally)}` : (lastError ?? "no answer");
  if (expectedCount === 0) return `The platform served none of ${sentCount} requests: ${seen}`;
  const share = `${servedShareMin * 100} %`;
  return `The platform served ${expectedCount} of ${sentCount} requests, fewer than ${share}: ${seen}`;
}

function answersOf({ byStatus }: RequestTally): Readonly<Record<string, number>> {
  return Object.fromEntries([...byStatus].map(([status, count]) => [String(status), count]));
}

function reportSoFar(options: DrillOptions, startedAtMs: number, verdict: DrillVerdict): DrillReport {
  const { scenario, clock, clockName, sourceAddress } = options;
  const durationMs = clock.nowMs() - startedAtMs;
  return emptyReport(scenario, {
    ...{ clock: clockName, sourceAddress: sourceAddress(0), startedAtMs, durationMs, verdict },
  });
}

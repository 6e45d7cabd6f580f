import { setMaxListeners } from "node:events";
import { AnswerShapeError } from "@tatou/api";
import { type Clock, type HttpTransport, HttpTransportError } from "@tatou/model";
import { Attack, type AttackTally } from "./attack.ts";
import { type DrillReport, type DrillStage, drillStages, type StageResult } from "./drill-report.ts";
import { DrillSetupError } from "./errors.ts";
import { type DrillUrls, type LoadedRule, type ObservedAlert, Observer } from "./observer.ts";
import type { DrillScenario } from "./scenario.ts";

export interface DrillOptions {
  readonly scenario: DrillScenario;
  readonly urls: DrillUrls;
  readonly clock: Clock;
  readonly transport: HttpTransport;
  /** How often the stack is looked at; also the precision of the times. */
  readonly pollEveryMs: number;
  readonly onProgress?: (progress: DrillProgress) => void;
  readonly signal?: AbortSignal;
}

/** Where a drill stands; told at every look. */
export interface DrillProgress {
  readonly afterMs: number;
  readonly rule: LoadedRule;
  readonly stages: readonly StageResult[];
  readonly tally: AttackTally;
  /** The rule's left side for the attacker's address, when the rule has a threshold. */
  readonly value: number | null;
  readonly alert: ObservedAlert | null;
}

/**
 * Attacks the platform and follows the alarm from the first answer to the notification, over HTTP alone.
 *
 * @throws {DrillSetupError} the drill cannot begin: nobody answers, the rule is missing, or it fires already
 */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const { scenario, clock, transport, urls } = options;
  const observer = new Observer(scenario, urls, transport);
  const before = await lookBefore(observer, scenario);
  const attack = new Attack(scenario, urls.target, { transport, clock });
  const stopping = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, stopping.signal);
  const onAbort = (): void => stopping.abort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const startedAtMs = clock.nowMs();
  const attacking = attack.run(stopping.signal);
  const drill: Drill = { options, observer, before, attack, startedAtMs, stages: [], value: null, alert: null };
  let problem = "";
  try {
    problem = await followStages(drill);
  } finally {
    stopping.abort();
    options.signal?.removeEventListener("abort", onAbort);
    await attacking;
  }
  const missing = drillStages[drill.stages.length];
  return {
    scenario: scenario.name,
    alertName: scenario.alertName,
    sourceAddress: scenario.sourceAddress,
    startedAtMs,
    durationMs: clock.nowMs() - startedAtMs,
    requestCount: attack.tally().sentCount,
    stages: drill.stages,
    verdict: missing === undefined ? { kind: "pass" } : { kind: "miss", stage: missing, reason: problem },
  };
}

/** How things stood before the first request. */
interface Before {
  readonly rule: LoadedRule;
  readonly counter: number;
  readonly inboxSeq: number;
}

interface Drill {
  readonly options: DrillOptions;
  readonly observer: Observer;
  readonly before: Before;
  readonly attack: Attack;
  readonly startedAtMs: number;
  readonly stages: StageResult[];
  /** Of the rule's left side; read at every look only when somebody follows it. */
  value: number | null;
  alert: ObservedAlert | null;
}

async function lookBefore(observer: Observer, scenario: DrillScenario): Promise<Before> {
  try {
    const rule = await observer.loadRule();
    if ((await observer.alert()) !== null) {
      throw new DrillSetupError(
        `Cannot drill ${scenario.name}: ${scenario.alertName} is active already for ${scenario.sourceAddress}`,
        "Wait until it has resolved (up to three minutes after the last drill), or attack from another --source",
      );
    }
    return { rule, counter: await observer.exposedCounter(), inboxSeq: await observer.lastInboxSeq() };
  } catch (error) {
    if (!(error instanceof HttpTransportError || error instanceof AnswerShapeError)) throw error;
    throw new DrillSetupError(
      `Cannot drill ${scenario.name}: ${error.message}`,
      "Is the stack up? Start it with npm start",
    );
  }
}

/** Looks again and again until all stages came or time is up; gives back why the last one did not come. */
async function followStages(drill: Drill): Promise<string> {
  const { clock, scenario, pollEveryMs, signal } = drill.options;
  for (;;) {
    const problem = await look(drill);
    tell(drill);
    if (drill.stages.length === drillStages.length) return "";
    const leftMs = drill.startedAtMs + scenario.deadlineMs - clock.nowMs();
    if (leftMs <= 0) return `${problem}, ${scenario.deadlineMs / 1000} s after the first request`;
    if (signal?.aborted === true) return "interrupted";
    await clock.sleep(Math.min(leftMs, pollEveryMs), signal).catch(() => undefined);
  }
}

/** Checks stage after stage until one has not come yet; what it says is why. */
async function look(drill: Drill): Promise<string> {
  try {
    await lookAtRule(drill);
    for (;;) {
      const stage = drillStages[drill.stages.length];
      if (stage === undefined) return "";
      const seen = await checkStage(stage, drill);
      if (!seen.isReached) return seen.detail;
      drill.stages.push({ stage, afterMs: drill.options.clock.nowMs() - drill.startedAtMs, detail: seen.detail });
    }
  } catch (error) {
    // A program that restarts in the middle of a drill is looked at again, not given up.
    if (error instanceof HttpTransportError || error instanceof AnswerShapeError) return error.message;
    throw error;
  }
}

/** Value and alert are read once a look: the stages and the live chart share them. */
async function lookAtRule(drill: Drill): Promise<void> {
  if (drill.options.onProgress !== undefined) drill.value = await leftSideValue(drill);
  if (drill.stages.length >= drillStages.indexOf("expression true")) drill.alert = await drill.observer.alert();
}

async function leftSideValue({ observer, before }: Drill): Promise<number | null> {
  const { threshold } = before.rule;
  return threshold === null ? null : await observer.valueForSource(threshold.valueExpr);
}

interface StageSight {
  readonly isReached: boolean;
  readonly detail: string;
}

async function checkStage(stage: DrillStage, drill: Drill): Promise<StageSight> {
  const { observer, before } = drill;
  switch (stage) {
    case "request answered":
      return answerSight(drill.attack.tally(), drill.options.scenario.expectedStatuses);
    case "counter moved": {
      const value = await observer.exposedCounter();
      return {
        isReached: value > before.counter,
        detail: `${drill.options.scenario.metricName} ${before.counter} → ${value}`,
      };
    }
    case "scraped": {
      const value = await observer.scrapedCounter();
      return { isReached: value !== null && value > before.counter, detail: `the engine has ${value ?? "no sample"}` };
    }
    case "expression true":
      return expressionSight(drill);
    case "pending":
      // A rule without `for` goes straight to firing.
      return { isReached: drill.alert !== null, detail: alertText(drill) };
    case "firing":
      return { isReached: drill.alert?.state === "firing", detail: alertText(drill) };
    case "notified": {
      const message = await observer.notification(before.inboxSeq);
      if (message === null) return { isReached: false, detail: "no message in the inbox" };
      return { isReached: true, detail: `receiver ${message.receiver}, message ${message.seq}` };
    }
  }
}

function answerSight(tally: AttackTally, expectedStatuses: readonly number[]): StageSight {
  const statuses = [...tally.byStatus.keys()];
  const expected = statuses.find((status) => expectedStatuses.includes(status));
  if (expected !== undefined) return { isReached: true, detail: `status ${expected}` };
  if (statuses.length > 0) {
    const detail = `the platform answered ${statuses.join(", ")}, expected ${expectedStatuses.join(" or ")}`;
    return { isReached: false, detail };
  }
  return { isReached: false, detail: tally.lastError ?? "no answer yet" };
}

async function expressionSight(drill: Drill): Promise<StageSight> {
  const { query, threshold } = drill.before.rule;
  const held = await drill.observer.valueForSource(query);
  const limit = threshold === null ? "" : ` ${threshold.operator} ${threshold.limit}`;
  if (held !== null) return { isReached: true, detail: `${shortNumber(held)}${limit}` };
  const value = drill.value ?? (await leftSideValue(drill));
  return {
    isReached: false,
    detail: `the expression has the value ${value === null ? "nothing" : shortNumber(value)}, expected${limit}`,
  };
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(5)));
}

function alertText({ alert, before }: Drill): string {
  if (alert === null) return "the engine has no such alert";
  return alert.state === "pending" ? `pending, for ${before.rule.forMs / 1000} s` : "firing";
}

function tell(drill: Drill): void {
  drill.options.onProgress?.({
    afterMs: drill.options.clock.nowMs() - drill.startedAtMs,
    rule: drill.before.rule,
    stages: drill.stages,
    tally: drill.attack.tally(),
    value: drill.value,
    alert: drill.alert,
  });
}

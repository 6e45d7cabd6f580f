import { AnswerShapeError, type RuleAlertAnswer } from "@tatou/api";
import { HttpTransportError, labelsKey, labelsOf } from "@tatou/model";
import { DrillSetupError } from "../errors.ts";
import type { LoadedRule, Observer } from "./observer.ts";
import { AlertFollower } from "./observer-follower.ts";
import { exposedSnapshot, readExpositions } from "./observer-scene.ts";
import { isExpected } from "./observer-sights.ts";
import { Receivers } from "./receivers.ts";
import type { DrillOptions } from "./run-drill-options.ts";
import { allSteps } from "./run-drill-steps.ts";
import type { DrillScenario, Expectation } from "./scenario.ts";

/** What a drill begins with. */
export interface Preparation {
  readonly followers: readonly AlertFollower[];
  /** Alerts that fire already, as keys of their labels: not the drill's doing. */
  readonly firingBefore: ReadonlySet<string>;
  /** The shortest interval between two evaluations. */
  readonly quietEveryMs: number;
}

/**
 * Finds out whether the drill can run, waits until the platform was watched in peace for long enough, and notes how things stand.
 * @throws {DrillSetupError} it cannot run here
 * @throws {HttpTransportError} a program does not answer
 */
export async function prepareDrill(options: DrillOptions, observer: Observer): Promise<Preparation> {
  refuseInterrupted(options);
  refuseFaults(options);
  const rules = await observer.loadRules();
  const expected = options.scenario.expect.map((expectation) => ({
    expectation,
    rule: ruleOf(expectation, { rules, observer }),
    labels: fillSource(expectation.labels, options.sourceAddress(0)),
  }));
  const refuseActive = (active: readonly RuleAlertAnswer[]): void => {
    for (const { rule, labels } of expected) {
      if (active.some((alert) => isExpected(alert.labels, rule.alert, labels))) throw activeAlready(rule.alert);
    }
  };
  refuseActive(await observer.activeAlerts());
  await waitForHistory(options, observer);
  refuseInterrupted(options);
  const active = await observer.activeAlerts();
  refuseActive(active);
  const receivers = await readReceivers(observer);
  const hasRequests = options.scenario.steps.flatMap(allSteps).some(({ kind }) => kind === "request" || kind === "act");
  const before = expected.length === 0 ? null : await noteBefore(observer);
  const followers: AlertFollower[] = [];
  for (const { expectation, rule, labels } of expected) {
    const own = await before!(rule);
    const budgetMs = expectation.withinMs ?? options.budgets.get(rule.alert) ?? null;
    const { receiver } = expectation;
    followers.push(
      new AlertFollower({ observer, rule, labels, receiver, receivers, budgetMs, before: own, hasRequests }),
    );
  }
  const firing = active.filter(({ state }) => state === "firing");
  return {
    followers,
    firingBefore: new Set(firing.map(({ labels }) => labelsKey(labelsOf(labels)))),
    quietEveryMs: Math.min(...[...rules.values()].map(({ intervalMs }) => intervalMs), longestLookMs),
  };
}

/** @throws {DrillSetupError} somebody wants it to end */
export function refuseInterrupted({ signal }: Pick<DrillOptions, "signal">): void {
  if (signal?.aborted === true) throw new DrillSetupError("Interrupted", "Let it run to its end");
}

const longestLookMs = 60_000;

function refuseFaults({ scenario, faults }: DrillOptions): void {
  for (const step of scenario.steps.flatMap(allSteps)) {
    const refusal = step.kind === "fault" ? faults.refusal(step.fault) : null;
    if (refusal !== null) throw new DrillSetupError(`Cannot break anything: ${refusal}`, ownStackHint);
  }
}

const ownStackHint = "Drill it in virtual time (--clock virtual), or with a stack of its own (--own-stack)";

function ruleOf(
  { alert }: Expectation,
  { rules, observer }: { readonly rules: ReadonlyMap<string, LoadedRule>; readonly observer: Observer },
): LoadedRule {
  const rule = rules.get(alert);
  if (rule !== undefined) return rule;
  throw new DrillSetupError(
    `${observer.urls.prometheus} has no alert rule "${alert}"`,
    "Load monitoring/prometheus_rules there, or give the address of another engine with --prometheus",
  );
}

function fillSource(labels: Expectation["labels"], source: string): Expectation["labels"] {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, value.replaceAll("${source}", source)]),
  );
}

function activeAlready(alert: string): DrillSetupError {
  return new DrillSetupError(
    `${alert} is active already`,
    "Wait until it has resolved (some minutes after the last drill), or attack from another --source",
  );
}

/** A platform that has been watched for so long needs no more of it; in virtual time it never has. */
async function waitForHistory(options: DrillOptions, observer: Observer): Promise<void> {
  const { clock, clockName, onWait, signal } = options;
  const { historyMs } = options.scenario;
  if (historyMs === 0) return;
  if (clockName === "real" && (await observer.query(`up offset ${historyMs}ms`)).length > 0) return;
  onWait?.(historyMs);
  await clock.sleep(historyMs, signal).catch(() => undefined);
}

/** Where there is an inbox, a message in it says more than a configuration. */
async function readReceivers(observer: Observer): Promise<Receivers | null> {
  try {
    return Receivers.read(await observer.alertmanagerConfig());
  } catch (error) {
    if (observer.urls.inbox !== null && (error instanceof HttpTransportError || error instanceof AnswerShapeError))
      return null;
    throw error;
  }
}

/** What all followers share is read once; the rest by rule. */
async function noteBefore(observer: Observer) {
  const expositions = await readExpositions(observer);
  const lastMessageSeq = (await observer.messages(0)).at(-1)?.seq ?? 0;
  return async (rule: LoadedRule) => ({
    exposed: exposedSnapshot(rule.signals, expositions),
    stored: await observer.stored(rule.signals),
    lastMessageSeq,
  });
}

/** Which alerts have to be silent. */
export function quietAlerts({ quiet, expect }: DrillScenario): (alertName: string) => boolean {
  if (quiet !== "all") return (alertName) => quiet.includes(alertName);
  const excepted = new Set(["Watchdog", ...expect.map(({ alert }) => alert)]);
  return (alertName) => !excepted.has(alertName);
}

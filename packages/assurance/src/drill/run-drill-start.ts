import { isNoAnswer, type RuleAlertAnswer } from "@tatou/api";
import { labelsKey, labelsOf } from "@tatou/model";
import { DrillSetupError } from "../errors.ts";
import type { LoadedRule, Observer } from "./observer.ts";
import { AlertFollower } from "./observer-follower.ts";
import { exposedSnapshot, readExpositions } from "./observer-scene.ts";
import { isExpected } from "./observer-sights.ts";
import { Receivers } from "./receivers.ts";
import type { DrillOptions } from "./run-drill-options.ts";
import { allSteps } from "./run-drill-steps.ts";
import { type DrillScenario, type Expectation, watchdogAlert } from "./scenario.ts";

/** What a drill begins with. */
export interface Preparation {
  readonly followers: readonly AlertFollower[];
  /** Alerts that fire already, as keys of their labels: not the doing of an attack that has to keep all others quiet. */
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
  refuseOneAddress(options);
  const rules = await observer.loadRules();
  const expected = options.scenario.expect.map((expectation) => ({
    expectation,
    rule: ruleOf(expectation.alert, { rules, observer }),
    labels: fillSource(expectation.labels, options.sourceAddress(0)),
  }));
  const refuseActive = (active: readonly RuleAlertAnswer[]): void => {
    for (const { rule, labels } of expected) {
      if (active.some((alert) => isExpected(alert.labels, rule.alert, labels))) throw activeAlready(rule.alert);
    }
    refuseNoise(options.scenario, active);
  };
  refuseSilenceWithoutRules(options.scenario, { rules, observer });
  refuseActive(await observer.activeAlerts());
  await waitForHistory(options, observer);
  refuseInterrupted(options);
  const active = await observer.activeAlerts();
  refuseActive(active);
  const receivers = await readReceivers(observer);
  const hasRequests = allSteps(options.scenario.steps).some(({ kind }) => kind === "request" || kind === "act");
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
  for (const step of allSteps(scenario.steps)) {
    const refusal = step.kind === "fault" ? faults.refusal(step.fault) : null;
    if (refusal !== null) throw new DrillSetupError(`Cannot break anything: ${refusal}`, ownStackHint);
  }
}

const ownStackHint = "Drill it in virtual time (--clock virtual), or with a stack of its own (--own-stack)";

/** From one address, a distributed attack is another attack. */
function refuseOneAddress({ scenario, sourceAddress }: DrillOptions): void {
  for (const step of allSteps(scenario.steps)) {
    if (step.kind !== "request" || step.sourceCount === 1 || sourceAddress(0) !== sourceAddress(1)) continue;
    const count = step.sourceCount === "each" ? "many" : step.sourceCount;
    throw new DrillSetupError(
      `The drill needs ${count} source addresses, and there is ${sourceAddress(0)} alone`,
      "Drill it on Linux, against a platform on this machine, with a --source such as 127.0.0.9",
    );
  }
}

interface Loaded {
  readonly rules: ReadonlyMap<string, LoadedRule>;
  readonly observer: Observer;
}

function ruleOf(alert: string, { rules, observer }: Loaded): LoadedRule {
  const rule = rules.get(alert);
  if (rule !== undefined) return rule;
  throw new DrillSetupError(`${observer.urls.prometheus} has no alert rule "${alert}"`, loadRulesHint);
}

const loadRulesHint = "Load monitoring/prometheus_rules there, or give the address of another engine with --prometheus";

/** Where no rule is, nothing can fire. */
function refuseSilenceWithoutRules({ quiet }: DrillScenario, loaded: Loaded): void {
  if (quiet !== "all") for (const alert of quiet) ruleOf(alert, loaded);
  else if ([...loaded.rules.keys()].every((alert) => alert === watchdogAlert)) {
    const { prometheus } = loaded.observer.urls;
    throw new DrillSetupError(`${prometheus} has no alert rule that could break the silence`, loadRulesHint);
  }
}

/** What fires already cannot be heard to begin. An attack that has to keep all others quiet has only not to add to them. */
function refuseNoise(scenario: DrillScenario, active: readonly RuleAlertAnswer[]): void {
  if (scenario.kind === "attack" && scenario.quiet === "all") return;
  const isQuiet = quietAlerts(scenario);
  const firing = active.filter(({ state }) => state === "firing").map(({ labels }) => labels["alertname"] ?? "");
  const names = [...new Set(firing.filter(isQuiet))];
  if (names.length > 0) throw activeAlready(names.join(", "));
}

function fillSource(labels: Expectation["labels"], source: string): Expectation["labels"] {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, value.replaceAll("${source}", source)]),
  );
}

function activeAlready(alerts: string): DrillSetupError {
  return new DrillSetupError(
    `${alerts} ${alerts.includes(",") ? "are" : "is"} active already`,
    "Wait until that has resolved (some minutes after the last drill), or attack from another --source",
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
    if (observer.urls.inbox !== null && isNoAnswer(error)) return null;
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
  const excepted = new Set([watchdogAlert, ...expect.map(({ alert }) => alert)]);
  return (alertName) => !excepted.has(alertName);
}

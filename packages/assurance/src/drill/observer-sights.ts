/** What shows that a stage has come: one function a stage. */
import type { AlertmanagerAlert, RuleAlertAnswer } from "@tatou/api";
import type { DrillStage } from "./drill-report.ts";
import type { LoadedRule, Observer } from "./observer.ts";
import { type DeliveryCounts, deliveryCounts, deliveryKey } from "./observer-deliveries.ts";
import { exposedSnapshot, isExposed, type Scene } from "./observer-scene.ts";
import type { Receivers } from "./receivers.ts";
import type { RequestTally } from "./request-tally.ts";
import { isMadeByEngine, movementBetween, type Snapshot, shortNumber } from "./signals.ts";

/** Whether a stage has come, and what was seen. */
export type Sight =
  | {
      readonly kind: "reached";
      readonly detail: string;
      /** When it is known better than by the time of the look. */
      readonly afterMs?: number;
      /** Those that the routes chose. */
      readonly receivers?: readonly string[];
    }
  | { readonly kind: "waiting" | "not_applicable"; readonly detail: string };

/** How things stood before the attack. */
export interface Before {
  readonly exposed: Snapshot;
  readonly stored: Snapshot;
  readonly lastMessageSeq: number;
}

/** What to look for, and where. */
export interface FollowerOptions {
  readonly observer: Observer;
  readonly rule: LoadedRule;
  /** What the alert's labels have to be, in part; without variables. */
  readonly labels: Readonly<Record<string, string>>;
  /** Who must be told; null for anybody. */
  readonly receiver: string | null;
  /** Of the Alertmanager; null when it does not say, or cannot be understood. */
  readonly receivers: Receivers | null;
  readonly budgetMs: number | null;
  readonly before: Before;
  /** Whether the drill asks anything of the platform. */
  readonly hasRequests: boolean;
}

/** What is known of the alert when a stage is looked for. */
export interface Followed extends FollowerOptions {
  readonly chosenReceivers: readonly string[];
  readonly deliveredBefore: DeliveryCounts | null;
}

export function sightOf(stage: DrillStage, followed: Followed, scene: Scene): Sight | Promise<Sight> {
  switch (stage) {
    case "request":
      return requestSight(followed, scene);
    case "counter moved":
      return counterSight(followed, scene);
    case "scraped":
      return scrapedSight(followed);
    case "expression true":
      return expressionSight(followed);
    case "pending":
    case "firing":
      return alertSight(stage, followed, scene);
    case "routed":
      return routedSight(followed);
    case "delivered":
      return followed.observer.urls.inbox === null ? countedSight(followed) : messageSight(followed);
  }
}

const waiting = (detail: string): Sight => ({ kind: "waiting", detail });
const notApplicable = (detail: string): Sight => ({ kind: "not_applicable", detail });
const reached = (detail: string): Sight => ({ kind: "reached", detail });

function requestSight({ hasRequests }: Followed, { tally, isBroken, beganMs }: Scene): Sight {
  if (!hasRequests) return notApplicable("nothing is asked of the platform");
  if (tally.firstExpectedMs !== null) {
    // Where something breaks, requests may have come before.
    const afterMs = Math.max(0, tally.firstExpectedMs - beganMs);
    return { kind: "reached", detail: `answered ${answersText(tally)}`, afterMs };
  }
  if (tally.byStatus.size > 0)
    return waiting(`the platform answered ${answersText(tally)}: not as one that is attacked`);
  const reason = tally.lastError ?? "no answer yet";
  return isBroken ? notApplicable(reason) : waiting(reason);
}

/** "401 (24 times), 429 (3 times)". */
export function answersText({ byStatus }: Pick<RequestTally, "byStatus">): string {
  return [...byStatus].map(([status, count]) => `${status} (${count === 1 ? "once" : `${count} times`})`).join(", ");
}

async function counterSight({ rule: { signals }, before }: Followed, scene: Scene): Promise<Sight> {
  if (signals.length === 0) return notApplicable("the rule reads no metric");
  const names = metricNames(signals);
  if (signals.every(isMadeByEngine)) return notApplicable(`no program exposes ${names}: the engine makes it`);
  const expositions = await scene.expositions();
  const movement = movementBetween(before.exposed, exposedSnapshot(signals, expositions));
  if (movement !== null) return reached(movement);
  if (expositions.target === null) return notApplicable("the platform shows its metrics to others only");
  if (isExposed(signals, expositions)) return waiting(`no series of ${names} that the rule reads has moved`);
  return before.stored.size > 0
    ? notApplicable(`another program exposes ${names}`)
    : waiting(`neither the platform nor the engine exposes ${names}`);
}

async function scrapedSight({ rule: { signals }, before, observer }: Followed): Promise<Sight> {
  if (signals.length === 0) return notApplicable("the rule reads no metric");
  const stored = await observer.stored(signals);
  const movement = movementBetween(before.stored, stored);
  if (movement !== null) return reached(movement);
  const names = metricNames(signals);
  return waiting(
    stored.size === 0 ? `the engine has no series of ${names}` : `the engine has no new value of ${names}`,
  );
}

function metricNames(signals: Followed["rule"]["signals"]): string {
  const names = [...new Set(signals.map(({ metricName, selector }) => metricName || selector))];
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} …` : names.join(", ");
}

async function expressionSight({ rule, labels, observer }: Followed): Promise<Sight> {
  const limit = rule.threshold === null ? "" : ` ${rule.threshold.operator} ${rule.threshold.limit}`;
  const fits = (point: { readonly labels: Readonly<Record<string, string>> }): boolean =>
    Object.entries(labels).every(
      ([name, value]) => point.labels[name] === value || (rule.labels[name] !== undefined && !(name in point.labels)),
    );
  const held = (await observer.query(rule.query)).find(fits);
  if (held !== undefined) return reached(`${shortNumber(held.value)}${limit}`);
  if (rule.threshold === null) return waiting("the expression has no result");
  const left = (await observer.query(rule.threshold.valueExpr)).filter(fits).map(({ value }) => value);
  const seen = left.length === 0 ? "nothing" : shortNumber(Math.max(...left));
  return waiting(`the expression has the value ${seen}, expected${limit}`);
}

/** The expected alert's instance that has come furthest. */
export function ownAlert(
  { rule, labels }: Pick<Followed, "rule" | "labels">,
  { activeAlerts }: Pick<Scene, "activeAlerts">,
): RuleAlertAnswer | null {
  const own = activeAlerts.filter((alert) => isExpected(alert.labels, rule.alert, labels));
  return own.find(({ state }) => state === "firing") ?? own[0] ?? null;
}

export function isExpected(
  found: Readonly<Record<string, string>>,
  alertName: string,
  expected: Readonly<Record<string, string>>,
): boolean {
  return found["alertname"] === alertName && Object.entries(expected).every(([name, value]) => found[name] === value);
}

function alertSight(stage: "pending" | "firing", followed: Followed, scene: Scene): Sight {
  const alert = ownAlert(followed, scene);
  if (alert === null) return waiting("the engine has no such alert");
  const { forMs } = followed.rule;
  if (stage === "pending") return reached(forMs === 0 ? "fires without delay" : `for ${forMs / 1000} s`);
  return alert.state === "firing" ? reached("firing") : waiting(`pending, for ${forMs / 1000} s`);
}

async function routedSight(followed: Followed): Promise<Sight> {
  const { observer, rule, labels, receiver } = followed;
  const all = await observer.routedAlerts(rule.alert);
  const own = all.filter((alert) => isExpected(alert.labels, rule.alert, labels));
  const [first] = own;
  if (first === undefined) return waiting(`${observer.urls.alertmanager} has not heard of it`);
  const active = own.find(({ status }) => status.state !== "suppressed");
  if (active === undefined) return waiting(await suppressionText(first, followed));
  const names = active.receivers.map(({ name }) => name);
  if (names.length === 0) return waiting("no route takes it");
  if (receiver !== null && !names.includes(receiver))
    return waiting(`it goes to ${names.join(", ")}, not to ${receiver}`);
  const told = names.filter((name) => followed.receivers?.integrationsOf(name)?.length !== 0);
  if (told.length === 0) return waiting(`receiver ${names.join(", ")} has no integration: it tells nobody`);
  return { kind: "reached", detail: `receiver ${told.join(", ")}`, receivers: told };
}

async function suppressionText({ status }: AlertmanagerAlert, { observer }: Followed): Promise<string> {
  if (status.silencedBy.length > 0) return `silenced by ${status.silencedBy.join(", ")}`;
  if (status.inhibitedBy.length === 0) return "muted by a time interval";
  const all = await observer.routedAlerts();
  const inhibitors = all.filter(({ fingerprint }) => status.inhibitedBy.includes(fingerprint));
  const names = new Set(inhibitors.map(({ labels }) => labels["alertname"] ?? ""));
  return `inhibited by ${[...(names.size > 0 ? names : status.inhibitedBy)].join(", ")}`;
}

async function messageSight({ observer, rule, labels, receiver, before }: Followed): Promise<Sight> {
  const messages = await observer.messages(before.lastMessageSeq);
  const own = messages.find(
    (message) =>
      (receiver === null || message.receiver === receiver) &&
      message.alerts.some((alert) => alert.status === "firing" && isExpected(alert.labels, rule.alert, labels)),
  );
  if (own === undefined) return waiting(`no message at ${observer.urls.inbox}`);
  return reached(`receiver ${own.receiver}, message ${own.seq}`);
}

/** Without an inbox there is the Alertmanager's own count, which tells integrations apart, not messages. */
async function countedSight(followed: Followed): Promise<Sight> {
  const { observer, deliveredBefore, chosenReceivers, receivers } = followed;
  const exposition = await observer.exposition("alertmanager");
  if (exposition === null || deliveredBefore === null) {
    return waiting(`${observer.urls.alertmanager}/metrics does not say what was delivered, and there is no inbox`);
  }
  const now = deliveryCounts(exposition);
  const hasMore = (counted: "delivered" | "failed", key: string): boolean =>
    (now[counted].get(key) ?? 0) > (deliveredBefore[counted].get(key) ?? 0);
  let confused: string | null = null;
  for (const { key, others } of countedKeys(chosenReceivers, { receivers, now })) {
    if (!hasMore("delivered", key)) continue;
    // All of that kind succeeded, ours among them.
    if (others.length === 0 || (now.countsTries && !hasMore("failed", key))) {
      const count = `${deliveredBefore.delivered.get(key) ?? 0} → ${now.delivered.get(key)}`;
      return reached(`by the Alertmanager's count of ${key} deliveries, ${count}; there is no inbox`);
    }
    confused = `cannot tell ${key} deliveries to ${chosenReceivers.join(", ")} and to ${others.join(", ")} apart; give --inbox`;
  }
  return waiting(confused ?? "the Alertmanager has counted no delivery without a failure");
}

interface CountedKey {
  readonly key: string;
  /** Receivers whose deliveries are counted with it. */
  readonly others: readonly string[];
}

function countedKeys(
  chosen: readonly string[],
  { receivers, now }: { readonly receivers: Receivers | null; readonly now: DeliveryCounts },
): readonly CountedKey[] {
  const configured = chosen.flatMap((receiver) =>
    (receivers?.integrationsOf(receiver) ?? []).map(({ kind }) => ({ kind, receiver })),
  );
  // Where nobody knows how a receiver tells somebody, any delivery may be its own, or another's.
  if (configured.length === 0) return [...now.delivered.keys()].map((key) => ({ key, others: ["others"] }));
  return configured.map(({ kind, receiver }) =>
    now.isByReceiver
      ? { key: deliveryKey(kind, receiver), others: [] }
      : { key: kind, others: (receivers?.withIntegration(kind) ?? []).filter((name) => !chosen.includes(name)) },
  );
}

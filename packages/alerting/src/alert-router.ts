import type { AlertmanagerConfig } from "@tatou/config";
import {
  type Clock,
  type EventLog,
  type Labels,
  type Log,
  labelsToObject,
  labelValue,
  quote,
  stackOf,
} from "@tatou/model";
import { type Alert, alertProblem, makeAlert, type ReceivedAlert } from "./alert/alert.ts";
import { AlertStore } from "./alert/alert-store.ts";
import { Inhibitor } from "./inhibit/inhibitor.ts";
import type { AlertGroup } from "./notify/alert-group.ts";
import { Dispatcher } from "./notify/dispatcher.ts";
import { NotificationLog, type NotificationStorage } from "./notify/notification-log.ts";
import type { AlertingObserver } from "./notify/observer.ts";
import { type FlushResult, Pipeline } from "./notify/pipeline.ts";
import type { Integration } from "./receivers/integration.ts";
import { buildRoute, matchRoutes, type Route } from "./route/route.ts";
import { type SilenceStorage, Silences } from "./silence/silences.ts";

export interface AlertRouterOptions {
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly observer: AlertingObserver;
  readonly log: Log;
  readonly silenceStorage: SilenceStorage;
  readonly notificationStorage: NotificationStorage;
  /** From 0 up to 1; spreads retries. */
  readonly random: () => number;
  /** Ids of silences. */
  readonly newId: () => string;
}

/** A configuration with the receivers made from it. */
export interface RoutingConfig {
  readonly config: AlertmanagerConfig;
  /** By receiver name. */
  readonly integrations: ReadonlyMap<string, readonly Integration[]>;
}

/** Whether an alert is muted, and by what. */
export interface AlertStatus {
  readonly state: "active" | "suppressed";
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of alerts. */
  readonly inhibitedBy: readonly string[];
}

/** How often resolved alerts, old silences and old entries of the notification log are forgotten. */
const sweepIntervalMs = 15 * 60_000;
/** Raised while alerts are refused; said again at most this often, and over so long after the last time. */
const refusedAlertName = "AlertsRefused";
const refusalIntervalMs = 60_000;
const refusalLengthMs = 10 * 60_000;

/** Takes alerts in and sees to it that the right people are told, once, in time. Keeps running when its rules change. */
export class AlertRouter {
  readonly store = new AlertStore();
  readonly silences: Silences;
  readonly #options: AlertRouterOptions;
  readonly #notificationLog: NotificationLog;
  readonly #suppressedTexts = new WeakMap<AlertGroup, string>();
  #active: ActiveRouting;
  #refusalSaidMs = Number.NEGATIVE_INFINITY;
  #isStorageFailing = false;
  #cancelSweep: () => void = () => {};

  private constructor(options: AlertRouterOptions, memory: RouterMemory, routing: RoutingConfig) {
    this.#options = options;
    this.silences = memory.silences;
    this.#notificationLog = memory.notificationLog;
    this.#active = this.#activate(this.#prepare(routing));
    this.#scheduleSweep();
  }

  static async open(options: AlertRouterOptions, routing: RoutingConfig): Promise<AlertRouter> {
    const silences = await Silences.open({ storage: options.silenceStorage, newId: options.newId });
    const notificationLog = await NotificationLog.open(options.notificationStorage);
    return new AlertRouter(options, { silences, notificationLog }, routing);
  }

  get config(): AlertmanagerConfig {
    return this.#active.config;
  }

  /** Takes what is valid; gives what is wrong with the rest, in Alertmanager's words. */
  receive(received: readonly ReceivedAlert[]): ReceiveResult {
    const nowMs = this.#options.clock.nowMs();
    const { resolveTimeoutMs } = this.config.global;
    const accepted: Alert[] = [];
    const problems: string[] = [];
    for (const one of received) {
      const alert = makeAlert(one, nowMs, resolveTimeoutMs);
      const problem = alertProblem(alert);
      if (problem === null) accepted.push(alert);
      else problems.push(problem);
    }
    for (const alert of accepted) this.#take(alert, nowMs);
    return { accepted, problems };
  }

  /** Takes an alert of this program about itself, however many others there are. */
  receiveOwn(received: ReceivedAlert): void {
    const nowMs = this.#options.clock.nowMs();
    this.#take(makeAlert(received, nowMs, this.config.global.resolveTimeoutMs), nowMs, true);
  }

  #take(alert: Alert, nowMs: number, isOwn = false): void {
    const before = this.store.get(alert.fingerprint);
    const wasFiring = before !== undefined && !this.store.isResolved(before, nowMs);
    this.store.put(alert, nowMs, isOwn);
    const after = this.store.get(alert.fingerprint);
    if (after === undefined) {
      this.#tellOfRefusal(alert, nowMs);
      return;
    }
    const isFiring = !this.store.isResolved(after, nowMs);
    if (isFiring === wasFiring) return;
    const { fingerprint, startsAtMs, endsAtMs } = after;
    const data = { fingerprint, labels: shortLabels(after.labels), startsAtMs, endsAtMs };
    this.#options.eventLog.append({ kind: isFiring ? "alert.firing" : "alert.resolved", data });
  }

  /** Said once, until it works again: a full disk must not fill with complaints about it. */
  #tellOfStorage(error: unknown): void {
    const isFailing = error !== null;
    if (isFailing === this.#isStorageFailing) return;
    this.#isStorageFailing = isFailing;
    const { log } = this.#options;
    if (isFailing) log.error(`Cannot store the notification log, a restart may tell again: ${errorText(error)}`);
    else log.info("The notification log is stored again");
  }

  /** Whoever is on call must hear that there are alerts nobody hears of. */
  #tellOfRefusal({ labels }: Alert, nowMs: number): void {
    if (Math.abs(nowMs - this.#refusalSaidMs) < refusalIntervalMs) return;
    this.#refusalSaidMs = nowMs;
    const name = quote(labelValue(labels, "alertname"));
    const text = `There are too many alerts: ${this.store.refusedCount} were refused so far, now one named ${name}`;
    this.#options.log.error(text);
    this.receiveOwn({
      labels: { alertname: refusedAlertName, severity: "critical", category: "monitoring" },
      annotations: { summary: "Alerts are refused", description: `${text}. Nobody is told of them.` },
      endsAtMs: nowMs + refusalLengthMs,
    });
  }

  /** Goes on with other routes and receivers; what was already told stays told. */
  async replaceConfig(routing: RoutingConfig): Promise<void> {
    // What is wrong with the new one must show while the old one still works.
    const next = this.#prepare(routing);
    const replaced = this.#active;
    replaced.unsubscribe();
    // The old groups must have let go before the new ones look up what was told.
    await replaced.dispatcher.close();
    this.#active = this.#activate(next);
  }

  groups(): readonly AlertGroup[] {
    return this.#active.dispatcher.groups();
  }

  /** Names of the receivers that hear of an alert with these labels, in the order of the routes. */
  receiversOf(labels: Labels): readonly string[] {
    return matchRoutes(this.#active.root, labels).map((route) => route.config.receiver);
  }

  statusOf(alert: Alert): AlertStatus {
    const nowMs = this.#options.clock.nowMs();
    const silencedBy = this.silences.silencedBy(alert, nowMs);
    const inhibitedBy = this.#active.inhibitor.inhibitedBy(alert.labels, nowMs);
    const isMuted = silencedBy.length > 0 || inhibitedBy.length > 0;
    return { state: isMuted ? "suppressed" : "active", silencedBy, inhibitedBy };
  }

  /** Ends all groups and waits for messages under way. */
  async close(): Promise<void> {
    this.#cancelSweep();
    this.#active.unsubscribe();
    await this.#active.dispatcher.close();
  }

  #prepare({ config, integrations }: RoutingConfig): Routing {
    const { store, silences } = this;
    const { log } = this.#options;
    const root = buildRoute(config.route);
    const inhibitor = new Inhibitor(config.inhibitRules, (alert, nowMs) => store.isResolved(alert, nowMs));
    const pipeline = new Pipeline({
      ...this.#options,
      config,
      integrations,
      inhibitor,
      silences,
      notificationLog: this.#notificationLog,
      onStored: (error) => this.#tellOfStorage(error),
    });
    const dispatcher = new Dispatcher({
      clock: this.#options.clock,
      root,
      store,
      pipeline,
      onFlushed: (group, result) => this.#logSuppressed(group, result),
      onFlushFailed: ({ groupKey }, error) => log.error(`Cannot tell of group ${groupKey}: ${stackOf(error)}`),
      onGroupRefused: () => this.#options.observer.groupRefused(),
    });
    return { config, root, inhibitor, dispatcher };
  }

  #activate(routing: Routing): ActiveRouting {
    const { inhibitor, dispatcher } = routing;
    const consider = (alert: Alert): void => {
      inhibitor.observe(alert);
      dispatcher.dispatch(alert);
    };
    for (const alert of this.store.all()) consider(alert);
    return { ...routing, unsubscribe: this.store.subscribe(consider) };
  }

  /** Says once what is kept quiet in a group and why, and again when that changes. */
  #logSuppressed(group: AlertGroup, result: FlushResult): void {
    const suppressed = result.suppressed.map(({ reason, alerts }) => ({
      reason,
      fingerprints: alerts.map(({ alert }) => alert.fingerprint),
    }));
    const text = JSON.stringify(suppressed);
    if (text === (this.#suppressedTexts.get(group) ?? "[]")) return;
    this.#suppressedTexts.set(group, text);
    const { groupKey, route } = group;
    const data = { receiver: route.config.receiver, groupKey, suppressed, mutedBy: result.mutedBy };
    this.#options.eventLog.append({ kind: "notify.suppressed", data });
  }

  #scheduleSweep(): void {
    const { clock, log } = this.#options;
    this.#cancelSweep = clock.schedule(sweepIntervalMs, () => {
      const nowMs = clock.nowMs();
      this.store.sweep(nowMs);
      this.#active.inhibitor.sweep(nowMs);
      const swept = Promise.all([this.silences.sweep(nowMs), this.#notificationLog.sweep(nowMs)]);
      clock.track(swept).catch((error: unknown) => log.error(`Cannot tidy the stored state: ${String(error)}`));
      this.#scheduleSweep();
    });
  }
}

/** Labels for the event log, which must not grow by what a sender makes up. */
function shortLabels(labels: Labels): Record<string, string> {
  const short = labels
    .slice(0, loggedLabelsMax)
    .map(({ name, value }) => ({ name, value: value.slice(0, loggedLengthMax) }));
  return labelsToObject(short);
}

const loggedLabelsMax = 64;
const loggedLengthMax = 512;

export interface ReceiveResult {
  readonly accepted: readonly Alert[];
  readonly problems: readonly string[];
}

interface RouterMemory {
  readonly silences: Silences;
  readonly notificationLog: NotificationLog;
}

/** What a configuration comes to. */
interface Routing {
  readonly config: AlertmanagerConfig;
  readonly root: Route;
  readonly inhibitor: Inhibitor;
  readonly dispatcher: Dispatcher;
}

interface ActiveRouting extends Routing {
  readonly unsubscribe: () => void;
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
}

import { setImmediate as nextTurn } from "node:timers/promises";
import type { AlertmanagerConfig, InhibitRuleConfig, RouteConfig, TimeIntervalConfig } from "@tatou/config";
import {
  type EventLog,
  firstEventPrev,
  type Log,
  type LoggedEvent,
  type Matcher,
  silentLog,
  VirtualClock,
} from "@tatou/model";
import { alertName, type ReceivedAlert } from "../alert/alert.ts";
import { AlertRouter } from "../alert-router.ts";
import { isFiring, type Notification } from "../notify/group-alert.ts";
import type { NotificationEntry, NotificationStorage } from "../notify/notification-log.ts";
import type { AlertingObserver } from "../notify/observer.ts";
import type { Delivery, Integration } from "../receivers/integration.ts";
import type { Silence } from "../silence/silence.ts";
import type { SilenceStorage } from "../silence/silences.ts";

export const position = { file: "alertmanager.yml", line: 1, column: 1 };

export const startMs = Date.UTC(2026, 0, 5, 12, 0, 0);

export function route(options: Partial<RouteConfig> = {}): RouteConfig {
  return {
    position,
    receiver: "team",
    groupBy: { all: false, labels: ["alertname"] },
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 14_400_000,
    matchers: [],
    continue: false,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes: [],
    ...options,
  };
}

export function equal(label: string, value: string): Matcher {
  return { kind: "equal", label, value };
}

export interface HarnessOptions {
  readonly route?: RouteConfig;
  readonly inhibitRules?: readonly InhibitRuleConfig[];
  readonly timeIntervals?: readonly TimeIntervalConfig[];
  readonly sendResolved?: boolean;
  /** How the receiver answers its nth message; delivered by default. */
  readonly answer?: (count: number) => Delivery | Promise<Delivery>;
  readonly log?: Log;
  readonly memory?: Memory;
  readonly clock?: VirtualClock;
}

/** What survives a restart. */
export class Memory implements SilenceStorage {
  readonly silences = new Map<string, Silence>();
  readonly entries = new Map<string, NotificationEntry>();

  readonly notifications = {
    load: async (): Promise<NotificationEntry[]> => [...this.entries.values()],
    save: async (entry: NotificationEntry): Promise<void> => void this.entries.set(entry.key, entry),
    removeExpired: async (timeMs: number): Promise<void> => {
      for (const entry of this.entries.values()) if (entry.expiresAtMs <= timeMs) this.entries.delete(entry.key);
    },
  } satisfies NotificationStorage;

  async load(): Promise<readonly Silence[]> {
    return [...this.silences.values()];
  }

  async save(silences: readonly Silence[]): Promise<void> {
    for (const silence of silences) this.silences.set(silence.id, silence);
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.silences.delete(id);
  }
}

/** An event log in memory, without hashes. */
export class MemoryEventLog implements EventLog {
  readonly events: LoggedEvent[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  append(event: { readonly kind: string; readonly data: Readonly<Record<string, unknown>> }): LoggedEvent {
    const logged = { ...event, seq: this.events.length + 1, timeMs: this.#clock.nowMs(), prev: firstEventPrev };
    this.events.push(logged);
    return logged;
  }

  async *read(): AsyncIterable<LoggedEvent> {
    yield* this.events;
  }

  head(): { readonly seq: number; readonly hash: string } {
    return { seq: this.events.length, hash: firstEventPrev };
  }

  async close(): Promise<void> {}
}

export const silentObserver: AlertingObserver = {
  notificationStarted: () => {},
  notificationFailed: () => {},
  requestEnded: () => {},
  alertsSuppressed: () => {},
  groupRefused: () => {},
};

export interface Sent {
  readonly atSeconds: number;
  readonly text: string;
  readonly notification: Notification;
  /** False while it is under way, too. */
  delivered: boolean;
}

/** A router on a virtual clock whose receivers note down what they are told, as `Name+Name firing/Name resolved`. */
export class Harness {
  readonly clock: VirtualClock;
  readonly memory: Memory;
  readonly events: MemoryEventLog;
  readonly sent: Sent[] = [];
  router!: AlertRouter;
  readonly #options: HarnessOptions;
  #silenceCount = 0;

  private constructor(options: HarnessOptions) {
    this.#options = options;
    this.clock = options.clock ?? new VirtualClock(startMs, () => nextTurn());
    this.memory = options.memory ?? new Memory();
    this.events = new MemoryEventLog(this.clock);
  }

  static async open(options: HarnessOptions = {}): Promise<Harness> {
    const harness = new Harness(options);
    harness.router = await AlertRouter.open(
      {
        clock: harness.clock,
        eventLog: harness.events,
        observer: silentObserver,
        log: options.log ?? silentLog,
        silenceStorage: harness.memory,
        notificationStorage: harness.memory.notifications,
        random: () => 0.5,
        newId: () => `silence-${++harness.#silenceCount}`,
      },
      harness.routing(),
    );
    return harness;
  }

  routing(changes: HarnessOptions = {}): {
    config: AlertmanagerConfig;
    integrations: ReadonlyMap<string, readonly Integration[]>;
  } {
    const options = { ...this.#options, ...changes };
    const root = options.route ?? route();
    const config = {
      file: "alertmanager.yml",
      global: { resolveTimeoutMs: 300_000, httpClient: {} },
      route: root,
      receivers: [],
      inhibitRules: options.inhibitRules ?? [],
      timeIntervals: options.timeIntervals ?? [],
      templates: [],
    } as unknown as AlertmanagerConfig;
    const names = new Set<string>();
    collectReceivers(root, names);
    return { config, integrations: new Map([...names].map((name) => [name, [this.#integration(options)]])) };
  }

  #integration(options: HarnessOptions): Integration {
    return {
      kind: "webhook",
      index: 0,
      sendResolved: options.sendResolved ?? true,
      send: async (notification) => {
        const atSeconds = (this.clock.nowMs() - startMs) / 1000;
        const sent: Sent = { atSeconds, text: summary(notification), notification, delivered: false };
        this.sent.push(sent);
        const delivery = (await options.answer?.(this.sent.length)) ?? { kind: "delivered", status: 200 };
        sent.delivered = delivery.kind === "delivered";
        return delivery;
      },
    };
  }

  fire(alertname: string, options: Partial<ReceivedAlert> = {}): void {
    this.receive({ labels: { alertname, ...options.labels }, ...withoutLabels(options) });
  }

  resolve(alertname: string, labels: Readonly<Record<string, string>> = {}): void {
    this.receive({ labels: { alertname, ...labels }, endsAtMs: this.clock.nowMs() });
  }

  receive(alert: ReceivedAlert): void {
    const { problems } = this.router.receive([alert]);
    if (problems.length > 0) throw new Error(problems.join(", "));
  }

  /** Moves on to the given second after the start. */
  async playTo(second: number): Promise<void> {
    await this.clock.advanceTo(startMs + second * 1000);
  }

  /** `second: text` of all messages so far. */
  timeline(): string[] {
    return this.sent.map(({ atSeconds, text }) => `${atSeconds}: ${text}`);
  }
}

function withoutLabels({ labels: _labels, ...others }: Partial<ReceivedAlert>): Omit<Partial<ReceivedAlert>, "labels"> {
  return others;
}

function summary({ receiver, alerts, reason }: Notification): string {
  const names = (firing: boolean): string =>
    alerts
      .filter((alert) => isFiring(alert) === firing)
      .map(({ alert }) => alertName(alert))
      .join("+");
  const parts = [names(true) && `firing ${names(true)}`, names(false) && `resolved ${names(false)}`];
  return `${receiver} ${parts.filter((part) => part !== "").join(", ")} (${reason})`;
}

function collectReceivers(config: RouteConfig, names: Set<string>): void {
  names.add(config.receiver);
  for (const child of config.routes) collectReceivers(child, names);
}

import {
  type AlertmanagerAlert,
  type AlertmanagerClient,
  alertmanagerClient,
  type InboxMessage,
  type InstantPoint,
  type PrometheusClient,
  prometheusClient,
  type RuleAlertAnswer,
  readInbox,
} from "@tatou/api";
import { type HttpTransport, labelsOf } from "@tatou/model";
import { Exposition } from "./observer-exposition.ts";
import { type Signal, type Snapshot, seriesText, signalsOf } from "./signals.ts";
import { type Threshold, thresholdOf } from "./threshold.ts";

/** Where the stack answers; without a slash at the end. */
export interface DrillUrls {
  /** The platform under attack. */
  readonly target: string;
  /** Anything with Prometheus' HTTP API. */
  readonly prometheus: string;
  /** Anything with Alertmanager's API v2. */
  readonly alertmanager: string;
  /** Where GET /api/tatou/v1/inbox answers; null when messages end somewhere else. */
  readonly inbox: string | null;
}

/** An alert rule as the engine has loaded it. */
export interface LoadedRule {
  readonly alert: string;
  readonly query: string;
  readonly forMs: number;
  /** Of its group. */
  readonly intervalMs: number;
  /** What the rule itself adds to an alert's labels; values may hold templates. */
  readonly labels: Readonly<Record<string, string>>;
  readonly threshold: Threshold | null;
  readonly signals: readonly Signal[];
}

const metricsTimeoutMs = 5000;

/** What a client can see of the stack over HTTP; nothing else is looked at. */
export class Observer {
  readonly urls: DrillUrls;
  readonly #transport: HttpTransport;
  readonly #prometheus: PrometheusClient;
  readonly #alertmanager: AlertmanagerClient;

  constructor(urls: DrillUrls, transport: HttpTransport) {
    this.urls = urls;
    this.#transport = transport;
    this.#prometheus = prometheusClient(transport, urls.prometheus);
    this.#alertmanager = alertmanagerClient(transport, urls.alertmanager);
  }

  /** All alert rules by name; of several with one name, the first. */
  async loadRules(): Promise<ReadonlyMap<string, LoadedRule>> {
    const groups = await this.#prometheus.rules();
    const all = groups.flatMap(({ interval, rules }) => rules.map((rule) => ({ ...rule, interval })));
    const recorded = new Map<string, string[]>();
    for (const { type, name, query } of all)
      if (type === "recording") recorded.set(name, [...(recorded.get(name) ?? []), query]);
    const alerts = new Map<string, LoadedRule>();
    for (const { type, name, query, duration = 0, interval, labels = {} } of all) {
      if (type !== "alerting" || alerts.has(name)) continue;
      const signals = signalsOf(query, recorded);
      const threshold = thresholdOf(query);
      const intervalMs = interval * 1000;
      alerts.set(name, { alert: name, query, forMs: duration * 1000, intervalMs, labels, threshold, signals });
    }
    return alerts;
  }

  /** All alerts that are pending or firing. */
  activeAlerts(): Promise<readonly RuleAlertAnswer[]> {
    return this.#prometheus.alerts();
  }

  query(expr: string): Promise<readonly InstantPoint[]> {
    return this.#prometheus.query(expr);
  }

  /** What the engine has of the series that a rule reads. */
  async stored(signals: readonly Signal[]): Promise<Snapshot> {
    if (signals.length === 0) return new Map();
    const points = await this.query(signals.map(({ selector }) => selector).join(" or "));
    return new Map(points.map(({ labels, value }) => [seriesText(labelsOf(labels)), value]));
  }

  /** What a program of the stack exposes about itself; null when it shows that to nobody here. */
  async exposition(of: "target" | "prometheus" | "alertmanager"): Promise<Exposition | null> {
    const url = `${this.urls[of]}/metrics`;
    const response = await this.#transport.send({ method: "GET", url, timeoutMs: metricsTimeoutMs });
    return response.status === 200 ? new Exposition(response.body) : null;
  }

  /** What the Alertmanager has under way: the alerts of one name, or all. */
  routedAlerts(alertName?: string): Promise<readonly AlertmanagerAlert[]> {
    return this.#alertmanager.alerts(alertName);
  }

  alertmanagerConfig(): Promise<string> {
    return this.#alertmanager.configText();
  }

  /** Messages after the given one, oldest first; none without an inbox. */
  async messages(sinceSeq: number): Promise<readonly InboxMessage[]> {
    return this.urls.inbox === null ? [] : await readInbox(this.#transport, this.urls.inbox, sinceSeq);
  }
}

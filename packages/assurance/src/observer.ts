import { type InboxMessage, type PrometheusClient, prometheusClient, type RuleAnswer, readInbox } from "@tatou/api";
import type { HttpTransport } from "@tatou/model";
import { counterValue } from "./counter-value.ts";
import { DrillSetupError } from "./errors.ts";
import type { DrillScenario } from "./scenario.ts";
import { type Threshold, thresholdOf } from "./threshold.ts";

export interface DrillUrls {
  /** The platform under attack, without a slash at the end; so are the others. */
  readonly target: string;
  /** Anything with Prometheus' HTTP API. */
  readonly prometheus: string;
  /** Where GET /api/tatou/v1/inbox answers. */
  readonly inbox: string;
}

/** The rule under test, as the engine has loaded it. */
export interface LoadedRule {
  readonly query: string;
  readonly forMs: number;
  readonly threshold: Threshold | null;
}

/** One alert of that rule for the attacker's address. */
export interface ObservedAlert {
  readonly state: "pending" | "firing";
  readonly activeAtMs: number;
}

/** What a client can see of the stack over HTTP; nothing else is looked at. */
export class Observer {
  readonly #scenario: DrillScenario;
  readonly #urls: DrillUrls;
  readonly #transport: HttpTransport;
  readonly #prometheus: PrometheusClient;

  constructor(scenario: DrillScenario, urls: DrillUrls, transport: HttpTransport) {
    this.#scenario = scenario;
    this.#urls = urls;
    this.#transport = transport;
    this.#prometheus = prometheusClient(transport, urls.prometheus);
  }

  /** @throws {DrillSetupError} the engine has no such rule, or somebody's attack is still under way */
  async loadRule(): Promise<LoadedRule> {
    const rule = await this.#findRule();
    if (rule === null) {
      throw new DrillSetupError(
        `Cannot drill ${this.#scenario.name}: ${this.#urls.prometheus} has no alert rule "${this.#scenario.alertName}"`,
        "Load monitoring/prometheus_rules there, or give the address of another engine with --prometheus",
      );
    }
    return { query: rule.query, forMs: (rule.duration ?? 0) * 1000, threshold: thresholdOf(rule.query) };
  }

  /** The counter as the platform exposes it now; 0 while there is no series for the address. */
  async exposedCounter(): Promise<number> {
    const url = `${this.#urls.target}/metrics`;
    const response = await this.#transport.send({ method: "GET", url, timeoutMs: 5000 });
    if (response.status !== 200) {
      throw new DrillSetupError(
        `Cannot read ${url}: found status ${response.status}, expected 200`,
        "Give the address of the platform with --target, and allow its metrics to be read from here",
      );
    }
    return counterValue(response.body, this.#scenario.metricName, this.#scenario.sourceAddress);
  }

  /** The counter as the engine has it; null while it has none for the address. */
  async scrapedCounter(): Promise<number | null> {
    const { metricName, sourceAddress } = this.#scenario;
    const points = await this.#prometheus.query(`sum(${metricName}{client_ip=${JSON.stringify(sourceAddress)}})`);
    return points[0]?.value ?? null;
  }

  /** The value of an expression for the attacker's address; null when it has none. */
  async valueForSource(expr: string): Promise<number | null> {
    const points = await this.#prometheus.query(expr);
    const mine = points.filter((point) => this.#isMine(point.labels));
    return mine.length === 0 ? null : Math.max(...mine.map((point) => point.value));
  }

  async alert(): Promise<ObservedAlert | null> {
    const rule = await this.#findRule();
    const alert = rule?.alerts?.find((candidate) => this.#isMine(candidate.labels));
    if (alert === undefined || (alert.state !== "pending" && alert.state !== "firing")) return null;
    return { state: alert.state, activeAtMs: Date.parse(alert.activeAt) };
  }

  /** The newest message's number, so that older messages are told apart from the drill's. */
  async lastInboxSeq(): Promise<number> {
    const messages = await readInbox(this.#transport, this.#urls.inbox, 0);
    return messages.at(-1)?.seq ?? 0;
  }

  /** The first notification about this alert and this address after the given message. */
  async notification(sinceSeq: number): Promise<InboxMessage | null> {
    const messages = await readInbox(this.#transport, this.#urls.inbox, sinceSeq);
    const isOurs = (message: InboxMessage): boolean =>
      message.alerts.some(
        ({ status, labels }) =>
          status === "firing" && labels["alertname"] === this.#scenario.alertName && this.#isMine(labels),
      );
    return messages.find(isOurs) ?? null;
  }

  async #findRule(): Promise<RuleAnswer | null> {
    const groups = await this.#prometheus.rules(this.#scenario.alertName);
    const rules = groups.flatMap((group) => group.rules);
    return rules.find((rule) => rule.type === "alerting" && rule.name === this.#scenario.alertName) ?? null;
  }

  /** A rule that aggregates the address away belongs to every source. */
  #isMine(labels: Readonly<Record<string, string>>): boolean {
    return labels["client_ip"] === undefined || labels["client_ip"] === this.#scenario.sourceAddress;
  }
}

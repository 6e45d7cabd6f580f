import type { AlertmanagerTargetConfig } from "@tatou/config";
import type { HttpConfig } from "@tatou/http";
import type { AlertSink, Clock, PostableAlert } from "@tatou/model";
import type { OwnedTransport } from "../owned-transport.ts";
import { alertmanagerUrls } from "./alertmanager-endpoints.ts";
import { type AlertmanagerEndpoint, AlertmanagerSender, type SendObserver } from "./alertmanager-sender.ts";

export interface AlertmanagerSinkOptions {
  readonly clock: Clock;
  readonly openTransport: (httpConfig: HttpConfig) => OwnedTransport;
  readonly observer: SendObserver;
}

/**
 * Sends alerts to every configured Alertmanager. Each has a queue of its own, so one that hangs does not delay the
 * others. While one cannot be reached, its alerts wait for half a minute, since programs start in any order. What cannot
 * be delivered even so is dropped and counted: firing alerts are sent again after the resend delay, and resolved ones for
 * 15 minutes.
 */
export class AlertmanagerSink implements AlertSink {
  readonly #options: AlertmanagerSinkOptions;
  /** Aborted first: what is queued still goes, but waits for nobody. */
  readonly #leaving = new AbortController();
  readonly #closing = new AbortController();
  /** By URL. */
  #senders: ReadonlyMap<string, AlertmanagerSender> = new Map();
  /** One for each way of connecting that the configuration has. */
  #transports: ReadonlyMap<string, OwnedTransport> = new Map();
  /** Of Alertmanagers and transports that a reload took away. */
  readonly #retiring = new Set<Promise<unknown>>();

  constructor(options: AlertmanagerSinkOptions) {
    this.#options = options;
  }

  /**
   * Takes a new list. An Alertmanager that stays keeps its queue, whatever else about it changes; one that goes still
   * gets what is queued for it.
   */
  apply(configs: readonly AlertmanagerTargetConfig[]): void {
    const senders = new Map<string, AlertmanagerSender>();
    const transports = new Map<string, OwnedTransport>();
    for (const config of configs) {
      const transport = this.#transportFor(config.httpClient, transports);
      const endpoint = { transport, timeoutMs: config.timeoutMs, alertRelabelRules: config.alertRelabelConfigs };
      for (const url of alertmanagerUrls(config))
        if (!senders.has(url)) senders.set(url, this.#senderFor(url, endpoint));
    }
    const busy = [...this.#senders.values()].map((sender) =>
      senders.get(sender.url) === sender ? sender.requestEnded() : sender.drained(),
    );
    const unused = [...this.#transports].flatMap(([key, transport]) => (transports.has(key) ? [] : [transport]));
    this.#senders = senders;
    this.#transports = transports;
    this.#retire(Promise.all([...busy, ...this.#retiring]).then(() => closeAll(unused)));
  }

  urls(): readonly string[] {
    return [...this.#senders.keys()];
  }

  /** How many alerts wait, by URL. */
  queueLengths(): ReadonlyMap<string, number> {
    return new Map([...this.#senders].map(([url, sender]) => [url, sender.queueLength]));
  }

  send(alerts: readonly PostableAlert[]): void {
    if (this.#closing.signal.aborted) return;
    for (const sender of this.#senders.values()) sender.enqueue(alerts);
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#leaving.abort(new Error("the engine is closing"));
    const drained = Promise.all([...[...this.#senders.values()].map((sender) => sender.drained()), ...this.#retiring]);
    const gaveUp = new Promise<void>((resolve) => {
      if (signal?.aborted === true) resolve();
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([drained, gaveUp]);
    this.#closing.abort(new Error("the engine is closing"));
    await drained;
    await closeAll([...this.#transports.values()]);
    this.#senders = new Map();
    this.#transports = new Map();
  }

  #transportFor(httpConfig: HttpConfig, opened: Map<string, OwnedTransport>): OwnedTransport {
    const key = JSON.stringify(httpConfig);
    const transport = opened.get(key) ?? this.#transports.get(key) ?? this.#options.openTransport(httpConfig);
    opened.set(key, transport);
    return transport;
  }

  #senderFor(url: string, endpoint: AlertmanagerEndpoint): AlertmanagerSender {
    const { clock, observer } = this.#options;
    const signals = { signal: this.#closing.signal, leavingSignal: this.#leaving.signal };
    const sender = this.#senders.get(url) ?? new AlertmanagerSender({ url, endpoint, clock, observer, ...signals });
    sender.use(endpoint);
    return sender;
  }

  #retire(ending: Promise<unknown>): void {
    const retiring = ending.finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }
}

async function closeAll(transports: readonly OwnedTransport[]): Promise<void> {
  await Promise.allSettled(transports.map(async (transport) => transport.close?.()));
}

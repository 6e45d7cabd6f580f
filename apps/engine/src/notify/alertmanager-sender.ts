import { postableAlertsBody } from "@tatou/api";
import {
  type Clock,
  type HttpTransport,
  labelsOf,
  labelsToObject,
  type PostableAlert,
  type RelabelRule,
  relabel,
} from "@tatou/model";
import { md5 } from "./md5.ts";

/** How one Alertmanager is reached, as the configuration in force says. */
export interface AlertmanagerEndpoint {
  readonly timeoutMs: number;
  /** Applied to alerts for this Alertmanager alone. */
  readonly alertRelabelRules: readonly RelabelRule[];
  /** With the credentials of its configuration. */
  readonly transport: HttpTransport;
}

/** What sending does, for metrics and log. */
export interface SendObserver {
  /** A request ended. */
  onSent(outcome: SendOutcome): void;
  /** Alerts will not be sent. */
  onDropped(drop: { readonly url: string; readonly alertCount: number; readonly reason: string }): void;
}

export interface SendOutcome {
  readonly url: string;
  readonly alertCount: number;
  readonly durationMs: number;
  /** null for success. */
  readonly error: string | null;
}

export interface AlertmanagerSenderOptions {
  /** Up to and including /api/v2/alerts. */
  readonly url: string;
  readonly endpoint: AlertmanagerEndpoint;
  readonly clock: Clock;
  readonly observer: SendObserver;
  /** Ends the request under way and all sending. */
  readonly signal: AbortSignal;
}

/** As Prometheus' --alertmanager.notification-queue-capacity. */
export const queueCapacity = 10_000;
const batchSizeMax = 256;
/** Nobody reads the answer. */
const answerSizeMaxBytes = 1024 * 1024;

/** Sends alerts to one Alertmanager, batch by batch in the order they came: a resolved alert never overtakes its firing. */
export class AlertmanagerSender {
  readonly url: string;
  readonly #options: AlertmanagerSenderOptions;
  #endpoint: AlertmanagerEndpoint;
  #queue: PostableAlert[] = [];
  #isSending = false;
  #drained: Promise<void> = Promise.resolve();
  #requestEnded: Promise<void> = Promise.resolve();

  constructor(options: AlertmanagerSenderOptions) {
    this.url = options.url;
    this.#options = options;
    this.#endpoint = options.endpoint;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Holds from the next request on. */
  use(endpoint: AlertmanagerEndpoint): void {
    this.#endpoint = endpoint;
  }

  enqueue(alerts: readonly PostableAlert[]): void {
    // Alerts beyond the capacity would only push each other out.
    const newest = alerts.slice(-queueCapacity);
    for (const alert of newest) {
      const relabeled = relabelAlert(alert, this.#endpoint.alertRelabelRules);
      if (relabeled !== null) this.#queue.push(relabeled);
    }
    // The oldest go: what is newer says more about what is firing now.
    const surplus = this.#queue.splice(0, Math.max(0, this.#queue.length - queueCapacity)).length;
    this.#drop(alerts.length - newest.length + surplus, "the queue is full");
    if (this.#isSending || this.#queue.length === 0) return;
    this.#isSending = true;
    // Not tracked by the clock: a request may wait for its timeout, which is the clock's.
    this.#drained = this.#sendAll();
  }

  /** Resolves when nothing is queued or under way. */
  drained(): Promise<void> {
    return this.#drained;
  }

  /** Resolves when the request under way now has ended: from then on, only the endpoint of the last `use` is needed. */
  requestEnded(): Promise<void> {
    return this.#requestEnded;
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#options;
    while (this.#queue.length > 0 && !signal.aborted) {
      const request = this.#sendBatch(this.#queue.splice(0, batchSizeMax));
      this.#requestEnded = request;
      await request;
    }
    this.#isSending = false;
    this.#drop(this.#queue.splice(0).length, "the engine is closing");
  }

  async #sendBatch(batch: readonly PostableAlert[]): Promise<void> {
    const { clock, observer } = this.#options;
    const startedMs = clock.monotonicMs();
    const error = await this.#post(batch);
    const durationMs = clock.monotonicMs() - startedMs;
    observer.onSent({ url: this.url, alertCount: batch.length, durationMs, error });
    if (error !== null) this.#drop(batch.length, error);
  }

  /** @returns why it failed, or null */
  async #post(batch: readonly PostableAlert[]): Promise<string | null> {
    const { timeoutMs, transport } = this.#endpoint;
    try {
      const response = await transport.send(
        {
          method: "POST",
          url: this.url,
          timeoutMs,
          headers: { "content-type": "application/json" },
          body: postableAlertsBody(batch),
          bodySizeMaxBytes: answerSizeMaxBytes,
        },
        this.#options.signal,
      );
      return response.status >= 200 && response.status < 300 ? null : `bad response status ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #drop(alertCount: number, reason: string): void {
    if (alertCount > 0) this.#options.observer.onDropped({ url: this.url, alertCount, reason });
  }
}

/** null when the rules drop the alert. */
function relabelAlert(alert: PostableAlert, rules: readonly RelabelRule[]): PostableAlert | null {
  if (rules.length === 0) return alert;
  const labels = relabel(labelsOf(alert.labels), rules, md5);
  return labels === null || labels.length === 0 ? null : { ...alert, labels: labelsToObject(labels) };
}

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
import { Outage } from "./outage.ts";
import { type AlertsBody, alertsBodyOf, type PostOutcome, postAlerts } from "./post-alerts.ts";

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
  /** Alerts were taken, or will not be sent any more. */
  onSent(outcome: SendOutcome): void;
  /** An Alertmanager cannot be reached for a while now, and alerts wait for it; once for each outage. */
  onWaiting(wait: { readonly url: string; readonly reason: string }): void;
  /** Alerts will not be sent. */
  onDropped(drop: { readonly url: string; readonly alertCount: number; readonly reason: string }): void;
}

export interface SendOutcome {
  readonly url: string;
  readonly alertCount: number;
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
  /** From then on, nothing waits for an Alertmanager that cannot be reached. */
  readonly leavingSignal: AbortSignal;
}

/** As Prometheus' --alertmanager.notification-queue-capacity. */
export const queueCapacity = 10_000;
const batchSizeMax = 256;
/** Far below what receivers take, and enough for 256 alerts of any usual size. */
const bodySizeMaxBytes = 4 * 1024 * 1024;
/** To find one bad alert among 256 takes 8; who refuses this often, refuses everything. */
const splitsPerBatchMax = 128;
/** So many refused alerts are named in the log. */
const namesMax = 3;

/**
 * Sends alerts to one Alertmanager, batch by batch in the order they came: a resolved alert never overtakes its firing.
 * A batch that is too large, or is refused, goes in halves, so that one bad alert does not silence the others.
 */
export class AlertmanagerSender {
  readonly url: string;
  readonly #options: AlertmanagerSenderOptions;
  #endpoint: AlertmanagerEndpoint;
  #queue: PostableAlert[] = [];
  #isSending = false;
  #drained: Promise<void> = Promise.resolve();
  #requestEnded: Promise<unknown> = Promise.resolve();
  /** null while requests arrive. */
  #outage: Outage | null = null;

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
  requestEnded(): Promise<unknown> {
    return this.#requestEnded;
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#options;
    while (this.#queue.length > 0 && !signal.aborted) await this.#sendBatch(this.#queue.splice(0, batchSizeMax));
    this.#isSending = false;
    this.#drop(this.#queue.splice(0).length, "the engine is closing");
  }

  async #sendBatch(batch: readonly PostableAlert[]): Promise<void> {
    const refusals = new Map<string, { detail: string; readonly alerts: PostableAlert[] }>();
    let splitsLeft = splitsPerBatchMax;
    /** The next one is the last. */
    const parts = [batch];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const body = alertsBodyOf(part);
      if (part.length > 1 && body.sizeBytes > bodySizeMaxBytes) {
        parts.push(...halvesOf(part));
        continue;
      }
      const outcome = await this.#postPatiently(body);
      if (outcome.kind === "refused" && part.length > 1 && splitsLeft > 0) {
        splitsLeft--;
        parts.push(...halvesOf(part));
        continue;
      }
      this.#settle(part, outcome);
      if (outcome.kind !== "refused") continue;
      const known = refusals.get(outcome.reason);
      if (known === undefined) refusals.set(outcome.reason, { detail: outcome.detail, alerts: [...part] });
      else known.alerts.push(...part);
    }
    for (const [reason, { detail, alerts }] of refusals)
      this.#drop(alerts.length, `${reason}${detail === "" ? "" : `: ${detail}`} (${namesOf(alerts)})`);
  }

  #settle(alerts: readonly PostableAlert[], outcome: PostOutcome): void {
    const error = outcome.kind === "taken" ? null : outcome.reason;
    this.#options.observer.onSent({ url: this.url, alertCount: alerts.length, error });
    if (outcome.kind === "unreachable" || outcome.kind === "failed") this.#drop(alerts.length, outcome.reason);
  }

  /** While nobody is there, tries again for a time that is counted from the start of the outage. */
  async #postPatiently(body: AlertsBody): Promise<PostOutcome> {
    const { clock, observer, leavingSignal } = this.#options;
    for (;;) {
      const outcome = await this.#post(body);
      if (outcome.kind !== "unreachable") {
        this.#outage = null;
        return outcome;
      }
      this.#outage ??= new Outage(clock);
      if (this.#outage.isNews()) observer.onWaiting({ url: this.url, reason: outcome.reason });
      if (!(await this.#outage.waitForNextAttempt(leavingSignal))) return outcome;
    }
  }

  #post(body: AlertsBody): Promise<PostOutcome> {
    const { timeoutMs, transport } = this.#endpoint;
    const request = postAlerts(body, { url: this.url, timeoutMs, transport, signal: this.#options.signal });
    this.#requestEnded = request;
    return request;
  }

  #drop(alertCount: number, reason: string): void {
    if (alertCount > 0) this.#options.observer.onDropped({ url: this.url, alertCount, reason });
  }
}

/** The second half first: the list of parts is taken from its end. */
function halvesOf(alerts: readonly PostableAlert[]): readonly (readonly PostableAlert[])[] {
  const middle = Math.ceil(alerts.length / 2);
  return [alerts.slice(middle), alerts.slice(0, middle)];
}

function namesOf(alerts: readonly PostableAlert[]): string {
  const names = alerts.slice(0, namesMax).map(({ labels }) => JSON.stringify(labels["alertname"] ?? "").slice(0, 100));
  const more = alerts.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** null when the rules drop the alert. */
function relabelAlert(alert: PostableAlert, rules: readonly RelabelRule[]): PostableAlert | null {
  if (rules.length === 0) return alert;
  const labels = relabel(labelsOf(alert.labels), rules, md5);
  return labels === null || labels.length === 0 ? null : { ...alert, labels: labelsToObject(labels) };
}

import type { WebhookAlert } from "@tatou/alerting";
import type { Clock } from "@tatou/model";

/** One notification as it was received. */
export interface InboxMessage {
  /** From 1; a larger one came later. */
  readonly seq: number;
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly receiver: string;
  readonly status: string;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly alerts: readonly WebhookAlert[];
  /** One line for people. */
  readonly title: string;
}

const messageCountMax = 1000;
const messagesSizeMaxBytes = 16 * 1024 * 1024;

/** The newest messages that were posted here: a receiver that needs no account anywhere. */
export class Inbox {
  readonly #clock: Clock;
  readonly #messages: { readonly message: InboxMessage; readonly sizeBytes: number }[] = [];
  #sizeBytes = 0;
  #lastSeq = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a webhook payload; null when the text is none. What is missing in it is empty.
   * @param body JSON text
   */
  receive(body: string): InboxMessage | null {
    const payload = parseObject(body);
    if (payload === null || !Array.isArray(payload["alerts"])) return null;
    const content = readPayload(payload, payload["alerts"]);
    const receivedAt = new Date(this.#clock.nowMs()).toISOString();
    const message: InboxMessage = { seq: ++this.#lastSeq, receivedAt, ...content, title: titleOf(content) };
    this.#keep(message);
    return message;
  }

  /** Messages that came after the given one, oldest first. */
  since(seq: number): readonly InboxMessage[] {
    return this.#messages.filter(({ message }) => message.seq > seq).map(({ message }) => message);
  }

  #keep(message: InboxMessage): void {
    const sizeBytes = Buffer.byteLength(JSON.stringify(message));
    this.#messages.push({ message, sizeBytes });
    this.#sizeBytes += sizeBytes;
    while (this.#messages.length > messageCountMax || this.#sizeBytes > messagesSizeMaxBytes) {
      this.#sizeBytes -= this.#messages.shift()!.sizeBytes;
    }
  }
}

type MessageContent = Omit<InboxMessage, "seq" | "receivedAt" | "title">;

function readPayload(payload: Readonly<Record<string, unknown>>, alerts: readonly unknown[]): MessageContent {
  return {
    receiver: textOf(payload["receiver"]),
    status: textOf(payload["status"]),
    groupKey: textOf(payload["groupKey"]),
    groupLabels: recordOf(payload["groupLabels"]),
    commonLabels: recordOf(payload["commonLabels"]),
    commonAnnotations: recordOf(payload["commonAnnotations"]),
    alerts: alerts.map(objectOf).map((alert) => ({
      status: textOf(alert["status"]),
      labels: recordOf(alert["labels"]),
      annotations: recordOf(alert["annotations"]),
      startsAt: textOf(alert["startsAt"]),
      endsAt: textOf(alert["endsAt"]),
      generatorURL: textOf(alert["generatorURL"]),
      fingerprint: textOf(alert["fingerprint"]),
    })),
  };
}

/** `[FIRING:2] HighAuthFailureRate: High authentication failure rate` */
function titleOf({ status, alerts, commonLabels, commonAnnotations, groupLabels }: MessageContent): string {
  const firingCount = alerts.filter((alert) => alert.status === "firing").length;
  const mark = status === "firing" ? `FIRING:${firingCount}` : status.toUpperCase();
  const name = commonLabels["alertname"] ?? Object.values(groupLabels).join(" ");
  const summary = commonAnnotations["summary"] ?? alerts[0]?.annotations["summary"];
  return `[${mark}] ${name}${summary === undefined ? "" : `: ${summary}`}`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function recordOf(value: unknown): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(objectOf(value))) if (typeof text === "string") record[name] = text;
  return record;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

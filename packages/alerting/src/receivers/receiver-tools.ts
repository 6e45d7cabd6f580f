import { readFile } from "node:fs/promises";
import type { HttpClientConfig, SecretSource } from "@tatou/config";
import {
  bodyText,
  type Clock,
  type EventLog,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
} from "@tatou/model";
import { NotificationTemplateError } from "../errors.ts";
import type { Notification } from "../notify/group-alert.ts";
import type { Renderer } from "../template/renderer.ts";
import { makeTemplateData, type TemplateData } from "../template/template-data.ts";
import { type Delivery, type FailedDelivery, failed } from "./integration.ts";
import type { SendMail } from "./send-mail.ts";

/** What receivers are made with. */
export interface ReceiverTools {
  readonly clock: Clock;
  readonly renderer: Renderer;
  /** Of the notifying program, for links. */
  readonly externalUrl: string;
  /** The transport for a receiver's http_config; whoever gives it closes it. */
  readonly transportFor: (config: HttpClientConfig) => HttpTransport;
  readonly sendMail: SendMail;
  /** Its head is quoted in what is sent, so that a later change of the log shows. */
  readonly eventLog: EventLog;
}

/** The value of a secret; files are read at every use, so that they can be rotated. */
export async function readSecret(clock: Clock, source: SecretSource): Promise<string> {
  if (source === null) return "";
  if ("value" in source) return source.value;
  return (await clock.track(readFile(source.file, "utf8"))).trim();
}

export function dataOf(tools: ReceiverTools, notification: Notification): TemplateData {
  return makeTemplateData(notification, tools.externalUrl);
}

/** Place of the newest event: a message that quotes it proves what the log held when it was sent. */
export function eventLogHead(tools: ReceiverTools): string {
  const { seq, hash } = tools.eventLog.head();
  return `${seq}:${hash}`;
}

/** Posts JSON and judges the status: 2xx is delivered, 5xx and 429 are worth another try. */
export async function postJson(
  transport: HttpTransport,
  request: PostRequest,
  signal: AbortSignal,
): Promise<{ readonly response: HttpResponse; readonly delivery: Delivery } | FailedDelivery> {
  try {
    const response = await transport.send(
      {
        method: "POST",
        url: request.url,
        headers: { "content-type": "application/json", "user-agent": userAgent, ...request.headers },
        body: JSON.stringify(request.body),
        bodySizeMaxBytes: answerSizeMaxBytes,
        ...(request.timeoutMs > 0 && { timeoutMs: request.timeoutMs }),
      },
      signal,
    );
    return { response, delivery: judgeStatus(response) };
  } catch (error) {
    return judgeError(error);
  }
}

export interface PostRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** 0 for none. */
  readonly timeoutMs: number;
}

const userAgent = "Tatou-Alerts";
const answerSizeMaxBytes = 1024 * 1024;
/** So much of an answer is quoted in a failure. */
const quotedAnswerMax = 256;

function judgeStatus(response: HttpResponse): Delivery {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "delivered", status };
  const answer = bodyText(response).trim().slice(0, quotedAnswerMax);
  const message = `unexpected status code ${status}${answer === "" ? "" : `: ${answer}`}`;
  const reason = status >= 500 ? "serverError" : status >= 400 ? "clientError" : "other";
  return failed(message, { status, reason, isRetryable: status >= 500 || status === 429 });
}

/** Failures before an answer: what the network does may pass; what the configuration says wrong does not. */
export function judgeError(error: unknown): FailedDelivery {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NotificationTemplateError || error instanceof TypeError) return failed(message);
  if (!(error instanceof HttpTransportError)) return failed(message, { isRetryable: true });
  const isTimeout = error.code === "timeout";
  return failed(message, { isRetryable: true, reason: isTimeout ? "contextDeadlineExceeded" : "other" });
}

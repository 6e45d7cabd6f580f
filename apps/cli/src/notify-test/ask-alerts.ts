import type { NotificationTestReport, NotificationTestSubject } from "@tatou/alerts";
import { bodyText, type HttpResponse, type HttpTransport, HttpTransportError } from "@tatou/model";
import { AlertsAnswerError } from "./errors.ts";

/** A test ends after a minute at most. */
const answerTimeMs = 70_000;
const answerSizeMaxBytes = 16 * 1024 * 1024;

/**
 * Lets a running alerts program test itself, by the configuration that it has in force.
 * @throws {AlertsAnswerError} it does not answer, or refuses
 */
export async function askAlerts(
  transport: HttpTransport,
  url: string,
  subject: NotificationTestSubject,
): Promise<NotificationTestReport> {
  const response = await post(transport, url, requestOf(subject));
  const answer = parseObject(bodyText(response));
  if (response.status !== 200) {
    const reason = typeof answer?.["message"] === "string" ? answer["message"] : `it answers ${response.status}`;
    // The program says itself what to do about what it refuses.
    throw new AlertsAnswerError(url, reason, response.status === 422 ? { hint: "Correct what it names" } : {});
  }
  if (!Array.isArray(answer?.["routes"])) throw new AlertsAnswerError(url, "its answer is no report");
  return answer as unknown as NotificationTestReport;
}

async function post(transport: HttpTransport, url: string, body: unknown): Promise<HttpResponse> {
  try {
    return await transport.send({
      method: "POST",
      url: `${url.replace(/\/+$/, "")}/api/tatou/v1/notify/test`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      timeoutMs: answerTimeMs,
      bodySizeMaxBytes: answerSizeMaxBytes,
    });
  } catch (error) {
    if (error instanceof HttpTransportError || error instanceof TypeError) {
      throw new AlertsAnswerError(url, error.message, { cause: error });
    }
    throw error;
  }
}

function requestOf(subject: NotificationTestSubject): unknown {
  switch (subject.kind) {
    case "receivers":
      return {};
    case "receiver":
      return { receiver: subject.name };
    case "alert":
      return { labels: subject.labels };
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

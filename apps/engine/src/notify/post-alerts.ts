import { postableAlertsBody } from "@tatou/api";
import { bodyText, type HttpTransport, HttpTransportError, type PostableAlert } from "@tatou/model";

/** The body of a request that carries alerts, with its size as it goes over the wire. */
export interface AlertsBody {
  readonly text: string;
  readonly sizeBytes: number;
}

/** What became of one request; `reason` is for people. */
export type PostOutcome =
  | { readonly kind: "taken" }
  /** Nobody has received anything, so that to try again cannot tell it twice. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The receiver does not want what is in it; `detail` is how it says so, "" when it says nothing. */
  | { readonly kind: "refused"; readonly reason: string; readonly detail: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface PostOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly transport: HttpTransport;
  readonly signal: AbortSignal;
}

/** Of an answer, only the start is ever shown. */
const answerSizeMaxBytes = 1024 * 1024;
const detailLengthMax = 200;
/** Bad Request, Content Too Large, Unprocessable Content: all three speak of the body, and Alertmanager knows all three. */
const refusalStatuses: readonly number[] = [400, 413, 422];

export function alertsBodyOf(alerts: readonly PostableAlert[]): AlertsBody {
  const text = postableAlertsBody(alerts);
  return { text, sizeBytes: Buffer.byteLength(text) };
}

/** Sends one request to an Alertmanager; never rejects. */
export async function postAlerts(
  body: AlertsBody,
  { url, timeoutMs, transport, signal }: PostOptions,
): Promise<PostOutcome> {
  try {
    const response = await transport.send(
      {
        method: "POST",
        url,
        timeoutMs,
        headers: { "content-type": "application/json" },
        body: body.text,
        bodySizeMaxBytes: answerSizeMaxBytes,
      },
      signal,
    );
    if (response.status >= 200 && response.status < 300) return { kind: "taken" };
    const reason = `bad response status ${response.status}`;
    if (!refusalStatuses.includes(response.status)) return { kind: "failed", reason };
    return { kind: "refused", reason, detail: lineOf(bodyText(response)).slice(0, detailLengthMax) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: isUnreachable(error) ? "unreachable" : "failed", reason };
  }
}

/** A stranger's text must not make lines in our log. */
function lineOf(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/** A name may be unknown for as long as its container is not there. */
function isUnreachable(error: unknown): boolean {
  return error instanceof HttpTransportError && (error.code === "refused" || error.code === "name_unknown");
}

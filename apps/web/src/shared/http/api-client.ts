import type { Diagnostic, Span } from "@tatou/model";
import { browserClock } from "../clock.ts";
import { ApiError } from "./api-error.ts";

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form, as Prometheus' query endpoints take long expressions. */
  readonly form?: URLSearchParams;
  readonly signal?: AbortSignal;
  /** From asking to the last byte; by default 10 s for what only reads and 30 s for what changes something. */
  readonly timeoutMs?: number;
}

/** As long as the engine works on a query before it gives up by itself, and some time for the way. */
export const queryTimeoutMs = 130_000;

const readTimeoutMs = 10_000;
/** To ask again for a change is not harmless, so that one is waited for longer. */
const changeTimeoutMs = 30_000;

/**
 * Asks this page's server and gives the parsed JSON of a successful answer; undefined for an empty one.
 * @throws {ApiError} for every other answer and when none came; the caller's own abort is thrown on as it is
 */
export async function requestJson<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const { response, text } = await exchange(path, request);
  const body = parseJson(text);
  if (!response.ok) throw new ApiError(response.status, diagnosticOfBody(body, response));
  if (text !== "" && body === undefined) throw new ApiError(response.status, notJson(path));
  return body as T;
}

/** The text of a successful answer, for the endpoints that speak no JSON. */
export async function requestText(path: string, request: ApiRequest = {}): Promise<string> {
  const { response, text } = await exchange(path, request);
  if (!response.ok) throw new ApiError(response.status, diagnosticOfBody(parseJson(text), response));
  return text;
}

/** Asks an endpoint with Prometheus' envelope and gives its `data`. */
export async function requestPrometheus<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const envelope = await requestJson<PrometheusEnvelope<T>>(path, request);
  if (envelope.status !== "success") throw new ApiError(200, diagnosticOfFields({ ...envelope }));
  return envelope.data;
}

interface PrometheusEnvelope<T> {
  readonly status: string;
  readonly data: T;
}

interface Exchange {
  readonly response: Response;
  readonly text: string;
}

/** The whole answer, within the time for it. */
async function exchange(path: string, request: ApiRequest): Promise<Exchange> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(request.signal?.reason);
  if (request.signal?.aborted === true) onAbort();
  request.signal?.addEventListener("abort", onAbort, { once: true });
  const timeoutMs = request.timeoutMs ?? (methodOf(request) === "GET" ? readTimeoutMs : changeTimeoutMs);
  const cancelTimeout = browserClock.schedule(timeoutMs, () => stop.abort(tooSlow));
  try {
    const response = await send(path, request, stop.signal);
    return { response, text: await response.text() };
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    const isLate = stop.signal.reason === tooSlow;
    throw new ApiError(0, isLate ? late(timeoutMs) : unreachable, { cause: error });
  } finally {
    cancelTimeout();
    request.signal?.removeEventListener("abort", onAbort);
  }
}

const tooSlow = new Error("the time for an answer is up");

function methodOf(request: ApiRequest): NonNullable<ApiRequest["method"]> {
  return request.method ?? (request.json === undefined && request.form === undefined ? "GET" : "POST");
}

function send(path: string, request: ApiRequest, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (request.json !== undefined) headers["content-type"] = "application/json";
  if (request.form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  return fetch(path, {
    method: methodOf(request),
    headers,
    credentials: "same-origin",
    signal,
    ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
    ...(request.form === undefined ? {} : { body: request.form.toString() }),
  });
}

function late(timeoutMs: number): Diagnostic {
  return {
    code: "timeout",
    message: `Cannot get an answer of ${globalThis.location?.host ?? "the server"}: none came within ${timeoutMs / 1000} s`,
    hint: "The program behind this page may be busy or hang: look at its log, and try again",
  };
}

const unreachable: Diagnostic = {
  code: "unreachable",
  message: `Cannot reach ${globalThis.location?.host ?? "the server"}: no answer came`,
  hint: "Check that the program behind this page still runs; the page tries again on its own while it refreshes",
};

function notJson(path: string): Diagnostic {
  return { code: "not_json", message: `Cannot read the answer of ${path}: found no JSON, expected JSON` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function diagnosticOfBody(body: unknown, response: Response): Diagnostic {
  if (typeof body === "object" && body !== null) {
    return diagnosticOfFields({ hint: headerHint(response), ...(body as Record<string, unknown>) });
  }
  // Alertmanager's words about a refused change are a JSON text.
  if (typeof body === "string" && body !== "") return { code: `http_${response.status}`, message: body };
  const status = response.statusText === "" ? `${response.status}` : `${response.status} ${response.statusText}`;
  return { code: `http_${response.status}`, message: `The server answered ${status}` };
}

/** The engine's bodies have exactly Prometheus' fields; what to do about an error stands in a header, percent-encoded. */
function headerHint(response: Response): string | undefined {
  const text = response.headers.get("tatou-hint");
  try {
    return text === null ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The fields that our programs, Prometheus, Alertmanager and Grafana put into an error body. */
function diagnosticOfFields(fields: Record<string, unknown>): Diagnostic {
  const message = firstText(fields.message, fields.error) ?? "The server refused without a reason";
  const hint = firstText(fields.hint);
  const span = fields.span as Span | undefined;
  return {
    code: firstText(fields.code, fields.errorType, fields.messageId) ?? "refused",
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(typeof span?.start === "number" && typeof span.end === "number" ? { span } : {}),
  };
}

function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) if (typeof value === "string" && value !== "") return value;
  return undefined;
}

import type { Diagnostic, Span } from "@tatou/model";
import { ApiError } from "./api-error.ts";

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form, as Prometheus' query endpoints take long expressions. */
  readonly form?: URLSearchParams;
  readonly signal?: AbortSignal;
}

/**
 * Asks this page's server and gives the parsed JSON of a successful answer; undefined for an empty one.
 * @throws {ApiError} for every other answer and when none came; the caller's own abort is thrown on as it is
 */
export async function requestJson<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const response = await send(path, request);
  const text = await response.text();
  const body = parseJson(text);
  if (!response.ok) throw new ApiError(response.status, diagnosticOfBody(body, response));
  if (text !== "" && body === undefined) throw new ApiError(response.status, notJson(path));
  return body as T;
}

/** The text of a successful answer, for the endpoints that speak no JSON. */
export async function requestText(path: string, request: ApiRequest = {}): Promise<string> {
  const response = await send(path, request);
  const text = await response.text();
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

async function send(path: string, request: ApiRequest): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (request.json !== undefined) headers["content-type"] = "application/json";
  if (request.form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  try {
    return await fetch(path, {
      method: request.method ?? (request.json === undefined && request.form === undefined ? "GET" : "POST"),
      headers,
      credentials: "same-origin",
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
      ...(request.form === undefined ? {} : { body: request.form.toString() }),
    });
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    throw new ApiError(0, unreachable, { cause: error });
  }
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

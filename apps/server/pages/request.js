/** Requests to the server, and its refusals in its own words. */
import { resumeLater, sessionToken } from "./session.js";

/** What a code says beyond the server's text. */
const reasons = new Map([
  ["bad_extension", "its name does not end in .pdf"],
  ["bad_mime", "it is sent as something else"],
  ["bad_magic", "it does not begin as a PDF does"],
  ["empty_file", "it is empty"],
  ["parse_error", "it is damaged"],
  ["encrypted", "it is encrypted"],
  ["malicious", "it holds scripts, or starts programs"],
  ["limits", "it takes too much to check"],
]);

/** What the server refused. */
export class RequestError extends Error {
  /**
   * @param {string} message for people
   * @param {{ status?: number, code?: string }} [details] status 0: no answer came
   */
  constructor(message, { status = 0, code = "" } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Sends a request of the session. Without a valid one, the page goes to the login.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} an answer below 400
 * @throws {RequestError}
 */
export async function sessionRequest(path, options = {}) {
  const headers = new Headers(options.headers);
  headers.set("Authorization", `Bearer ${sessionToken()}`);
  try {
    return await openRequest(path, { ...options, headers });
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) resumeLater();
    throw error;
  }
}

/**
 * Sends a request that needs no session.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} an answer below 400
 * @throws {RequestError}
 */
export async function openRequest(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw unreachable();
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw refusal({ status: response.status, body, retryAfter: response.headers.get("Retry-After") });
}

/**
 * @param {Readonly<Record<string, unknown>>} fields
 * @returns {RequestInit} the options of a request that posts them
 */
export function jsonPost(fields) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) };
}

/** @returns {RequestError} */
export function unreachable() {
  return new RequestError("The server cannot be reached");
}

/**
 * @param {{ status: number, body: unknown, retryAfter: string | null }} answer
 * @returns {RequestError}
 */
export function refusal({ status, body, retryAfter }) {
  const { error, code } = /** @type {{ error?: unknown, code?: unknown }} */ (body ?? {});
  const text = typeof error === "string" && error !== "" ? error : `The server answered ${status}`;
  const codeText = typeof code === "string" ? code : "";
  const reason = reasons.get(codeText);
  const parts = [`${text.charAt(0).toUpperCase()}${text.slice(1)}`];
  if (reason !== undefined) parts.push(`: ${reason}`);
  if (retryAfter !== null) parts.push(`. Try again in ${retryAfter} s`);
  return new RequestError(parts.join(""), { status, code: codeText });
}

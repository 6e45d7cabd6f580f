/** What the pages share: the session, requests, and messages. Text from outside is shown through textContent only. */

const tokenKey = "tatou.token";

/** @returns {string | null} the bearer token of this tab */
export function sessionToken() {
  return sessionStorage.getItem(tokenKey);
}

/** @param {string | null} token null ends the session */
export function setSessionToken(token) {
  if (token === null) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, token);
}

/** What the server refused, in its own words. */
export class RequestError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 when no answer came
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends one request with the session's token.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} an answer below 400
 * @throws {RequestError}
 */
export async function request(path, options = {}) {
  const token = sessionToken();
  const headers = new Headers(options.headers);
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch {
    throw new RequestError("The server cannot be reached", 0);
  }
  if (response.ok) return response;
  throw new RequestError(await errorText(response), response.status);
}

/**
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} fields
 * @returns {Promise<unknown>} the JSON of the answer
 */
export async function postJson(path, fields) {
  const headers = { "Content-Type": "application/json" };
  const response = await request(path, { method: "POST", headers, body: JSON.stringify(fields) });
  return response.json();
}

/**
 * @param {Response} response
 * @returns {Promise<string>}
 */
async function errorText(response) {
  const body = await response.json().catch(() => null);
  const reason = typeof body?.code === "string" ? ` (${body.code.replaceAll("_", " ")})` : "";
  const text = typeof body?.error === "string" ? `${body.error}${reason}` : `The server answered ${response.status}`;
  const seconds = response.headers.get("Retry-After");
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return seconds === null ? sentence : `${sentence}. Try again in ${seconds} s`;
}

/**
 * An element that the page has.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} #${id}`);
  return found;
}

/**
 * @param {string} text
 * @param {"good" | "bad"} kind
 */
export function showMessage(text, kind) {
  const message = element("message", HTMLParagraphElement);
  message.textContent = text;
  message.dataset["kind"] = text === "" ? "" : kind;
}

/**
 * Runs work for a button, shows what went wrong, and keeps the button from being pressed twice.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} work
 */
export async function runFor(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    showMessage(error instanceof RequestError ? error.message : "Something went wrong on this page", "bad");
    if (!(error instanceof RequestError)) throw error;
  } finally {
    button.disabled = false;
  }
}

/**
 * The texts of a form's fields.
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
export function formTexts(form) {
  const entries = [...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value : ""]);
  return Object.fromEntries(entries);
}

/**
 * The form's button that sends it.
 * @param {HTMLFormElement} form
 * @returns {HTMLButtonElement}
 */
export function submitButton(form) {
  const button = form.querySelector("button");
  if (button === null) throw new Error("The form has no button");
  return button;
}

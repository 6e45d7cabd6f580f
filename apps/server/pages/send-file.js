import { RequestError, refusal, unreachable } from "./request.js";
import { resumeLater, sessionToken } from "./session.js";

/** @typedef {import("./api.js").StoredDocument} StoredDocument */

/**
 * Uploads a file. Fetch cannot tell how far it is, so this is the one request without it.
 * @param {File} file
 * @param {{ signal: AbortSignal, onProgress: (ratio: number) => void }} options ratio 1: all is sent, and being checked
 * @returns {Promise<StoredDocument>}
 * @throws {RequestError} also when the signal ends it
 */
export function sendFile(file, { signal, onProgress }) {
  const exchange = new XMLHttpRequest();
  exchange.open("POST", "/api/upload-document");
  exchange.setRequestHeader("Authorization", `Bearer ${sessionToken()}`);
  exchange.responseType = "json";
  exchange.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total));
  signal.addEventListener("abort", () => exchange.abort(), { once: true });
  return new Promise((resolve, reject) => {
    exchange.addEventListener("load", () => {
      const { status, response: body } = exchange;
      if (status === 201) return resolve(body);
      if (status === 401) resumeLater();
      reject(refusal({ status, body, retryAfter: exchange.getResponseHeader("Retry-After") }));
    });
    exchange.addEventListener("error", () => reject(unreachable()));
    exchange.addEventListener("abort", () => reject(new RequestError("Cancelled")));
    const form = new FormData();
    form.append("file", file);
    exchange.send(form);
  });
}

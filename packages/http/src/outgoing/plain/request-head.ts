import type { HttpRequest } from "@tatou/model";
import { requestError } from "../client-error.ts";

/** Sent unless a request has its own. */
export const defaultHeaders = { "user-agent": "Tatou", "accept-encoding": "gzip" } as const;

/** Request line and headers as they go over the wire. @throws {HttpTransportError} a header that HTTP cannot carry */
export function requestHead(request: HttpRequest, url: URL): string {
  const { method, body } = request;
  const headers: Readonly<Record<string, string>> = { ...defaultHeaders, ...request.headers };
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  if (headers["host"] === undefined) head += `host: ${url.host}\r\n`;
  for (const name in headers) {
    const value = headers[name]!;
    if (!namePattern.test(name)) throw requestError("protocol", "net/http: invalid header field name", request);
    if (!valuePattern.test(value))
      throw requestError("protocol", `net/http: invalid header field value for ${JSON.stringify(name)}`, request);
    // The length is what it is, whatever the caller says.
    if (name !== "content-length" && name !== "transfer-encoding") head += `${name}: ${value}\r\n`;
  }
  const hasLength = body !== undefined || method === "POST" || method === "PUT" || method === "PATCH";
  return hasLength ? `${head}content-length: ${Buffer.byteLength(body ?? "")}\r\n\r\n` : `${head}\r\n`;
}

const namePattern = /^[!#$%&'*+\-.^_`|~0-9a-zA-Z]+$/;
/** Latin-1 without control characters: nothing that could end the header. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

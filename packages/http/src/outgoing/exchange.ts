import type { HttpRequest, HttpResponse } from "@tatou/model";
import { requestError } from "./client-error.ts";

/** Sends one request as it is and gives its answer, whatever the status. */
export type SendOnce = (request: HttpRequest) => Promise<HttpResponse>;

/** As Go's client: the eleventh request is not made. */
const redirectsMax = 10;

export interface ExchangeOptions {
  /** The configuration's own headers, see requestHeaders; null for none. */
  readonly headers: Readonly<Record<string, string>> | null;
  readonly followRedirects: boolean;
  readonly sendOnce: SendOnce;
}

/**
 * One request with the configuration's headers and credentials, following redirects when it says so. Both go to the
 * origin that was asked for and to no other, wherever it redirects.
 */
export async function exchange(request: HttpRequest, options: ExchangeOptions): Promise<HttpResponse> {
  const { headers, sendOnce } = options;
  // The common case makes nothing: no headers to add, and no redirect.
  const response = await sendOnce(
    headers === null ? request : { ...request, headers: { ...headers, ...request.headers } },
  );
  const followsRedirects = options.followRedirects && request.followsRedirects !== false;
  return followsRedirects && isRedirect(request, response) ? follow(request, response, options) : response;
}

async function follow(
  request: HttpRequest,
  first: HttpResponse,
  { headers, sendOnce }: ExchangeOptions,
): Promise<HttpResponse> {
  let current = request;
  let response = first;
  for (let redirects = 0; isRedirect(current, response); redirects++) {
    if (redirects === redirectsMax) throw requestError("protocol", `stopped after ${redirectsMax} redirects`, request);
    response.release?.();
    current = redirected(current, response.headers["location"]!, response.status);
    const own = isSameOrigin(current.url, request.url) ? headers : {};
    response = await sendOnce({ ...current, headers: { ...own, ...current.headers } });
  }
  return response;
}

function isRedirect(request: HttpRequest, { status, headers }: HttpResponse): boolean {
  return redirectStatuses.has(status) && headers["location"] !== undefined && !losesBody(request, status);
}

function isSameOrigin(url: string, other: string): boolean {
  return new URL(url).origin === new URL(other).origin;
}

/**
 * By custom a POST is followed as a GET after 301 and 302. A message would be lost so, and its sender told that all is
 * well, so such a redirect is the answer.
 */
function losesBody({ method, body }: HttpRequest, status: number): boolean {
  return body !== undefined && method !== "GET" && method !== "HEAD" && (status === 301 || status === 302);
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function redirected(request: HttpRequest, location: string, status: number): HttpRequest {
  const from = new URL(request.url);
  if (!URL.canParse(location, from.href))
    throw requestError("protocol", `failed to parse Location header ${JSON.stringify(location)}`, request);
  const url = new URL(location, from.href);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw requestError("protocol", `unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`, request);
  const keepsMethod = status === 307 || status === 308 || request.method === "GET" || request.method === "HEAD";
  const { body: _body, headers = {}, ...rest } = request;
  const kept = Object.entries(headers).filter(([name]) => url.origin === from.origin || !secretHeaders.has(name));
  if (keepsMethod) return { ...request, url: url.href, headers: Object.fromEntries(kept) };
  const withoutBody = kept.filter(([name]) => !name.startsWith("content-"));
  return { ...rest, method: "GET", url: url.href, headers: Object.fromEntries(withoutBody) };
}

/** What a caller set for one origin must not reach another. */
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "host"]);

import {
  bodySizeMaxBytesDefault,
  type Clock,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
  untilAborted,
} from "@tatou/model";
import type { Dispatcher } from "undici";
import { createSystemClock } from "../clock/node-clock.ts";
import { type AddressBook, emptyAddressBook, hostAndPortOf, lookUp } from "./address-book.ts";
import type { openAgent } from "./agents.ts";
import { clientError, requestError } from "./client-error.ts";
import { BodyTooLargeError, decompress } from "./decompress.ts";
import { exchange } from "./exchange.ts";
import { type HttpConfig, requestHeaders, type TokenSource } from "./http-config.ts";
import { tokenSource, unauthorizedStatus } from "./oauth2-token.ts";

export interface SocketTransportOptions {
  /** Where service names lead; see AddressBook. */
  readonly resolve?: AddressBook;
  readonly httpConfig?: HttpConfig;
  /** Bound by every request that names no address of its own. */
  readonly localAddress?: string;
  /** Measures timeouts; by default the clock on the wall. */
  readonly clock?: Clock;
}

/** HTTP over sockets, with one pool of connections: open one transport per scrape pool, receiver or data source. */
export class SocketTransport implements HttpTransport {
  readonly #resolve: AddressBook;
  readonly #httpConfig: HttpConfig;
  readonly #localAddress: string;
  readonly #clock: Clock;
  /** By local address; "" is whatever the system picks. */
  readonly #agents = new Map<string, Dispatcher>();
  readonly #oauth2Token: TokenSource;

  constructor(options: SocketTransportOptions = {}) {
    this.#resolve = options.resolve ?? emptyAddressBook;
    this.#httpConfig = options.httpConfig ?? {};
    this.#localAddress = options.localAddress ?? "";
    this.#clock = options.clock ?? createSystemClock();
    this.#oauth2Token = tokenSource(
      this.#httpConfig.credentials,
      this.#clock,
      ({ tls, proxy }) => new SocketTransport({ ...options, httpConfig: { tls, proxy } }),
    );
  }

  /**
   * @throws {HttpTransportError} no answer came; the timeout covers redirects, and the body to its last byte
   * @throws {TypeError} the URL cannot be parsed
   */
  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(requestError("aborted", "context canceled", request, signal?.reason));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const cancelTimeout =
      request.timeoutMs === undefined
        ? undefined
        : this.#clock.schedule(request.timeoutMs, () =>
            stop.abort(requestError("timeout", "context deadline exceeded", request)),
          );
    try {
      // A secret may lie in a file that hangs, and a token with a server that does.
      return await untilAborted(this.#exchange(request, stop.signal), stop.signal);
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason;
      const { host, port } = hostAndPortOf(new URL(request.url));
      throw clientError(error, request, lookUp(this.#resolve, host, port));
    } finally {
      cancelTimeout?.();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const response = await exchange(request, {
      headers: await requestHeaders(this.#httpConfig, this.#oauth2Token),
      followRedirects: this.#httpConfig.followRedirects ?? true,
      sendOnce: (one) => this.#sendOnce(one, signal),
    });
    if (response.status === unauthorizedStatus) this.#oauth2Token.forget();
    return response;
  }

  /** Closes the connections; requests under way end with an error. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  async #sendOnce(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    try {
      return await this.#attempt(request, signal);
    } catch (error) {
      // A kept-alive connection may be closed by the other side just as it is used again; Go's client also asks anew.
      const code = (error as NodeJS.ErrnoException).code;
      const lostConnection = code === "UND_ERR_SOCKET" || code === "ECONNRESET";
      if (!lostConnection || signal.aborted || (request.method !== "GET" && request.method !== "HEAD")) throw error;
      return this.#attempt(request, signal);
    }
  }

  async #attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const sizeMaxBytes = request.bodySizeMaxBytes ?? bodySizeMaxBytesDefault;
    // A program that plays in virtual time, or only prints its flags, need not load a client for sockets.
    const client = await import("./socket-client.ts");
    const response = await client.request(request.url, {
      method: request.method,
      headers: { "user-agent": "Tatou", "accept-encoding": "gzip", ...request.headers },
      body: request.body ?? null,
      dispatcher: this.#agentFor(request.localAddress ?? this.#localAddress, client.openAgent),
      signal,
    });
    const headers = plainHeaders(response.headers);
    try {
      const received = await receive(response.body, sizeMaxBytes);
      const body = await decompress(received, headers["content-encoding"] ?? "", sizeMaxBytes);
      return { status: response.statusCode, headers, body };
    } catch (error) {
      response.body.on("error", () => {}).destroy();
      if (error instanceof BodyTooLargeError) throw new HttpTransportError("body_too_large", error.message);
      throw error;
    }
  }

  #agentFor(localAddress: string, open: typeof openAgent): Dispatcher {
    const known = this.#agents.get(localAddress);
    if (known !== undefined) return known;
    for (const [address, agent] of this.#agents) {
      if (this.#agents.size < agentsMax) break;
      this.#agents.delete(address);
      void agent.close();
    }
    const agent = open({ resolve: this.#resolve, httpConfig: this.#httpConfig, localAddress });
    this.#agents.set(localAddress, agent);
    return agent;
  }
}

/** A drill may speak from many loopback addresses; the oldest pool goes first. */
const agentsMax = 64;

async function receive(stream: AsyncIterable<Uint8Array>, sizeMaxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeMaxBytes) throw new BodyTooLargeError(sizeMaxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, sizeBytes);
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const plain: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    plain[name] = typeof value === "string" ? value : value.join(name === "set-cookie" ? "\n" : ", ");
  }
  return plain;
}

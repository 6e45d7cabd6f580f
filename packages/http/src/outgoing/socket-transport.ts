import {
  bodySizeMaxBytesDefault,
  type Clock,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  untilAborted,
} from "@tatou/model";
import type { Dispatcher } from "undici";
import { createSystemClock } from "../clock/node-clock.ts";
import { type AddressBook, emptyAddressBook, hostAndPortOf, lookUp } from "./address-book.ts";
import type { openAgent } from "./agents.ts";
import { clientError } from "./client-error.ts";
import { BodyTooLargeError, decompress } from "./decompress.ts";
import { exchange } from "./exchange.ts";
import { type HttpConfig, requestHeaders, type TokenSource } from "./http-config.ts";
import { tokenSource, unauthorizedStatus } from "./oauth2-token.ts";
import { PlainClient } from "./plain/plain-client.ts";
import { defaultHeaders } from "./plain/request-head.ts";
import { RequestDeadline } from "./request-deadline.ts";

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
  readonly #plainClient: PlainClient;
  readonly #hasOwnHeaders: boolean;
  readonly #hasProxy: boolean;

  constructor(options: SocketTransportOptions = {}) {
    this.#resolve = options.resolve ?? emptyAddressBook;
    this.#httpConfig = options.httpConfig ?? {};
    this.#localAddress = options.localAddress ?? "";
    this.#clock = options.clock ?? createSystemClock();
    const { headers = [], credentials = null, proxy } = this.#httpConfig;
    this.#hasOwnHeaders = headers.length > 0 || credentials !== null;
    this.#hasProxy = typeof proxy?.url === "string" || proxy?.fromEnvironment === true;
    this.#plainClient = new PlainClient({
      resolve: this.#resolve,
      clock: this.#clock,
      localAddress: this.#localAddress,
    });
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
    const deadline = new RequestDeadline(request, this.#clock, signal);
    try {
      return await this.#exchange(request, deadline);
    } catch (error) {
      if (deadline.reason !== null) throw deadline.reason;
      const { host, port } = hostAndPortOf(new URL(request.url));
      throw clientError(error, request, lookUp(this.#resolve, host, port));
    } finally {
      deadline.close();
    }
  }

  async #exchange(request: HttpRequest, deadline: RequestDeadline): Promise<HttpResponse> {
    const response = await exchange(request, {
      headers: this.#hasOwnHeaders ? await this.#ownHeaders(deadline) : null,
      followRedirects: this.#httpConfig.followRedirects ?? true,
      sendOnce: (one) => this.#sendOnce(one, deadline),
    });
    if (response.status === unauthorizedStatus) this.#oauth2Token.forget();
    return response;
  }

  /** A secret may lie in a file that hangs, and a token with a server that does. */
  #ownHeaders({ signal }: RequestDeadline): Promise<Readonly<Record<string, string>>> {
    return untilAborted(requestHeaders(this.#httpConfig, this.#oauth2Token), signal);
  }

  /** Closes the connections; requests under way end with an error. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    this.#plainClient.close();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #sendOnce(request: HttpRequest, deadline: RequestDeadline): Promise<HttpResponse> {
    if (!this.#hasProxy && request.url.startsWith("http:")) return this.#plainClient.send(request, deadline);
    return this.#sendByLibrary(request, deadline.signal);
  }

  async #sendByLibrary(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
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
    // Most programs never need more than plain HTTP: then the large client is not even loaded.
    const client = await import("./socket-client.ts");
    const response = await client.request(request.url, {
      method: request.method,
      headers: { ...defaultHeaders, ...request.headers },
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

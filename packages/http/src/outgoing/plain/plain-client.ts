import { bodySizeMaxBytesDefault, type Clock, type HttpRequest, type HttpResponse } from "@tatou/model";
import { type AddressBook, hostAndPortOf, lookUp } from "../address-book.ts";
import { decompress } from "../decompress.ts";
import type { RequestDeadline } from "../request-deadline.ts";
import { BodyBuffers } from "./body-buffers.ts";
import { ConnectionLostError } from "./connection-lost-error.ts";
import { ConnectionPool } from "./connection-pool.ts";
import type { PlainConnection } from "./plain-connection.ts";
import { requestHead } from "./request-head.ts";
import { ResponseReader } from "./response-reader.ts";
import type { Route } from "./route.ts";

export interface PlainClientOptions {
  readonly resolve: AddressBook;
  readonly clock: Clock;
  /** Of requests that name none; "" for whatever the system picks. */
  readonly localAddress: string;
}

/**
 * HTTP/1.1 without TLS and proxies, straight on sockets. Nearly all scrapes are such requests, and each costs a fraction of
 * what it costs with a client that can do everything.
 */
export class PlainClient {
  readonly #resolve: AddressBook;
  readonly #connections: ConnectionPool;
  readonly #buffers = new BodyBuffers();
  readonly #localAddress: string;
  readonly #prepared = new WeakMap<HttpRequest, PreparedRequest>();

  constructor({ resolve, clock, localAddress }: PlainClientOptions) {
    this.#resolve = resolve;
    this.#localAddress = localAddress;
    this.#connections = new ConnectionPool(clock);
  }

  /**
   * Sends one request as it is and reads its answer, whatever the status. A connection that was kept from before may have
   * been closed by the other side just now: then a request that may be repeated is sent once more, over a fresh one.
   */
  async send(request: HttpRequest, deadline: RequestDeadline): Promise<HttpResponse> {
    const { route, head } = this.#prepare(request);
    const isRepeatable = request.method === "GET" || request.method === "HEAD";
    const lane = this.#connections.laneOf(route);
    const connection = lane.takeIdle(isRepeatable) ?? (await lane.open(deadline));
    const wasKept = connection.exchangeCount > 0;
    let reader: ResponseReader;
    try {
      reader = await this.#exchange(connection, { request, head, deadline });
    } catch (error) {
      if (!wasKept || !isRepeatable || deadline.reason !== null || !isLost(error)) throw error;
      reader = await this.#exchange(lane.openAtOnce(), { request, head, deadline });
    }
    return this.#answer(request, reader);
  }

  /** Closes the connections; exchanges under way end with an error. */
  close(): void {
    this.#connections.close();
  }

  /** Who asks again and again with the same request, as scrapes do, gets what was made of it the first time. */
  #prepare(request: HttpRequest): PreparedRequest {
    const known = this.#prepared.get(request);
    if (known !== undefined) return known;
    const url = new URL(request.url);
    const { host, port } = hostAndPortOf(url);
    const localAddress = request.localAddress ?? this.#localAddress;
    const route = { ...lookUp(this.#resolve, host, port), localAddress };
    const prepared = { route, head: requestHead(request, url) };
    this.#prepared.set(request, prepared);
    return prepared;
  }

  #exchange(connection: PlainConnection, { request, head, deadline }: Message): Promise<ResponseReader> {
    const { method, body, bodySizeMaxBytes = bodySizeMaxBytesDefault } = request;
    const reader = new ResponseReader({ method, bodySizeMaxBytes, buffers: this.#buffers });
    return new Promise((resolve, reject) => {
      deadline.onStop((reason) => connection.destroy(reason));
      const settle = (error: Error | null): void => {
        deadline.onStop(null);
        if (error === null) resolve(reader);
        else reject(error);
      };
      connection.send({ head, body, reader, settle });
    });
  }

  #answer(request: HttpRequest, reader: ResponseReader): HttpResponse | Promise<HttpResponse> {
    const { status, headers } = reader.head;
    const buffer = reader.takeBody();
    if (buffer === null) return { status, headers, body: new Uint8Array() };
    const body = buffer.subarray(0, reader.bodySizeBytes);
    const encoding = headers["content-encoding"];
    let isReleased = false;
    const release = (): void => {
      // Twice in the pool, it would hold two bodies at once.
      if (!isReleased) this.#buffers.give(buffer);
      isReleased = true;
    };
    if (encoding === undefined || encoding === "identity") return { status, headers, body, release };
    return decompress(body, encoding, request.bodySizeMaxBytes ?? bodySizeMaxBytesDefault).then((decompressed) => {
      if (decompressed.buffer !== buffer.buffer) release();
      return { status, headers, body: decompressed };
    });
  }
}

interface PreparedRequest {
  readonly route: Route;
  /** The request line and headers. */
  readonly head: string;
}

interface Message {
  readonly request: HttpRequest;
  readonly head: string;
  readonly deadline: RequestDeadline;
}

/** Whether the connection broke without a word. */
function isLost(error: unknown): boolean {
  if (error instanceof ConnectionLostError) return error.isUnanswered;
  const { code } = error as NodeJS.ErrnoException;
  return code === "ECONNRESET" || code === "EPIPE";
}

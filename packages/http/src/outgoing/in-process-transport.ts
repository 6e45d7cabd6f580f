import {
  bodySizeMaxBytesDefault,
  type Clock,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
} from "@tatou/model";
import { type AddressBook, emptyAddressBook, formatHostAndPort, hostAndPortOf, lookUp } from "./address-book.ts";
import { requestError } from "./client-error.ts";
import { exchange } from "./exchange.ts";
import { type HttpConfig, requestHeaders, type TokenSource } from "./http-config.ts";
import { tokenSource, unauthorizedStatus } from "./oauth2-token.ts";

export interface InProcessTransportOptions {
  /** Timeouts are measured on it. */
  readonly clock: Clock;
  readonly resolve?: AddressBook;
  readonly httpConfig?: HttpConfig;
  readonly localAddress?: string;
  /**
   * "host:port" → the program that answers there. Read at every request: programs may come and go, and several
   * transports may share one map.
   */
  readonly handlers: ReadonlyMap<string, HttpHandler>;
}

/** HTTP without sockets: requests are calls. For virtual drills and tests; addresses mean what they mean on sockets. */
export class InProcessTransport implements HttpTransport {
  readonly #options: InProcessTransportOptions;
  readonly #oauth2Token: TokenSource;

  constructor(options: InProcessTransportOptions) {
    this.#options = options;
    this.#oauth2Token = tokenSource(
      options.httpConfig?.credentials,
      options.clock,
      () => new InProcessTransport({ ...options, httpConfig: {} }),
    );
  }

  /** @throws {HttpTransportError} nobody listens there, timed out, aborted, or the answer is too large */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    return this.#limited(request, this.#exchange(request), signal);
  }

  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    const { httpConfig = {} } = this.#options;
    const response = await exchange(request, {
      headers: await requestHeaders(httpConfig, this.#oauth2Token),
      followRedirects: httpConfig.followRedirects ?? true,
      sendOnce: (one) => this.#call(one),
    });
    if (response.status === unauthorizedStatus) this.#oauth2Token.forget();
    return response;
  }

  async #call(request: HttpRequest): Promise<HttpResponse> {
    const { host, port } = hostAndPortOf(new URL(request.url));
    const place = lookUp(this.#options.resolve ?? emptyAddressBook, host, port);
    const handler = this.#options.handlers.get(formatHostAndPort(place));
    if (handler === undefined)
      throw requestError("refused", `dial tcp ${formatHostAndPort(place)}: connect: connection refused`, request);
    const remoteAddress = request.localAddress ?? this.#options.localAddress ?? "127.0.0.1";
    const response = await handler(request, { remoteAddress });
    const sizeMaxBytes = request.bodySizeMaxBytes ?? bodySizeMaxBytesDefault;
    if (response.body.length > sizeMaxBytes)
      throw new HttpTransportError("body_too_large", `body size limit exceeded: more than ${sizeMaxBytes} bytes`);
    return response;
  }

  /** The answer, unless the timeout or the signal comes first. */
  #limited(request: HttpRequest, answer: Promise<HttpResponse>, signal?: AbortSignal): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(requestError("aborted", "context canceled", request, signal?.reason));
      if (signal?.aborted === true) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      const cancelTimeout =
        request.timeoutMs === undefined
          ? undefined
          : this.#options.clock.schedule(request.timeoutMs, () =>
              reject(requestError("timeout", "context deadline exceeded", request)),
            );
      const settled = (): void => {
        cancelTimeout?.();
        signal?.removeEventListener("abort", onAbort);
      };
      answer.finally(settled).then(resolve, reject);
    });
  }
}

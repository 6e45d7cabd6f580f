import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MetricsDisguise } from "@tatou/assurance";
import { SocketTransport } from "@tatou/http";
import { bodyText } from "@tatou/model";

export interface MetricsProxyOptions {
  /** Of the platform, without a slash at the end. */
  readonly targetUrl: string;
  readonly disguise: MetricsDisguise;
}

const timeoutMs = 5_000;
const badGateway = 502;

/** Stands before the metrics of a platform, for whoever scrapes them, and shows them in a disguise. */
export class MetricsProxy {
  readonly #options: MetricsProxyOptions;
  readonly #transport = new SocketTransport();
  readonly #server: Server;

  private constructor(options: MetricsProxyOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      request.resume();
      void this.#answer(request.url ?? "/", response);
    });
  }

  /** On a free port of 127.0.0.1. */
  static async open(options: MetricsProxyOptions): Promise<MetricsProxy> {
    const proxy = new MetricsProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject).listen({ host: "127.0.0.1", port: 0 }, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#transport.close();
  }

  /** A platform that does not answer is one that does not answer here either: a scrape that fails. */
  async #answer(path: string, response: ServerResponse): Promise<void> {
    const { targetUrl, disguise } = this.#options;
    try {
      const answer = await this.#transport.send({ method: "GET", url: `${targetUrl}${path}`, timeoutMs });
      const body = disguise.isActive ? disguise.apply(bodyText(answer)) : answer.body;
      response.writeHead(answer.status, { "content-type": answer.headers["content-type"] ?? "text/plain" }).end(body);
    } catch {
      response.writeHead(badGateway).end();
    }
  }
}

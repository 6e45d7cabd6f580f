import { connect, type Socket } from "node:net";
import type { Clock } from "@tatou/model";
import { ConnectionLostError } from "./connection-lost-error.ts";
import type { ResponseReader } from "./response-reader.ts";
import type { Route } from "./route.ts";

/**
 * Where every socket's bytes arrive first: they are copied on at once, in the same turn, so one place serves all, and no
 * memory is made for each read.
 */
const landing = Buffer.allocUnsafeSlow(64 * 1024);

/** What is sent and what waits for the answer. */
export interface Exchange {
  readonly head: string;
  readonly body: Uint8Array | string | undefined;
  readonly reader: ResponseReader;
  /** Called once: with null when the reader has the whole answer. */
  readonly settle: (error: Error | null) => void;
}

export interface PlainConnectionOptions extends Route {
  readonly clock: Clock;
  /** An answer has come to its end, and the connection is fit for another request. */
  readonly onIdle: () => void;
  readonly onClosed: () => void;
}

const connectTimeoutMs = 30_000;
/** Between what a server says about its patience and what is counted on. */
const patienceMarginMs = 1000;

/** Nobody answered to the attempt to connect. */
class ConnectTimeoutError extends Error {
  readonly code = "connect_timeout";
}

/** One TCP connection that carries one exchange after the other. */
export class PlainConnection {
  /** When the last exchange ended, by the monotonic clock. */
  idleSinceMs = 0;
  /** How long the other side keeps it open, as it last said; infinite when it said nothing. */
  keptForMs = Number.POSITIVE_INFINITY;
  /** Answers that came over it. */
  exchangeCount = 0;
  readonly #socket: Socket;
  readonly #onIdle: () => void;
  #exchange: Exchange | null = null;

  constructor({ host, port, localAddress, clock, onIdle, onClosed }: PlainConnectionOptions) {
    this.#onIdle = onIdle;
    const socket = connect({
      host,
      port,
      noDelay: true,
      ...(localAddress !== "" && { localAddress }),
      onread: {
        buffer: landing,
        callback: (count) => {
          this.#take(landing.subarray(0, count));
          return true;
        },
      },
    });
    const cancelTimeout = clock.schedule(connectTimeoutMs, () => this.destroy(new ConnectTimeoutError("i/o timeout")));
    socket.on("connect", cancelTimeout);
    socket.on("error", (error) => this.destroy(error));
    socket.on("end", () => this.#end());
    socket.on("close", () => {
      cancelTimeout();
      this.#end();
      onClosed();
    });
    this.#socket = socket;
  }

  /** Whether it can take an exchange. */
  get isUsable(): boolean {
    return this.#exchange === null && !this.#socket.destroyed && this.#socket.writable;
  }

  send(exchange: Exchange): void {
    this.#exchange = exchange;
    const socket = this.#socket;
    // Somebody waits for the answer; for an idle connection nobody does.
    socket.ref();
    if (exchange.body === undefined || exchange.body.length === 0) socket.write(exchange.head, "latin1");
    else {
      socket.cork();
      socket.write(exchange.head, "latin1");
      socket.write(exchange.body);
      socket.uncork();
    }
  }

  /** Closes it; an exchange under way ends with the error. */
  destroy(error: Error = new ConnectionLostError(true)): void {
    if (this.#exchange !== null) this.#settle(error);
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === null) {
      // Nobody asked: whatever it is, it must not be taken for the next answer.
      this.#socket.destroy();
      return;
    }
    try {
      if (exchange.reader.take(piece)) this.#settle(null);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #end(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    if (exchange.reader.end()) this.#settle(null);
    else this.destroy(new ConnectionLostError(!exchange.reader.hasBegun));
  }

  #settle(error: Error | null): void {
    const { reader, settle } = this.#exchange!;
    this.#exchange = null;
    if (error === null && reader.canKeepConnection) {
      this.#socket.unref();
      this.#noteAnswer(reader.head.headers["keep-alive"]);
      this.#onIdle();
    } else this.#socket.destroy();
    settle(error);
  }

  #noteAnswer(keepAlive: string | undefined): void {
    this.exchangeCount++;
    const [, seconds] = keepAlive === undefined ? [] : (/\btimeout=(\d{1,6})\b/.exec(keepAlive) ?? []);
    if (seconds !== undefined) this.keptForMs = Number(seconds) * 1000 - patienceMarginMs;
  }
}

import type { Clock } from "@tatou/model";
import type { RequestDeadline } from "../request-deadline.ts";
import { PlainConnection } from "./plain-connection.ts";
import type { Route } from "./route.ts";

/** Over one route. Scrapes and notifications need a few; the rest waits in line. */
const connectionsMax = 64;
/** Idle ones are closed after this, as Go's client does in Prometheus. */
const idleMaxMs = 5 * 60_000;
/** A request that must not be sent twice takes no connection that was idle for longer: it may have been closed unseen. */
const surelyOpenMs = 4000;

/** Keeps connections for the next request that takes the same route. */
export class ConnectionPool {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, ConnectionLane>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  laneOf(route: Route): ConnectionLane {
    const key = `${route.host} ${route.port} ${route.localAddress}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const made = new ConnectionLane(route, this.#clock, () => this.#lanes.delete(key));
    this.#lanes.set(key, made);
    return made;
  }

  close(): void {
    for (const lane of [...this.#lanes.values()]) lane.close();
  }
}

/** The connections over one route. */
export class ConnectionLane {
  readonly #route: Route;
  readonly #clock: Clock;
  readonly #onEmpty: () => void;
  readonly #connections = new Set<PlainConnection>();
  /** The longest idle first. */
  readonly #idle: PlainConnection[] = [];
  /** Wakes who waits for a connection. */
  readonly #waiting: (() => void)[] = [];

  constructor(route: Route, clock: Clock, onEmpty: () => void) {
    this.#route = route;
    this.#clock = clock;
    this.#onEmpty = onEmpty;
  }

  /**
   * A connection that was used before; undefined when there is none.
   * @param mayBeStale whether one will do that the other side may have closed unseen
   */
  takeIdle(mayBeStale: boolean): PlainConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      const idleMs = this.#clock.monotonicMs() - connection.idleSinceMs;
      const isFit = idleMs < (mayBeStale ? idleMaxMs : Math.min(surelyOpenMs, connection.keptForMs));
      if (isFit && connection.isUsable) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** A new connection as soon as there may be another one, or one that became idle meanwhile. */
  async open(deadline: RequestDeadline): Promise<PlainConnection> {
    while (this.#connections.size >= connectionsMax) {
      await this.#waitInLine(deadline);
      const idle = this.takeIdle(false);
      if (idle !== undefined) return idle;
    }
    return this.openAtOnce();
  }

  openAtOnce(): PlainConnection {
    const connection = new PlainConnection({
      ...this.#route,
      clock: this.#clock,
      onIdle: () => this.#keep(connection),
      onClosed: () => this.#forget(connection),
    });
    this.#connections.add(connection);
    return connection;
  }

  close(): void {
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #keep(connection: PlainConnection): void {
    connection.idleSinceMs = this.#clock.monotonicMs();
    this.#idle.push(connection);
    const longestIdle = this.#idle[0]!;
    if (connection.idleSinceMs - longestIdle.idleSinceMs > idleMaxMs) {
      this.#idle.shift();
      longestIdle.destroy();
    }
    this.#waiting.shift()?.();
  }

  #forget(connection: PlainConnection): void {
    this.#connections.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.#connections.size === 0 && this.#waiting.length === 0) this.#onEmpty();
    this.#waiting.shift()?.();
  }

  #waitInLine(deadline: RequestDeadline): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      deadline.onStop((reason) => {
        const index = this.#waiting.indexOf(resolve);
        if (index !== -1) this.#waiting.splice(index, 1);
        reject(reason);
      });
    });
  }
}

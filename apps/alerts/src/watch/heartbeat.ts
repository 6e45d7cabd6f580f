import type { Clock, HttpTransport, Log } from "@tatou/model";

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly transport: HttpTransport;
  readonly log: Log;
  /** Of a service outside that raises the alarm when it is not asked any more. */
  readonly url: string;
  /** Whether this program does its work; while it does not, the outside shall notice. */
  readonly isHealthy: () => boolean;
}

const heartbeatIntervalMs = 30_000;
const heartbeatTimeoutMs = 10_000;

/** Tells a service outside that this program is alive, as long as it can do its work. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #stop = new AbortController();
  #lastSuccessMs: number | null = null;
  #lastError: string | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("closed"));
    await this.#running;
  }

  status(): { readonly lastSuccessMs: number | null; readonly lastError: string | null } {
    return { lastSuccessMs: this.#lastSuccessMs, lastError: this.#lastError };
  }

  async #run(): Promise<void> {
    const { clock, isHealthy } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (isHealthy()) await this.#beat();
      await clock.sleep(heartbeatIntervalMs, signal).catch(() => {});
    }
  }

  async #beat(): Promise<void> {
    const { clock, transport, url, log } = this.#options;
    try {
      const response = await transport.send({ method: "GET", url, timeoutMs: heartbeatTimeoutMs }, this.#stop.signal);
      if (response.status >= 300) throw new Error(`status code ${response.status}`);
      this.#lastSuccessMs = clock.nowMs();
      this.#lastError = null;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      if (message !== this.#lastError) log.warn(`Cannot send the heartbeat: ${message}`);
      this.#lastError = message;
    }
  }
}

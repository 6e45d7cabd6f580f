import { MetricsDisguise } from "@tatou/assurance";
import { type Clock, type HttpHandler, type HttpResponse } from "@tatou/model";
import {
  createServer,
  readServerSettings,
  type ServerFaultName,
  type ServerSettings,
  type TatouServer,
} from "@tatou/server";
import { WaitingClock } from "./waiting-clock.ts";

export interface VirtualServerOptions {
  /** The virtual one. */
  readonly clock: Clock;
  /** Measures the work of threads, which takes no virtual time. */
  readonly realClock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is found as long as it runs. */
  readonly handlers: Map<string, HttpHandler>;
  /** Its name there. */
  readonly address: string;
}

const restartTakesMs = 1_000;

/** The platform in virtual time, with a process that can end and come back. */
export class VirtualServer {
  /** Changes what it exposes. */
  readonly metrics = new MetricsDisguise();
  readonly #options: VirtualServerOptions;
  readonly #settings: ServerSettings;
  readonly #clock: WaitingClock;
  readonly #faults = new Set<ServerFaultName>();
  #server: TatouServer | null = null;

  private constructor(options: VirtualServerOptions) {
    this.#options = options;
    this.#settings = readServerSettings(options.environment);
    this.#clock = new WaitingClock(options.clock);
  }

  static async start(options: VirtualServerOptions): Promise<VirtualServer> {
    const server = new VirtualServer(options);
    await server.#start();
    return server;
  }

  get storageDirectory(): string {
    return this.#settings.storageDir;
  }

  /** Gives the way back. */
  beginFault(fault: ServerFaultName): () => void {
    this.#faults.add(fault);
    return () => this.#faults.delete(fault);
  }

  /** Lets it answer nobody; gives the way back. */
  async goDown(): Promise<() => Promise<void>> {
    const { handlers, address } = this.#options;
    const handle = handlers.get(address);
    handlers.delete(address);
    return async () => {
      if (handle !== undefined) handlers.set(address, handle);
    };
  }

  async restart(): Promise<void> {
    await this.#options.clock.track(this.close());
    await this.#options.clock.sleep(restartTakesMs);
    await this.#options.clock.track(this.#start());
  }

  async close(): Promise<void> {
    this.#options.handlers.delete(this.#options.address);
    await this.#server?.close();
    this.#server = null;
  }

  async #start(): Promise<void> {
    const { handlers, address, realClock } = this.#options;
    const server = await createServer({
      settings: this.#settings,
      clock: this.#clock,
      threadClock: realClock,
      log: { write: () => undefined },
      withProcessMetrics: false,
      // Hashing takes no virtual time, and there is no password here to protect.
      passwordCost: { memoryKib: 64, passCount: 1 },
      faults: { isActive: (fault) => this.#faults.has(fault) },
    });
    this.#server = server;
    handlers.set(address, async (request, peer) => {
      const response = await server.handle(request, peer);
      return this.metrics.isActive && isMetrics(request.url) ? this.#disguised(response) : response;
    });
  }

  #disguised(response: HttpResponse): HttpResponse {
    return { ...response, body: Buffer.from(this.metrics.apply(Buffer.from(response.body).toString())) };
  }
}

function isMetrics(url: string): boolean {
  return new URL(url).pathname === "/metrics";
}

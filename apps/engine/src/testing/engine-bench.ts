import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MemoryEventLog } from "@tatou/event-log";
import { InProcessTransport, nodeYieldTurn } from "@tatou/http";
import { type HttpHandler, type HttpRequest, type HttpResponse, type LoggedEvent, VirtualClock } from "@tatou/model";
import { type Engine, type EngineOptions, startEngine } from "../engine.ts";
import { storageFlagDefaults } from "../storage/storage-flags.ts";

export const benchStartMs = Date.UTC(2026, 0, 5, 12);

export interface BenchOptions {
  /** prometheus.yml. */
  readonly config: string;
  /** Files beside it, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: Partial<EngineOptions>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A whole engine without sockets in virtual time, with targets and Alertmanagers that are functions. */
export class EngineBench {
  readonly directory = mkdtempSync(join(tmpdir(), "tatou-engine-"));
  readonly clock = new VirtualClock(benchStartMs, nodeYieldTurn);
  readonly eventLog = new MemoryEventLog({ clock: this.clock });
  readonly logLines: string[] = [];
  /** "host:port" → who answers there. */
  readonly handlers = new Map<string, HttpHandler>();
  readonly openTransports = new Set<InProcessTransport>();
  engine!: Engine;

  /** Writes the files and starts the engine; targets are to be there before. */
  async start({ config, files = {}, options = {} }: BenchOptions): Promise<void> {
    this.write("prometheus.yml", config);
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.engine = await startEngine({ ...this.engineOptions(), ...options });
  }

  write(name: string, text: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** A target or Alertmanager that answers with a text. */
  serve(address: string, body: () => string): void {
    this.handlers.set(address, async () => textResponse(body()));
  }

  async request(
    method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD",
    path: string,
    body?: string,
    type?: string,
  ): Promise<Answer> {
    const headers: Record<string, string> =
      body === undefined ? {} : { "content-type": type ?? "application/x-www-form-urlencoded" };
    return this.#ask({
      method,
      url: `http://localhost:9090${path}`,
      headers,
      ...(body !== undefined && { body }),
    });
  }

  async #ask(request: HttpRequest): Promise<Answer> {
    const response = await this.engine.handle(request, { remoteAddress: "127.0.0.1" });
    return { status: response.status, headers: response.headers, text: new TextDecoder().decode(response.body) };
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#ask({ method: "GET", url: `http://localhost:9090${path}`, headers });
  }

  /** The data of a successful answer. */
  async data<T>(path: string): Promise<T> {
    const { text } = await this.get(path);
    const body = JSON.parse(text) as { status: string; data: T };
    if (body.status !== "success") throw new Error(text);
    return body.data;
  }

  /** Instant query: label texts and values, as "name{...} value". */
  async query(expr: string): Promise<readonly string[]> {
    const { result } = await this.data<{
      result: readonly { metric: Record<string, string>; value: [number, string] }[];
    }>(`/api/v1/query?query=${encodeURIComponent(expr)}`);
    return result.map(({ metric, value }) => `${seriesText(metric)} ${value[1]}`);
  }

  /** The value of a metric of the engine itself; undefined when it is not exposed. */
  async metric(series: string): Promise<number | undefined> {
    const { text } = await this.get("/metrics");
    const line = text.split("\n").find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  async events(kindPrefix: string): Promise<readonly LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for await (const event of this.eventLog.read({ kindPrefix })) events.push(event);
    return events;
  }

  async close(): Promise<void> {
    await (this.engine as Engine | undefined)?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What an engine of this bench is started with. */
  engineOptions(): EngineOptions {
    const { clock, eventLog, handlers } = this;
    const note = (level: string) => (message: string) => void this.logLines.push(`${level} ${message}`);
    return {
      clock,
      eventLog,
      configFile: join(this.directory, "prometheus.yml"),
      dataDirectory: join(this.directory, "data"),
      openTransport: (httpConfig) => {
        const transport = Object.assign(new InProcessTransport({ clock, handlers, httpConfig }), {
          close: async () => void this.openTransports.delete(transport),
        });
        this.openTransports.add(transport);
        return transport;
      },
      log: { info: note("info"), warn: note("warn"), error: note("error") },
      environment: {},
      externalUrl: "http://prometheus:9090",
      version: "3.14.0",
      flags: { "web.listen-address": "127.0.0.1:9090" },
      features: {},
      storage: storageFlagDefaults,
      query: { lookbackDeltaMs: 300_000, timeoutMs: 120_000, samplesMax: 50_000_000, concurrencyMax: 20 },
      rules: { resendDelayMs: 60_000, outageToleranceMs: 3_600_000, forGracePeriodMs: 600_000 },
      isLifecycleEnabled: true,
      yieldTurn: nodeYieldTurn,
    };
  }
}

export function textResponse(text: string, status = 200): HttpResponse {
  return { status, headers: { "content-type": "text/plain; version=0.0.4" }, body: new TextEncoder().encode(text) };
}

function seriesText({ __name__: name = "", ...labels }: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(",")}}`;
}

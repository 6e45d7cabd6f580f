import { MemoryEventLog } from "@tatou/event-log";
import { InProcessTransport, nodeYieldTurn } from "@tatou/http";
import { bodyText, type HttpHandler, type HttpRequest, silentLog, VirtualClock } from "@tatou/model";
import { type AlertsApp, type AlertsOptions, startAlerts } from "../start-alerts.ts";

export const startMs = Date.UTC(2026, 0, 5, 12, 0, 0);

export const configText = `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 5s
  group_interval: 30s
  repeat_interval: 1h
  routes:
    - receiver: nobody
      matchers: [alertname = "Watchdog"]
inhibit_rules:
  - source_matchers: [alertname = "TargetDown"]
    target_matchers: [severity = "low"]
    equal: [job]
receivers:
  - name: team
    webhook_configs:
      - url: http://receiver:80/
  - name: nobody
`;

/** The program in virtual time: receivers and engine are functions, files are texts. */
export class VirtualAlerts {
  readonly clock: VirtualClock;
  readonly eventLog: MemoryEventLog;
  readonly handlers = new Map<string, HttpHandler>();
  readonly files = new Map([["alertmanager.yml", configText]]);
  /** `second: STATUS Name+Name` of every notification. */
  readonly told: string[] = [];
  readonly transport: InProcessTransport;
  app!: AlertsApp;
  isEngineUp = true;

  private constructor(clock: VirtualClock) {
    this.clock = clock;
    this.eventLog = new MemoryEventLog({ clock });
    this.transport = new InProcessTransport({ clock, handlers: this.handlers });
    this.handlers.set("receiver:80", (request) => this.#receive(request));
    this.handlers.set("engine:9090", async () => ({ status: this.isEngineUp ? 200 : 503, headers: {}, body: empty }));
  }

  static async start(options: Partial<AlertsOptions> = {}, clock = newClock()): Promise<VirtualAlerts> {
    const virtual = new VirtualAlerts(clock);
    virtual.app = await startAlerts({
      configFile: "alertmanager.yml",
      files: {
        read: async (path) => virtual.files.get(path) ?? Promise.reject(new Error(`no such file: ${path}`)),
        glob: async () => [...virtual.files.keys()].filter((path) => path.endsWith(".tmpl")),
      },
      clock,
      transport: virtual.transport,
      eventLog: virtual.eventLog,
      stateDirectory: ":memory:",
      externalUrl: "http://alerts:9093",
      web: { root: null },
      log: silentLog,
      random: () => 0.5,
      ...options,
    });
    virtual.handlers.set("alertmanager:9093", virtual.app.handle);
    return virtual;
  }

  async #receive(request: HttpRequest): ReturnType<HttpHandler> {
    const payload = JSON.parse(String(request.body)) as {
      alerts: { status: string; labels: Record<string, string> }[];
    };
    const names = payload.alerts.map(({ status, labels }) => `${status === "firing" ? "" : "-"}${labels["alertname"]}`);
    this.told.push(`${this.second()}: ${names.join(" ")}`);
    return { status: 200, headers: {}, body: empty };
  }

  second(): number {
    return Math.round(this.clock.nowMs() - startMs) / 1000;
  }

  async playTo(second: number): Promise<void> {
    await this.clock.advanceTo(startMs + second * 1000);
  }

  async send(
    method: HttpRequest["method"],
    path: string,
    body?: unknown,
  ): Promise<{ status: number; type: string; text: string; json: () => unknown }> {
    const url = `http://alertmanager:9093${path}`;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const request: HttpRequest =
      body === undefined
        ? { method, url }
        : { method, url, headers: { "content-type": "application/json" }, body: text };
    const response = await this.app.handle(request, { remoteAddress: "127.0.0.1" });
    const answer = bodyText(response);
    const type = response.headers["content-type"] ?? "";
    return { status: response.status, type, text: answer, json: () => JSON.parse(answer) as unknown };
  }

  /** As an engine sends it: firing until `lastsSeconds` from now. */
  async post(alertname: string, options: PostOptions = {}): Promise<void> {
    const nowMs = this.clock.nowMs();
    const endsAt = new Date(nowMs + (options.lastsSeconds ?? 240) * 1000).toISOString();
    const { status, text } = await this.send("POST", "/api/v2/alerts", [
      { labels: { alertname, ...options.labels }, annotations: options.annotations ?? {}, endsAt },
    ]);
    if (status !== 200) throw new Error(text);
  }
}

export interface PostOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** 0 says that it is over. */
  readonly lastsSeconds?: number;
}

const empty = new Uint8Array(0);

export function newClock(): VirtualClock {
  return new VirtualClock(startMs, nodeYieldTurn);
}

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { getJson, startTatou, type TestProcess, until } from "./processes.ts";

/** A server of a test on a free port of loopback. */
export interface TestServer {
  readonly port: number;
  /** "127.0.0.1:port" */
  readonly address: string;
  close(): Promise<void>;
}

export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A target that exposes a text, asked for anew at each scrape. */
export function startTarget(exposition: () => string): Promise<TestServer> {
  return startServer((_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(exposition());
  });
}

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  /** By this machine's clock. */
  readonly receivedAtMs: number;
}

/** An Alertmanager that only writes down what it is told. */
export async function startAlertRecorder(): Promise<TestServer & { readonly alerts: readonly PostedAlert[] }> {
  const alerts: PostedAlert[] = [];
  const server = await startServer((request, response) => {
    let body = "";
    request.on("data", (bytes) => (body += bytes));
    request.on("end", () => {
      const posted = JSON.parse(body) as PostedAlert[];
      alerts.push(...posted.map((alert) => ({ ...alert, receivedAtMs: Date.now() })));
      response.end("{}");
    });
  });
  return { ...server, alerts };
}

/** Alerts that were told as over. */
export function resolvedOf(alerts: readonly PostedAlert[]): readonly PostedAlert[] {
  return alerts.filter(({ endsAt, receivedAtMs }) => Date.parse(endsAt) <= receivedAtMs);
}

/** One engine of a test, as a process: its folder holds the configuration and, over restarts, the data. */
export class EngineProcess {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  process!: TestProcess;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  write(name: string, text: string): string {
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Starts it without waiting. */
  spawn(flags: readonly string[] = []): TestProcess {
    this.process = startTatou([
      "engine",
      `--config.file=${join(this.#folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(this.#folder, "data")}`,
      `--state.path=${join(this.#folder, "state")}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
      ...flags,
    ]);
    return this.process;
  }

  async start(flags: readonly string[] = []): Promise<void> {
    const { closed } = this.spawn(flags);
    let hasEnded = false;
    void closed.then(() => (hasEnded = true));
    await until("the engine to be ready", async () => {
      if (hasEnded) throw new Error(this.process.output);
      return (await fetch(`${this.url}/-/ready`)).ok;
    });
  }

  async kill(): Promise<void> {
    await this.process.stop("SIGKILL");
  }

  async stop(): Promise<number | null> {
    return this.process.stop("SIGTERM");
  }

  /** The values of an instant query, in the order of the answer. */
  async values(expr: string): Promise<readonly number[]> {
    const url = `${this.url}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const { data } = await getJson<{ data: { result: readonly { value: readonly [number, string] }[] } }>(url);
    return data.result.map(({ value }) => Number(value[1]));
  }

  async alertStates(): Promise<readonly { readonly state: string; readonly activeAt: string }[]> {
    const { data } = await getJson<{ data: { alerts: { state: string; activeAt: string }[] } }>(
      `${this.url}/api/v1/alerts`,
    );
    return data.alerts.map(({ state, activeAt }) => ({ state, activeAt }));
  }
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Why the peer tests cannot run here; null when they can. */
export function peerMissing(): string | null {
  try {
    execFileSync("prometheus", ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return "prometheus is not on PATH";
  }
}

/** A real Prometheus on a data directory, on a free port of loopback. */
export class PeerPrometheus {
  readonly #child: ChildProcess;
  readonly #origin: string;
  #output = "";

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child;
    this.#origin = origin;
  }

  /** @param extra flags besides the usual ones, and a configuration in place of the usual one */
  static async start(
    workDirectory: string,
    dataDirectory: string,
    scrapeSelf: boolean,
    extra: { readonly flags?: readonly string[]; readonly config?: string } = {},
  ): Promise<PeerPrometheus> {
    const port = await freePort();
    mkdirSync(workDirectory, { recursive: true });
    const configPath = join(workDirectory, "prometheus.yml");
    writeFileSync(configPath, extra.config ?? (scrapeSelf ? selfScrapeConfig(port) : ""));
    const child = spawn("prometheus", [
      `--config.file=${configPath}`,
      `--storage.tsdb.path=${dataDirectory}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
      ...(extra.flags ?? []),
    ]);
    const peer = new PeerPrometheus(child, `http://127.0.0.1:${port}`);
    child.stderr.on("data", (chunk: Buffer) => (peer.#output += chunk.toString()));
    for (let attempt = 0; attempt < 100; attempt++) {
      if (child.exitCode !== null) throw new Error(`prometheus ended: ${peer.#output}`);
      if (await peer.#isReady()) return peer;
      await setTimeout(100);
    }
    await peer.stop();
    throw new Error(`prometheus did not become ready: ${peer.#output}`);
  }

  /** Its warnings and errors so far. */
  get complaints(): string[] {
    return this.#output.split("\n").filter((line) => line !== "");
  }

  /** All samples of a range selector, by series: sorted label text to "time value" texts. Staleness markers are left out. */
  async samples(selector: string, timeMs: number): Promise<Map<string, string[]>> {
    const parameters = new URLSearchParams({ query: selector, time: String(timeMs / 1000) });
    const response = await fetch(`${this.#origin}/api/v1/query?${parameters}`);
    const body = (await response.json()) as RangeAnswer;
    const series = new Map<string, string[]>();
    for (const { metric, values } of body.data.result) {
      const samples = values.map(([seconds, value]) => `${Math.round(seconds * 1000)} ${value}`);
      series.set(seriesText(Object.entries(metric)), samples);
    }
    return series;
  }

  /** What its API answers, as JSON; throws what it says instead. */
  async get(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(`${this.#origin}${path}?${new URLSearchParams(parameters)}`);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return (JSON.parse(text) as { readonly data: unknown }).data;
  }

  /** Sends samples to it, as a snappy block of protobuf. It has to be started with its receiver on. */
  async remoteWrite(body: Uint8Array<ArrayBuffer>): Promise<void> {
    const headers = { "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf" };
    const response = await fetch(`${this.#origin}/api/v1/write`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  /** Ends it as a crash would, and waits. */
  async kill(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  /** The native histograms of a range selector that finds one series. */
  async histograms(selector: string, timeMs: number): Promise<PeerHistogram[]> {
    const parameters = new URLSearchParams({ query: selector, time: String(timeMs / 1000) });
    const response = await fetch(`${this.#origin}/api/v1/query?${parameters}`);
    const body = (await response.json()) as RangeAnswer;
    return (body.data.result[0]?.histograms ?? []).map(([seconds, { count, sum, buckets = [] }]) => ({
      timeMs: Math.round(seconds * 1000),
      count: Number(count),
      sum: Number(sum),
      buckets: buckets.map(([, lower, upper, observations]) => [lower, upper, observations].map(peerNumber)),
    }));
  }

  /** Ends it as an operator would, and waits. */
  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#origin}/-/ready`)).ok;
    } catch {
      return false;
    }
  }
}

interface RangeAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [number, string])[];
      readonly histograms?: readonly (readonly [number, HistogramAnswer])[];
    }[];
  };
}

interface HistogramAnswer {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

/** A histogram as its API answers; of each bucket the lower bound, the upper bound and the count. */
export interface PeerHistogram {
  readonly timeMs: number;
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly (readonly number[])[];
}

function peerNumber(text: string): number {
  return text.endsWith("Inf") ? Number(text.replace("Inf", "Infinity")) : Number(text);
}

/** One text per label set. */
export function seriesText(labels: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...labels].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function selfScrapeConfig(port: number): string {
  return [
    "scrape_configs:",
    "- job_name: self",
    "  scrape_interval: 200ms",
    "  scrape_timeout: 200ms",
    `  static_configs: [{ targets: ["127.0.0.1:${port}"] }]`,
  ].join("\n");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExpositionParser } from "@tatou/exposition";
import { nodeYieldTurn } from "@tatou/http";
import { type HttpRequest, VirtualClock } from "@tatou/model";
import { createServer, readServerSettings, type TatouServer } from "@tatou/server";

/** Samples of one series on the grid of the scrapes: a number, "stale" where it ended, "_" where there is none. */
export interface RecordedSeries {
  /** As a selector: name{label="value"}. */
  readonly series: string;
  readonly values: readonly string[];
}

export const scrapeIntervalMs = 10_000;

/** Something that happens to the platform, from one time to another, `perSecond` times a second. */
export interface RecordedAttack {
  readonly fromMs: number;
  readonly toMs: number;
  readonly perSecond: number;
  readonly remoteAddress: string;
  readonly request: (n: number) => Pick<HttpRequest, "method" | "headers" | "body"> & { readonly path: string };
}

export interface RecordingPlan {
  readonly durationMs: number;
  readonly attacks: readonly RecordedAttack[];
  /** No scrape succeeds in between. */
  readonly downMs: readonly [fromMs: number, toMs: number];
}

/** Plays attacks on a real platform in virtual time and keeps what a scrape every ten seconds would have seen. */
export async function recordPlatform(plan: RecordingPlan): Promise<readonly RecordedSeries[]> {
  const directory = mkdtempSync(join(tmpdir(), "tatou-recording-"));
  const startMs = Date.UTC(2026, 0, 5);
  const clock = new VirtualClock(startMs, nodeYieldTurn);
  const server = await createServer({
    settings: readServerSettings({ STORAGE_DIR: directory, SQLITE_PATH: ":memory:", LOG_LEVEL: "silent" }),
    clock,
    log: { write: () => undefined },
    withProcessMetrics: false,
    passwordCost: { memoryKib: 64, passCount: 1 },
  });
  const recording = new Recording();
  try {
    for (const attack of plan.attacks) void attackFrom(attack, { server, clock });
    for (let timeMs = 0; timeMs <= plan.durationMs; timeMs += scrapeIntervalMs) {
      const isDown = timeMs >= plan.downMs[0] && timeMs < plan.downMs[1];
      recording.add(isDown ? null : await scrape(server));
      await clock.advance(scrapeIntervalMs);
    }
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
  return recording.series();
}

interface Attacked {
  readonly server: TatouServer;
  readonly clock: VirtualClock;
}

async function attackFrom(attack: RecordedAttack, { server, clock }: Attacked): Promise<void> {
  const startMs = clock.nowMs();
  const count = Math.round(((attack.toMs - attack.fromMs) / 1000) * attack.perSecond);
  for (let n = 0; n < count; n++) {
    await clock.sleepUntil(startMs + attack.fromMs + (n * 1000) / attack.perSecond);
    const { path, ...request } = attack.request(n);
    const { remoteAddress } = attack;
    await clock.track(server.handle({ ...request, url: `http://server:5000${path}` }, { remoteAddress }));
  }
}

async function scrape(server: TatouServer): Promise<Uint8Array> {
  const { body } = await server.handle(
    { method: "GET", url: "http://server:5000/metrics" },
    { remoteAddress: "127.0.0.1" },
  );
  return body;
}

/** Scrapes side by side; what was there and is not any more ends with a marker, as a scraper writes it. */
class Recording {
  readonly #values = new Map<string, string[]>();
  #scrapeCount = 0;
  #seen = new Set<string>();

  add(exposition: Uint8Array | null): void {
    const seen = new Set<string>();
    const put = (series: string, value: number): void => {
      seen.add(series);
      this.#valuesOf(series).push(numberText(value));
    };
    if (exposition !== null) for (const [series, value] of readExposition(exposition)) put(series, value);
    put(`up{${targetLabels}}`, exposition === null ? 0 : 1);
    put(`scrape_samples_scraped{${targetLabels}}`, seen.size - 1);
    for (const series of this.#seen) if (!seen.has(series)) this.#valuesOf(series).push("stale");
    this.#seen = seen;
    this.#scrapeCount++;
  }

  series(): readonly RecordedSeries[] {
    return [...this.#values.keys()].map((series) => ({ series, values: this.#valuesOf(series) }));
  }

  /** Filled up to the scrape before this one. */
  #valuesOf(series: string): string[] {
    const values = this.#values.get(series) ?? [];
    this.#values.set(series, values);
    while (values.length < this.#scrapeCount) values.push("_");
    return values;
  }
}

const targetLabels = 'job="tatou-app",instance="server:5000"';

function* readExposition(exposition: Uint8Array): Iterable<readonly [series: string, value: number]> {
  const parser = new ExpositionParser(exposition, "text");
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    if (entry !== "series") continue;
    const labels = parser.labels();
    const name = labels.find((label) => label.name === "__name__")!.value;
    const others = labels.filter((label) => label.name !== "__name__");
    const pairs = others.map((label) => `${label.name}=${JSON.stringify(label.value)}`);
    yield [`${name}{${[targetLabels, ...pairs].join(",")}}`, parser.value];
  }
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : `${value > 0 ? "" : "-"}Inf`;
}

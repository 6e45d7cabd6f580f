import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineProcess } from "./lib/engine-process.ts";
import { copyMonitoringWithShortTimes } from "./lib/monitoring-copy.ts";
import { getJson, startTatou, type TestProcess, until } from "./lib/processes.ts";
import { type StackPlace, stackPlace } from "./lib/stack-process.ts";

/**
 * The engine is killed in the middle of an attack, and nobody starts it again: four programs one by one, from copies of
 * the very files with shorter times. What people are told, and what they are not.
 */
const alertName = "HighAuthFailureRate";
const requestEveryMs = 50;

interface InboxMessage {
  readonly seq: number;
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

let folder: string;
let place: StackPlace;
let programs: readonly TestProcess[];
let engine: EngineProcess;
let attack: NodeJS.Timeout;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-death-"));
  place = await stackPlace(folder);
  copyMonitoringWithShortTimes(folder);
  const { ports, urls } = place;
  const alerts = startTatou([
    "alerts",
    `--config.file=${join(folder, "alertmanager.yml")}`,
    `--web.listen-address=127.0.0.1:${ports.alerts}`,
    `--state.path=${join(folder, "state")}`,
    `--watch.engine-url=${urls.engine}`,
    `--resolve=inbox:9094=127.0.0.1:${ports.alerts}`,
  ]);
  const server = startTatou(["server"], { PORT: String(ports.server), STORAGE_DIR: join(folder, "storage") });
  programs = [alerts, server];
  engine = new EngineProcess(folder, ports.engine);
  await startEngine();
}, 60_000);

afterAll(async () => {
  clearInterval(attack);
  agent.destroy();
  await Promise.all([engine.kill(), ...programs.map((program) => program.stop("SIGKILL"))]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function startEngine(): Promise<void> {
  const { ports } = place;
  return engine.start([
    "--rules.alert.resend-delay=1s",
    "--rules.alert.for-grace-period=0s",
    `--resolve=server:5000=127.0.0.1:${ports.server}`,
    `--resolve=prometheus:9090=127.0.0.1:${ports.engine}`,
    `--resolve=alertmanager:9093=127.0.0.1:${ports.alerts}`,
  ]);
}

function sendWrongLogin(): void {
  const login = request(`${place.urls.server}/api/login`, {
    agent,
    method: "POST",
    localAddress: process.platform === "linux" ? "127.0.0.9" : "127.0.0.1",
    headers: { "content-type": "application/json" },
  });
  login.on("response", (response) => response.resume());
  login.on("error", () => {});
  login.end(JSON.stringify({ email: "victim@example.org", password: "wrong" }));
}

async function messages(): Promise<readonly InboxMessage[]> {
  const answer = await getJson<{ messages: readonly InboxMessage[] }>(`${place.urls.alerts}/api/tatou/v1/inbox`);
  return answer.messages;
}

async function told(name: string, status: string): Promise<readonly InboxMessage[]> {
  return (await messages()).filter(({ alerts }) =>
    alerts.some((alert) => alert.labels["alertname"] === name && alert.status === status),
  );
}

test("kill -9 of the engine in the middle of an attack: its silence is told, the attack is not called over, and goes on", async () => {
  attack = setInterval(sendWrongLogin, requestEveryMs);
  await until("somebody to be told of the attack", async () => (await told(alertName, "firing")).length > 0, 60_000);
  const begin = (await firingAlert())!.activeAt;
  const samples = "sum(count_over_time(auth_failures_total[1h]))";
  const [samplesBefore] = await engine.values(samples);

  await engine.kill();
  const killedMs = performance.now();
  await until(
    "the silence of the engine to be told",
    async () => (await told("EngineSilent", "firing")).length > 0,
    60_000,
  );
  expect(performance.now() - killedMs).toBeLessThan(60_000);
  expect(await told(alertName, "resolved")).toEqual([]);

  await startEngine();
  expect((await engine.values(samples))[0]).toBeGreaterThanOrEqual(samplesBefore!);
  const after = await until("the alert to be carried on", async () => (await firingAlert()) ?? false);
  // The start is stored in whole seconds.
  expect(Math.abs(Date.parse(after.activeAt) - Date.parse(begin))).toBeLessThan(1000);
  await until("the end of the silence to be told", async () => (await told("EngineSilent", "resolved")).length > 0);
  expect(await told(alertName, "resolved")).toEqual([]);
}, 180_000);

interface ActiveAlert {
  readonly state: string;
  readonly activeAt: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** As the engine sees it. */
async function firingAlert(): Promise<ActiveAlert | undefined> {
  const { data } = await getJson<{ data: { alerts: readonly ActiveAlert[] } }>(`${place.urls.engine}/api/v1/alerts`);
  return data.alerts.find(({ state, labels }) => state === "firing" && labels["alertname"] === alertName);
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineProcess, resolvedOf, startAlertRecorder, startTarget, type TestServer } from "../lib/engine-process.ts";
import { freePorts, until } from "../lib/processes.ts";

const rules = `groups:
  - name: attacks
    rules:
      - { alert: High, expr: level > 5, for: 3s }
`;
/** The times of the test are short; what holds over a restart is what is tested. */
const flags = ["--rules.alert.for-grace-period=0s", "--rules.alert.resend-delay=1s"];

const pendingSamples = 'count_over_time(ALERTS{alertstate="pending"}[1h])';

let folder: string;
let engine: EngineProcess;
let target: TestServer;
let recorder: Awaited<ReturnType<typeof startAlertRecorder>>;
let level = 7;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-kill-"));
  target = await startTarget(() => `level ${level}\n`);
  recorder = await startAlertRecorder();
  const [port] = await freePorts(1);
  engine = new EngineProcess(folder, port!);
  engine.write("rules.yml", rules);
  engine.write(
    "prometheus.yml",
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["${recorder.address}"] }] }] }
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["${target.address}"] }] }]
`,
  );
});
afterAll(async () => {
  await engine.kill();
  await target.close();
  await recorder.close();
  rmSync(folder, { recursive: true, force: true });
});

test("an engine that is killed in the middle of an attack carries on: samples, alert, and no RESOLVED", async () => {
  await engine.start(flags);
  const [before] = await until("the alert to fire", async () => {
    const states = await engine.alertStates();
    return states[0]?.state === "firing" && recorder.alerts.length > 1 && states;
  });

  const pendingBefore = await engine.values(pendingSamples);
  for (let round = 0; round < 3; round++) {
    const [samplesBefore] = await engine.values("count_over_time(level[1h])");
    await engine.kill();
    const postedBefore = recorder.alerts.length;
    await engine.start(flags);
    const [samplesAfter] = await engine.values("count_over_time(level[1h])");
    expect(samplesAfter).toBeGreaterThanOrEqual(samplesBefore!);

    const after = await until("the alert to fire again", async () => {
      const states = await engine.alertStates();
      return states[0]?.state === "firing" && states;
    });
    expect(after).toHaveLength(1);
    // The start is stored in whole seconds.
    expect(Math.abs(Date.parse(after[0]!.activeAt) - Date.parse(before!.activeAt))).toBeLessThan(1000);
    await until("the alert to be sent again", async () => recorder.alerts.length > postedBefore);
  }
  // Whoever looks at the graph sees one firing alert, not one that began anew.
  expect(await engine.values(pendingSamples)).toEqual(pendingBefore);
  expect(resolvedOf(recorder.alerts)).toEqual([]);
  expect(new Set(recorder.alerts.map(({ labels }) => labels["alertname"]))).toEqual(new Set(["High"]));
  expect(transitions()).not.toContain("firing inactive");

  level = 0;
  await until("the end of the alert", async () => resolvedOf(recorder.alerts).length > 0);
}, 90_000);

test("the end by SIGTERM is clean: exit 0, no lock left, and the next start reads everything", async () => {
  const [before] = await engine.values("count_over_time(level[1h])");
  expect(await engine.stop()).toBe(0);
  expect(readdirSync(join(folder, "data"))).not.toContain("lock");
  await engine.start(flags);
  expect((await engine.values("count_over_time(level[1h])"))[0]).toBeGreaterThanOrEqual(before!);
}, 30_000);

/** Every change of state in the event log, as "from to". */
function transitions(): readonly string[] {
  const directory = join(folder, "state/events/engine");
  return readdirSync(directory)
    .flatMap((name) => readFileSync(join(directory, name), "utf8").split("\n"))
    .filter((line) => line.includes('"rule.state"'))
    .map((line) => (JSON.parse(line) as { data: { from: string; to: string } }).data)
    .map(({ from, to }) => `${from} ${to}`);
}

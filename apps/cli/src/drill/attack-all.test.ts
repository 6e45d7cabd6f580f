import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DrillSetupError, loadDrillFile } from "@tatou/assurance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { attackAll } from "./attack-all.ts";
import type { DrillCommandOptions } from "./drill-setting.ts";
import { DrillUsageError } from "./errors.ts";

/** What stands between a wish and an attack. */
const scenario = loadDrillFile(
  "{ drill: D1, name: a, title: a, technique: T1110, steps: [{ wait: 1s }], expect: [{ alert: Alarm }] }",
  "a.yml",
);
const rule = { name: "Alarm", type: "alerting", health: "ok", labels: { severity: "high" } };

let directory: string;
let server: Server;
let url: string;
let integration: string;
let query: string;
const asked: string[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tatou-attack-test-"));
  integration = 'webhook_configs: [{ url: "http://127.0.0.1:9/" }]';
  query = "up == 0";
  asked.length = 0;
  // Engine and Alertmanager in one, with the alert firing already: an attack that is let through ends at once.
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.end(JSON.stringify(answerTo(new URL(request.url!, url).pathname)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

function answerTo(path: string): unknown {
  const alert = { labels: { alertname: "Alarm" }, annotations: {}, state: "firing", activeAt: "", value: "1" };
  switch (path) {
    case "/api/v1/rules":
      return {
        status: "success",
        data: { groups: [{ name: "g", file: "f", interval: 15, rules: [{ ...rule, query }] }] },
      };
    case "/api/v1/alerts":
      return { status: "success", data: { alerts: [alert] } };
    case "/api/v2/status":
      return { config: { original: `route: { receiver: team }\nreceivers: [{ name: team, ${integration} }]` } };
    default:
      return {};
  }
}

function attack(changes: Partial<DrillCommandOptions> = {}, scenarios = [scenario]) {
  const options: DrillCommandOptions = {
    ...{ target: url, prometheus: url, alertmanager: url, source: "127.0.0.9", monitoringDir: directory },
    ...{ listen: "127.0.0.1:0", "state.path": directory },
    ...changes,
  };
  const { signal } = new AbortController();
  const budgets = new Map();
  return attackAll(scenarios, { options, drillsDirectory: directory, budgets, screen: null, signal, predicted: null });
}

test("webhooks of this machine let it through", async () => {
  const reason = expect.stringMatching(/active already/);
  expect(await attack()).toMatchObject([{ verdict: { kind: "cannot_run", reason } }]);
});

const mail = 'email_configs: [{ to: boss@example.org, from: a@example.org, smarthost: "mail.example.org:25" }]';

test("people outside are not told without --live", async () => {
  integration = mail;
  await expect(attack()).rejects.toThrow(
    "Cannot drill for real: Alarm would tell receiver team by email (boss@example.org)",
  );
  expect(asked.filter((path) => path.startsWith("/api/v1/alerts"))).toEqual([]);
  expect(await attack({ live: true })).toHaveLength(1);
});

test("what is not on this machine has to be listed", async () => {
  const target = "http://staging.invalid:5000";
  await expect(attack({ target })).rejects.toThrow(DrillUsageError);
  writeFileSync(join(directory, "targets.yml"), 'targets: [ "http://other.invalid:5000" ]');
  await expect(attack({ target })).rejects.toThrow(/does not list it/);
  expect(asked).toEqual(["/api/tatou/v1/inbox?since=0", "/api/tatou/v1/inbox?since=0"]);
  writeFileSync(join(directory, "targets.yml"), `targets: [ ${JSON.stringify(target)} ]`);
  expect(await attack({ target })).toHaveLength(1);
});

test("this machine is attacked from its own addresses alone", async () => {
  await expect(attack({ source: "10.0.0.1" })).rejects.toThrow(/no address of the loopback range/);
});

test("where nobody answers, nothing begins", async () => {
  await expect(attack({ alertmanager: "http://127.0.0.1:1" })).rejects.toThrow(DrillSetupError);
});

test("a drill that fails by a defect costs its own verdict and no other", async () => {
  // No engine has such a rule.
  query = "up ==";
  const other = { ...scenario, id: "D2", steps: [], prepare: [] };
  const cannot = { kind: "cannot_run", reason: expect.stringContaining("unexpected end of input") };
  expect(await attack({}, [scenario, other])).toMatchObject([
    { drill: "D1", clock: "real", verdict: cannot },
    { drill: "D2", clock: "real", verdict: cannot },
  ]);
});

test("an address that is none is told in words", async () => {
  await expect(attack({ inbox: "nonsense" })).rejects.toThrow('Cannot use "nonsense" as --inbox: it is no address');
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventLog } from "@tatou/event-log";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { silentLog } from "@tatou/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AlertsApp, startAlerts } from "./start-alerts.ts";
import { isInstalled, run, startAlertmanager } from "./testing/peers.ts";

const repositoryFolder = join(import.meta.dirname, "../../..");
const hasAmtool = isInstalled("amtool");
const hasAlertmanager = isInstalled("prometheus-alertmanager");

let folder: string;
let app: AlertsApp | undefined;
const transport = new SocketTransport();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tatou-peers-"));
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  await rm(folder, { recursive: true });
});

async function startOurs(configFile: string): Promise<string> {
  const clock = createSystemClock();
  app = await startAlerts({
    configFile,
    clock,
    transport,
    eventLog: new MemoryEventLog({ clock }),
    stateDirectory: ":memory:",
    externalUrl: "http://alerts.example.org",
    web: { root: null },
    log: silentLog,
  });
  return (await app.listen("127.0.0.1:0")).url;
}

const ourConfig = join(repositoryFolder, "monitoring/alertmanager.yml");

describe("amtool", () => {
  test.skipIf(!hasAmtool)("accepts our routes", async () => {
    expect(await run("amtool", ["check-config", ourConfig])).toContain("SUCCESS");
    const receiver = ["config", "routes", "test", `--config.file=${ourConfig}`];
    expect((await run("amtool", [...receiver, "alertname=Watchdog", "severity=none"])).trim()).toBe("nobody");
    expect((await run("amtool", [...receiver, "alertname=X", "severity=critical"])).trim()).toBe("inbox");
  });

  test.skipIf(!hasAmtool)("adds and finds alerts", async () => {
    const url = `--alertmanager.url=${await startOurs(ourConfig)}`;
    await run("amtool", [url, "alert", "add", "HighAuthFailureRate", "severity=high", "--annotation=summary=Guessing"]);
    await run("amtool", [url, "alert", "add", "Other", "severity=low"]);
    const found = await run("amtool", [url, "alert", "query", "severity=high", "-o", "json"]);
    expect(JSON.parse(found)).toMatchObject([
      { labels: { alertname: "HighAuthFailureRate", severity: "high" }, annotations: { summary: "Guessing" } },
    ]);
    expect(await run("amtool", [url, "alert", "query"])).toContain("Other");
  });

  test.skipIf(!hasAmtool)("makes, finds and ends silences", async () => {
    const url = `--alertmanager.url=${await startOurs(ourConfig)}`;
    await run("amtool", [url, "alert", "add", "A", "severity=high"]);
    const add = [url, "silence", "add", "alertname=A", "--comment=known", "--author=me", "--duration=1h"];
    const id = (await run("amtool", add)).trim();
    expect(await run("amtool", [url, "silence", "query", "-q"])).toBe(`${id}\n`);
    expect(await run("amtool", [url, "alert", "query", "--silenced"])).toContain("A");
    expect(await run("amtool", [url, "alert", "query"])).not.toContain("high");
    await run("amtool", [url, "silence", "update", id, "--comment=still known", "--duration=2h"]);
    await run("amtool", [url, "silence", "expire", id]);
    expect(await run("amtool", [url, "silence", "query", "-q"])).toBe("");
  });

  test.skipIf(!hasAmtool)("shows the configuration", async () => {
    const url = await startOurs(ourConfig);
    expect(await run("amtool", [`--alertmanager.url=${url}`, "config", "show"])).toContain("receiver: inbox");
    const tree = await run("amtool", [`--alertmanager.url=${url}`, "config", "routes", "show"]);
    expect(tree).toContain('{alertname="Watchdog"}  receiver: nobody');
  });
});

describe("Alertmanager", () => {
  let hook: Server;
  let messages: Record<string, unknown>[];

  beforeEach(async () => {
    messages = [];
    hook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        messages.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
        response.end();
      });
    });
    await new Promise<void>((resolve) => {
      hook.listen(0, "127.0.0.1", resolve);
    });
  });

  afterEach(() => new Promise((resolve) => void hook.close(resolve)));

  test.skipIf(!hasAlertmanager)("starts from our file unchanged", async () => {
    const { url, stop } = await startAlertmanager(ourConfig, folder);
    const receivers = await fetch(`${url}/api/v2/receivers`);
    expect(await receivers.json()).toEqual([{ name: "inbox" }, { name: "nobody" }]);
    await stop();
  });

  test.skipIf(!hasAlertmanager)("sends and shows the same as ours", async () => {
    const configFile = join(folder, "alertmanager.yml");
    await writeFile(configFile, peerConfig((hook.address() as AddressInfo).port));
    const original = await startAlertmanager(configFile, folder);
    try {
      const theirs = await play(original.url);
      const ours = await play(await startOurs(configFile));
      // Version 0.32 of the original added it.
      for (const message of ours.messages) {
        expect(message["notification_reason"]).toBe("first notification");
        delete message["notification_reason"];
      }
      expect(ours.messages).toEqual(theirs.messages);
      expect(ours.alerts).toEqual(theirs.alerts);
      expect(ours.groups).toEqual(theirs.groups);
      expect(theirs.alerts).toHaveLength(3);
    } finally {
      await original.stop();
    }
  });

  /** Posts some alerts, waits for the messages, and asks what is shown. */
  async function play(
    url: string,
  ): Promise<{ messages: Record<string, unknown>[]; alerts: unknown[]; groups: unknown }> {
    messages = [];
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(postedAlerts),
    });
    expect(response.status).toBe(200);
    await expect.poll(() => messages.length, { timeout: 5000 }).toBe(3);
    const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v2${path}`)).json();
    const alerts = (await ask("/alerts")) as Record<string, unknown>[];
    const groups = (await ask("/alerts/groups")) as { alerts: Record<string, unknown>[] }[];
    return {
      messages: messages.toSorted((left, right) => String(left["groupKey"]).localeCompare(String(right["groupKey"]))),
      alerts: alerts.map(withoutChange),
      groups: groups.map((group) => ({ ...group, routeLabels: {}, alerts: group.alerts.map(withoutChange) })),
    };
  }
});

/** What is left when that is taken out which differs from run to run, and from version to version. */
function withoutChange({ updatedAt: _updatedAt, status, ...alert }: Record<string, unknown>): Record<string, unknown> {
  return { ...alert, status: { mutedBy: [], ...(status as object) } };
}

const startsAt = "2026-01-05T12:00:00.5Z";
const endsAt = new Date(Date.now() + 3_600_000).toISOString();

const postedAlerts = [
  {
    labels: { alertname: "A", severity: "high", path: 'C:\\ "x"\n', city: "Þórshöfn" },
    annotations: { summary: "<b>&" },
    generatorURL: "http://engine/graph?a=1&b=2",
    startsAt,
    endsAt,
  },
  { labels: { alertname: "A", severity: "low", instance: "2" }, startsAt, endsAt },
  { labels: { alertname: "A", severity: "low", instance: "1" }, annotations: { summary: "s" }, startsAt, endsAt },
];

function peerConfig(port: number): string {
  return `
route:
  receiver: team.one
  group_by: [alertname, severity]
  group_wait: 100ms
  routes:
    - receiver: two
      matchers: [severity =~ "high|critical", alertname != "B"]
      group_by: ["..."]
      continue: true
    - receiver: team.one
receivers:
  - name: team.one
    webhook_configs: [{ url: "http://127.0.0.1:${port}/", max_alerts: 1 }]
  - name: two
    webhook_configs: [{ url: "http://127.0.0.1:${port}/" }]
`;
}

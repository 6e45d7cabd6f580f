import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventLog } from "@tatou/event-log";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { bodyText, silentLog } from "@tatou/model";
import { openSqlite } from "@tatou/sql";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diskFiles } from "./configuration/disk-files.ts";
import type { OwnStatus } from "./http/status-api.ts";
import { startAlerts } from "./start-alerts.ts";
import { startInbox } from "./start-inbox.ts";
import { configText, VirtualAlerts } from "./testing/virtual-alerts.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tatou-alerts-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("a restart", () => {
  test("tells nobody twice, and keeps silences", async () => {
    const before = await VirtualAlerts.start({ stateDirectory: folder });
    await before.post("A");
    const silence = {
      matchers: [{ name: "alertname", value: "B.*", isRegex: true, isEqual: true }],
      startsAt: new Date(before.clock.nowMs()).toISOString(),
      endsAt: new Date(before.clock.nowMs() + 3_600_000).toISOString(),
      createdBy: "me",
      comment: "",
    };
    expect((await before.send("POST", "/api/v2/silences", silence)).status).toBe(200);
    await before.playTo(20);
    expect(before.told).toEqual(["5: A"]);
    await before.app.close();
    const after = await VirtualAlerts.start({ stateDirectory: folder }, before.clock);
    await after.post("A");
    await after.post("B1");
    await after.post("C");
    await after.playTo(100);
    expect(after.told).toEqual(["25: C"]);
    await after.post("A", { lastsSeconds: 0 });
    await after.playTo(200);
    expect(after.told).toContain("115: -A");
    await after.app.close();
  });
});

describe("a file that cannot be read", () => {
  const start = (configFile: string) => VirtualAlerts.start({ configFile, files: diskFiles });

  test.each([
    { what: "is not there", make: async () => undefined, reason: "no such file" },
    { what: "is a folder", make: (path: string) => mkdir(path), reason: "it is a folder" },
  ])("that $what is named, with what is expected and what to do", async ({ make, reason }) => {
    const path = join(folder, "alertmanager.yml");
    await make(path);
    await expect(start(path)).rejects.toMatchObject({
      code: "config_file",
      message: `Cannot read ${path}: ${reason}, expected an alertmanager.yml, which says whom to tell what`,
      hint: "Give the path of an alertmanager.yml with --config.file, or put one there",
    });
  });

  test("of templates is named", async () => {
    const path = join(folder, "alertmanager.yml");
    await mkdir(join(folder, "mail.tmpl"));
    await writeFile(path, `${configText}\ntemplates: ["${join(folder, "*.tmpl")}"]\n`);
    await expect(start(path)).rejects.toThrow(`Cannot read ${join(folder, "mail.tmpl")}: it is a folder`);
  });
});

describe("a state that cannot be written", () => {
  const silence = (virtual: VirtualAlerts, alertname: string) => ({
    matchers: [{ name: "alertname", value: alertname, isRegex: false, isEqual: true }],
    startsAt: new Date(virtual.clock.nowMs()).toISOString(),
    endsAt: new Date(virtual.clock.nowMs() + 3_600_000).toISOString(),
    createdBy: "me",
    comment: "",
  });
  const errors: string[] = [];
  let virtual: VirtualAlerts;
  beforeEach(async () => {
    errors.length = 0;
    const log = { ...silentLog, error: (message: string) => void errors.push(message) };
    virtual = await VirtualAlerts.start({ stateDirectory: folder, log });
  });
  afterEach(() => virtual.app.close());

  /** SQLite's own words, from the real file. */
  async function refuseWrites(reason: string): Promise<() => Promise<void>> {
    const migrations = [{ name: "create silences and notifications", up: () => Promise.resolve() }];
    const { db, close } = await openSqlite({ path: join(folder, "alerts.sqlite"), migrations });
    await sql`create trigger refuse before insert on silences begin select raise(abort, ${sql.lit(reason)}); end`.execute(
      db,
    );
    return async () => {
      await sql`drop trigger refuse`.execute(db);
      await close();
    };
  }

  test.each([
    { reason: "database or disk is full", status: 507, todo: "Free space on the disk of the state directory" },
    { reason: "attempt to write a readonly database", status: 503, todo: "Read why in the log of the program" },
  ])(
    "is told in words with $status, and costs no silence that was there: $reason",
    async ({ reason, status, todo }) => {
      const first = (await virtual.send("POST", "/api/v2/silences", silence(virtual, "A"))).json() as {
        silenceID: string;
      };
      const allowWrites = await refuseWrites(reason);
      const refused = await virtual.send("POST", "/api/v2/silences", silence(virtual, "B"));
      expect([refused.status, refused.json()]).toEqual([
        status,
        `Cannot store the silence: ${reason}, so that the silences stay as they were. ${todo}, then try again`,
      ]);
      expect(errors).toEqual([refused.json()]);
      await virtual.post("A");
      await virtual.playTo(20);
      expect(virtual.told).toEqual([]);
      const ended = await virtual.send("DELETE", `/api/v2/silence/${first.silenceID}`);
      expect([ended.status, ended.json()]).toEqual([status, expect.stringContaining("it is over now")]);
      await allowWrites();
      expect((await virtual.send("POST", "/api/v2/silences", silence(virtual, "B"))).status).toBe(200);
    },
  );
});

describe("a reload", () => {
  test("of a bad file changes nothing and says what is wrong and where", async () => {
    const virtual = await VirtualAlerts.start();
    virtual.files.set("alertmanager.yml", configText.replace("group_wait: 5s", "group_wait: soon"));
    const answer = await virtual.send("POST", "/-/reload");
    expect(answer.status).toBe(500);
    expect(answer.text).toMatch(/^failed to reload config: alertmanager\.yml:5:\d+: .*soon/);
    const status = (await virtual.send("GET", "/api/tatou/v1/status")).json() as OwnStatus;
    expect(status.configuration.problem).toMatchObject({ file: "alertmanager.yml", line: 5 });
    expect((await virtual.send("GET", "/metrics")).text).toContain("alertmanager_config_last_reload_successful 0");
    await virtual.post("A");
    await virtual.playTo(10);
    expect(virtual.told).toEqual(["5: A"]);
    await virtual.app.close();
  });

  test("of a good file takes effect, and repairs what was wrong", async () => {
    const virtual = await VirtualAlerts.start();
    virtual.files.set("alertmanager.yml", "route: [");
    expect((await virtual.send("POST", "/-/reload")).status).toBe(500);
    virtual.files.set("alertmanager.yml", configText.replace("group_wait: 5s", "group_wait: 1s"));
    expect((await virtual.send("POST", "/-/reload")).status).toBe(200);
    await virtual.post("A");
    await virtual.playTo(10);
    expect(virtual.told).toEqual(["1: A"]);
    const status = (await virtual.send("GET", "/api/tatou/v1/status")).json() as OwnStatus;
    expect(status.configuration.problem).toBeNull();
    await virtual.app.close();
  });
});

describe("on sockets", () => {
  test("an alert reaches the inbox of the same program, through the name in the file", async () => {
    const clock = createSystemClock();
    const files = new Map([
      ["alertmanager.yml", configText.replace("5s", "10ms").replace("http://receiver:80/", "http://inbox:9094/")],
    ]);
    const resolve = new Map<string, { host: string; port: number }>();
    const transport = new SocketTransport({ resolve });
    const app = await startAlerts({
      configFile: "alertmanager.yml",
      files: { read: async (path) => files.get(path) ?? "", glob: async () => [] },
      clock,
      transport,
      resolve,
      eventLog: new MemoryEventLog({ clock }),
      stateDirectory: folder,
      externalUrl: "http://127.0.0.1:9093",
      web: { root: null },
      log: silentLog,
    });
    const { host, port, url } = await app.listen("127.0.0.1:0");
    resolve.set("inbox:9094", { host, port });
    const ask = async (path: string, body?: unknown): Promise<{ status: number; text: string }> => {
      const headers = { "content-type": "application/json" };
      const request =
        body === undefined
          ? { method: "GET" as const }
          : { method: "POST" as const, headers, body: JSON.stringify(body) };
      const response = await transport.send({ url: `${url}${path}`, ...request });
      return { status: response.status, text: bodyText(response) };
    };
    const labels = { alertname: "A", severity: "<b>" };
    expect((await ask("/api/v2/alerts", [{ labels, annotations: { summary: "It happens" } }])).status).toBe(200);
    await expect.poll(async () => (await ask("/api/tatou/v1/inbox")).text).toContain("It happens");
    const { messages } = JSON.parse((await ask("/api/tatou/v1/inbox?since=0")).text) as { messages: unknown[] };
    expect(messages).toMatchObject([
      {
        seq: 1,
        receiver: "team",
        status: "firing",
        groupLabels: { alertname: "A" },
        title: "[FIRING:1] A: It happens",
      },
    ]);
    expect((await ask("/api/tatou/v1/inbox?since=1")).text).toBe('{"messages":[]}');
    expect((await ask("/")).text).toContain("A (&#60;b&#62;, active)");
    expect((await ask("/inbox")).text).toContain("[FIRING:1] A: It happens");
    expect((await ask("/-/ready")).status).toBe(200);
    expect((await ask("/metrics")).text).toContain('alertmanager_notifications_total{integration="webhook"} 1');
    await app.close();
    await transport.close();
  });
});

test("the event log tells the way of an alert", async () => {
  const virtual = await VirtualAlerts.start();
  await virtual.post("A");
  await virtual.playTo(10);
  const { events } = (await virtual.send("GET", "/api/tatou/v1/events?limit=10")).json() as {
    events: { kind: string }[];
  };
  expect(events.map(({ kind }) => kind)).toEqual(["config.load", "alert.firing", "notify.attempt", "notify.delivered"]);
  await virtual.app.close();
});

test("the inbox alone takes messages and refuses what is none", async () => {
  const virtual = await VirtualAlerts.start();
  const inbox = startInbox({
    clock: virtual.clock,
    web: { root: null },
    log: silentLog,
    door: { allowedHosts: ["receiver"] },
  });
  virtual.handlers.set("receiver:80", inbox.handle);
  await virtual.post("A");
  await virtual.playTo(10);
  const peer = { remoteAddress: "127.0.0.1" };
  const headers = { "content-type": "application/json" };
  const shown = await inbox.handle({ method: "GET", url: "http://inbox:9094/api/tatou/v1/inbox" }, peer);
  expect(JSON.parse(bodyText(shown))).toMatchObject({ messages: [{ title: "[FIRING:1] A" }] });
  for (const body of ["", "x", "[]", '{"alerts":1}']) {
    const answer = await inbox.handle({ method: "POST", url: "http://inbox:9094/", headers, body }, peer);
    expect(answer.status).toBe(400);
  }
  await inbox.close();
  await virtual.app.close();
});

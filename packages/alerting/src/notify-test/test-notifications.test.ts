import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { loadAlertmanagerConfig } from "@tatou/config";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { VirtualClock } from "@tatou/model";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReceiverTools } from "../receivers/receiver-tools.ts";
import { sendMailBySmtp } from "../receivers/send-mail.ts";
import { startMs } from "../testing/harness.ts";
import { commonTools } from "../testing/receiver-config.ts";
import type { NotificationTestReport } from "./notification-test-report.ts";
import type { NotificationTestSubject } from "./plan-test.ts";
import { testNotifications } from "./test-notifications.ts";

const transport = new SocketTransport();
const clock = createSystemClock();
const tools: ReceiverTools = { ...commonTools, clock, transportFor: () => transport, sendMail: sendMailBySmtp };

let web: Server;
let mail: SMTPServer;
let webUrl: string;
let mailPort: number;
let closedPort: number;
const posted: { readonly path: string; readonly body: string }[] = [];
const mails: string[] = [];

beforeAll(async () => {
  web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posted.push({ path: request.url ?? "", body: Buffer.concat(chunks).toString() });
      const isBroken = request.url === "/broken";
      response.writeHead(isBroken ? 503 : 200).end(isBroken ? "out of\u001B[31m order" : "ok");
    });
  });
  await new Promise<void>((resolve) => void web.listen(0, "127.0.0.1", resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  mail = new SMTPServer({
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  const listening = mail.listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => void listening.once("listening", resolve));
  mailPort = (listening.address() as AddressInfo).port;
  closedPort = await freePort();
});

beforeEach(() => {
  posted.length = 0;
  mails.length = 0;
});

afterAll(async () => {
  await transport.close();
  await new Promise((resolve) => web.close(resolve));
  await new Promise<void>((resolve) => {
    mail.close(resolve);
  });
});

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function configText(): string {
  return `
route:
  receiver: team
  group_by: [alertname]
  routes:
    - receiver: nobody
      matchers: [alertname = "Watchdog"]
    - receiver: pager
      matchers: [severity = "critical"]
      continue: true
    - matchers: [severity =~ "critical|high"]
      mute_time_intervals: [always]
      routes:
        - receiver: broken
          matchers: [team = "web"]
inhibit_rules:
  - source_matchers: [alertname = "TargetDown"]
    target_matchers: [severity = "critical"]
    equal: [job]
time_intervals:
  - name: always
    time_intervals: [{ years: ["2000:2200"] }]
receivers:
  - name: team
    webhook_configs: [{ url: "${webUrl}/hook" }]
    email_configs: [{ to: oncall@example.org, from: tatou@example.org, smarthost: "127.0.0.1:${mailPort}", require_tls: false }]
  - name: pager
    slack_configs: [{ api_url: "${webUrl}/slack", channel: "#alerts" }]
  - name: broken
    webhook_configs: [{ url: "${webUrl}/broken" }, { url: "http://127.0.0.1:${closedPort}/s3cret" }]
  - name: nobody
`;
}

async function run(subject: NotificationTestSubject): Promise<NotificationTestReport> {
  return await testNotifications({ config: loadAlertmanagerConfig(configText(), "alertmanager.yml"), tools, subject });
}

describe("a receiver", () => {
  test("is told once over each of its integrations, marked as a test", async () => {
    const { hasPassed, routes } = await run({ kind: "receiver", name: "team" });
    expect(hasPassed).toBe(true);
    expect(routes).toMatchObject([
      {
        receiver: "team",
        path: ["{}", '{severity=~"critical|high"}'],
        line: 11,
        notes: ["1 more route leads here", "Now is in the time interval always, which mutes this route"],
        deliveries: [
          { integration: "webhook", index: 0, isDelivered: true, status: 200, reason: null, answer: "ok" },
          { integration: "email", index: 0, isDelivered: true, status: 250, reason: null, answer: "250" },
        ],
      },
    ]);
    expect(posted).toHaveLength(1);
    const payload = JSON.parse(posted[0]!.body) as { groupKey: string; alerts: { annotations: object }[] };
    expect(payload.groupKey).toMatch(/^\[TEST\] \{\}/);
    expect(payload.alerts[0]?.annotations).toMatchObject({
      summary: expect.stringMatching(/^\[TEST\] /),
      test: "true",
    });
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatch(/^Subject: \[TEST\] \[FIRING:1\] NotificationTest/m);
    expect(routes[0]!.deliveries[1]!.body).toMatch(/^To: oncall@example\.org Subject: \[TEST\] /);
  });

  test("by Slack has the mark in its title", async () => {
    const { hasPassed, routes } = await run({ kind: "receiver", name: "pager" });
    expect([hasPassed, routes[0]?.path]).toEqual([true, ["{}", '{severity="critical"}']]);
    const { attachments } = JSON.parse(posted[0]!.body) as { attachments: { title: string; fallback: string }[] };
    expect(attachments[0]?.title).toMatch(/^\[TEST\] /);
    expect(attachments[0]?.fallback).toMatch(/^\[TEST\] /);
  });

  test("that fails is named with its reason, without the path of its address", async () => {
    const { hasPassed, routes } = await run({ kind: "receiver", name: "broken" });
    expect(hasPassed).toBe(false);
    const [refused, unreachable] = routes[0]!.deliveries;
    expect(refused).toMatchObject({ isDelivered: false, status: 503, reason: expect.stringMatching(/503: out of/) });
    expect(refused?.answer).toBe("out of [31m order");
    expect(unreachable).toMatchObject({
      index: 1,
      isDelivered: false,
      status: null,
      reason: expect.stringContaining("connection refused"),
    });
    expect(unreachable?.reason).not.toContain("s3cret");
  });

  test("that tells nobody does not pass", async () => {
    const { hasPassed, routes } = await run({ kind: "receiver", name: "nobody" });
    expect([hasPassed, routes[0]?.notes]).toEqual([false, ["This receiver has no integrations: it tells nobody"]]);
  });

  test("with a slip in its name is guessed", async () => {
    await expect(run({ kind: "receiver", name: "paper" })).rejects.toMatchObject({
      message: 'Cannot test receiver "paper": it is not in the configuration',
      hint: 'Did you mean "pager"?',
    });
  });
});

test("without a choice every receiver is tested", async () => {
  const { hasPassed, routes } = await run({ kind: "receivers" });
  expect(routes.map(({ receiver, deliveries }) => [receiver, ...deliveries.map((one) => one.isDelivered)])).toEqual([
    ["team", true, true],
    ["pager", true],
    ["broken", false, false],
    ["nobody"],
  ]);
  expect(hasPassed).toBe(false);
});

describe("an alert", () => {
  test("takes the routes that it would take, and what would mute it is said", async () => {
    const labels = { alertname: "Down", severity: "critical", team: "db" };
    const { routes } = await run({ kind: "alert", labels });
    expect(routes.map(({ receiver, path }) => [receiver, ...path])).toEqual([
      ["pager", "{}", '{severity="critical"}'],
      ["team", "{}", '{severity=~"critical|high"}'],
    ]);
    const inhibited = 'Inhibited while {alertname="TargetDown"} with the same job fires (line 17)';
    expect(routes.map(({ notes }) => notes)).toEqual([
      [inhibited],
      ["Now is in the time interval always, which mutes this route", inhibited],
    ]);
    expect(posted.map(({ path }) => path).sort()).toEqual(["/hook", "/slack"]);
  });

  test("that could not be one is refused", async () => {
    await expect(run({ kind: "alert", labels: { "": "x" } })).rejects.toThrow(
      "Cannot test an alert: invalid label set",
    );
  });
});

test("a receiver that does not answer is left after ten seconds", async () => {
  const virtual = new VirtualClock(startMs);
  const silent = { send: () => new Promise<never>(() => {}) };
  const config = loadAlertmanagerConfig(configText(), "alertmanager.yml");
  const subject = { kind: "receiver", name: "pager" } as const;
  const testing = testNotifications({
    config,
    tools: { ...tools, clock: virtual, transportFor: () => silent },
    subject,
  });
  await virtual.advance(10_000);
  const { hasPassed, routes } = await testing;
  expect(hasPassed).toBe(false);
  expect(routes[0]?.deliveries[0]).toMatchObject({
    isDelivered: false,
    reason: "no answer within 10 s",
    durationMs: 10_000,
  });
});

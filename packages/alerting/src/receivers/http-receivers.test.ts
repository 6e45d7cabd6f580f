import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SocketTransport } from "@tatou/http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commonTools, notification, slackConfig, webhookConfig } from "../testing/receiver-config.ts";
import type { ReceiverTools } from "./receiver-tools.ts";
import { slackIntegration } from "./slack.ts";
import { webhookIntegration } from "./webhook.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

let server: Server;
let url: string;
let received: Received[];
let answer: { status: number; body: string; type: string; location?: string };
/** Statuses of the next answers, before `answer` counts. */
let answers: number[];
const transport = new SocketTransport();
const tools: ReceiverTools = { ...commonTools, transportFor: () => transport, sendMail: async () => 250 };
const never = new AbortController().signal;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      received.push({ path: request.url ?? "", headers: request.headers, body });
      const { status, type, location } = answer;
      const headers = { "content-type": type, ...(location !== undefined && { location }) };
      response.writeHead(answers.shift() ?? status, headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  received = [];
  answers = [];
  answer = { status: 200, body: "ok", type: "text/plain" };
});

afterAll(async () => {
  await transport.close();
  await new Promise((resolve) => server.close(resolve));
});

describe("webhook", () => {
  test("posts Alertmanager's payload, version 4", async () => {
    const webhook = webhookIntegration(webhookConfig({ url: { value: `${url}/hook` } }), 0, tools);
    expect(await webhook.send(notification(["a"]), never)).toEqual({ kind: "delivered", status: 200 });
    expect(received[0]?.headers["content-type"]).toBe("application/json");
    expect(received[0]?.headers["x-tatou-event"]).toMatch(/^0:0{64}$/);
    expect(received[0]?.body).toEqual({
      receiver: "team-X",
      status: "firing",
      alerts: [
        {
          status: "firing",
          labels: { alertname: "HighAuthFailureRate", instance: "a", severity: "high" },
          annotations: { description: "Guessing at a", summary: "High authentication failure rate" },
          startsAt: "2026-01-05T12:00:00Z",
          endsAt: "0001-01-01T00:00:00Z",
          generatorURL: "http://engine:9090/graph",
          fingerprint: received[0] && (received[0].body["alerts"] as { fingerprint: string }[])[0]?.fingerprint,
        },
      ],
      notification_reason: "first notification",
      groupLabels: { alertname: "HighAuthFailureRate" },
      commonLabels: { alertname: "HighAuthFailureRate", instance: "a", severity: "high" },
      commonAnnotations: { description: "Guessing at a", summary: "High authentication failure rate" },
      externalURL: "http://alerts.example.org:9093",
      version: "4",
      groupKey: '{}:{alertname="HighAuthFailureRate"}',
      truncatedAlerts: 0,
    });
  });

  test("max_alerts cuts the message and says by how much", async () => {
    const webhook = webhookIntegration(webhookConfig({ url: { value: url }, maxAlerts: 2 }), 0, tools);
    await webhook.send(notification(["a", "b", "c"], "resolved"), never);
    expect(received[0]?.body).toMatchObject({ truncatedAlerts: 1, status: "resolved" });
    expect(received[0]?.body["alerts"]).toMatchObject([{ endsAt: "2026-01-05T12:01:00.5Z" }, {}]);
  });

  test("firing alerts stay when a message is cut", async () => {
    const webhook = webhookIntegration(webhookConfig({ url: { value: url }, maxAlerts: 1 }), 0, tools);
    const { alerts: over, ...rest } = notification(["a"], "resolved");
    await webhook.send({ ...rest, alerts: [...over, ...notification(["b"]).alerts] }, never);
    expect(received[0]?.body).toMatchObject({ truncatedAlerts: 1, status: "firing" });
  });

  test("a receiver that finds a message too large is told of a part of the alerts", async () => {
    answers = [413, 413, 200];
    const webhook = webhookIntegration(webhookConfig({ url: { value: url } }), 0, tools);
    const delivery = await webhook.send(notification(Array.from({ length: 100 }, (_, index) => `${index}`)), never);
    expect(delivery).toEqual({ kind: "delivered", status: 200 });
    expect(received.map(({ body }) => body["truncatedAlerts"])).toEqual([0, 75, 93]);
  });

  test("a redirect that would lose the message is a failure", async () => {
    answer = { status: 302, body: "", type: "text/plain", location: "/elsewhere" };
    const webhook = webhookIntegration(webhookConfig({ url: { value: url } }), 0, tools);
    expect(await webhook.send(notification(["a"]), never)).toMatchObject({ kind: "failed", status: 302 });
    expect(received).toHaveLength(1);
  });

  test.each([
    { status: 404, isRetryable: false, reason: "clientError" },
    { status: 429, isRetryable: true, reason: "clientError" },
    { status: 503, isRetryable: true, reason: "serverError" },
  ])("status $status is a failure", async ({ status, isRetryable, reason }) => {
    answer = { status, body: "no", type: "text/plain" };
    const webhook = webhookIntegration(webhookConfig({ url: { value: url } }), 0, tools);
    const message = `unexpected status code ${status}: no`;
    expect(await webhook.send(notification(["a"]), never)).toEqual({
      kind: "failed",
      isRetryable,
      reason,
      status,
      message,
    });
  });

  test("nobody listening may pass; a URL that is none does not", async () => {
    const away = webhookIntegration(webhookConfig({ url: { value: "http://127.0.0.1:1/" } }), 0, tools);
    expect(await away.send(notification(["a"]), never)).toMatchObject({ kind: "failed", isRetryable: true });
    const wrong = webhookIntegration(webhookConfig({ url: { value: "{{ .Nobody }}" } }), 0, tools);
    expect(await wrong.send(notification(["a"]), never)).toMatchObject({ kind: "failed", isRetryable: false });
  });
});

describe("Slack", () => {
  test("posts one attachment", async () => {
    const config = slackConfig({
      apiUrl: { value: url },
      fields: [{ title: "Severity", value: "{{ .CommonLabels.severity }}", short: true }],
    });
    expect(await slackIntegration(config, 0, tools).send(notification(["a"]), never)).toMatchObject({
      kind: "delivered",
    });
    expect(received[0]?.body).toEqual({
      channel: "#alerts",
      username: "Tatou alerts",
      attachments: [
        {
          title: "[FIRING:1] HighAuthFailureRate: High authentication failure rate",
          title_link: "http://alerts.example.org:9093/alerts",
          text: "Guessing at a",
          fallback:
            "[FIRING:1] HighAuthFailureRate: High authentication failure rate - http://alerts.example.org:9093/alerts",
          callback_id: "",
          fields: [{ title: "Severity", value: "high", short: true }],
          footer: "",
          color: "danger",
          mrkdwn_in: ["fallback", "pretext", "text"],
        },
      ],
    });
  });

  test("thousands of alerts make one message still", async () => {
    const text = "{{ range .Alerts }}{{ .Labels.instance }} {{ .Annotations.description }}{{ end }}";
    const names = Array.from({ length: 5000 }, (_, index) => `${index}${"x".repeat(2000)}`);
    const slack = slackIntegration(slackConfig({ apiUrl: { value: url }, text }), 0, tools);
    expect(await slack.send(notification(names), never)).toMatchObject({ kind: "delivered" });
    expect(JSON.stringify(received[0]?.body)).toMatch(/Guessing at 0x{2000}/);
  });

  test.each([
    { body: "invalid_token", type: "text/plain", message: "received an error response from Slack: invalid_token" },
    {
      body: '{"ok":false,"error":"no_channel"}',
      type: "application/json",
      message: "error response from Slack: no_channel",
    },
  ])("status 200 with $body is a refusal", async ({ body, type, message }) => {
    answer = { status: 200, body, type };
    const delivery = slackIntegration(slackConfig({ apiUrl: { value: url } }), 0, tools).send(
      notification(["a"]),
      never,
    );
    expect(await delivery).toMatchObject({
      kind: "failed",
      isRetryable: false,
      message: `channel "#alerts": ${message}`,
    });
  });
});

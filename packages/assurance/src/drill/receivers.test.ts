import type { HttpTransport } from "@tatou/model";
import { expect, test } from "vitest";
import { Receivers, staysHere } from "./receivers.ts";
import { findOutsiders } from "./receivers-outside.ts";
import { loadDrillFile } from "./scenario-file.ts";

const config = `
route:
  receiver: inbox
  routes:
    - { receiver: oncall, matchers: [severity = "critical"] }
    - { receiver: team, matchers: [client_ip =~ "10\\\\..*"] }
receivers:
  - name: inbox
    webhook_configs: [{ url: "http://inbox:9094/" }]
  - name: oncall
    webhook_configs: [{ url: "http://127.0.0.1:9094/" }]
    pagerduty_configs: [{ service_key: "<secret>" }]
  - name: team
    slack_configs: [{ api_url: "<secret>", channel: "#alerts" }]
`;

test.each([
  { kind: "webhook", address: "http://inbox:9094/", isHere: true },
  { kind: "webhook", address: "http://localhost:9094/a", isHere: true },
  { kind: "webhook", address: "http://[::1]:9094/", isHere: true },
  { kind: "webhook", address: "https://hooks.example.org/", isHere: false },
  { kind: "webhook", address: "http://127.0.0.1.example.org/", isHere: false },
  { kind: "webhook", address: "http://localhost@example.org/", isHere: false },
  { kind: "webhook", address: null, isHere: false },
  { kind: "email", address: "root@localhost", isHere: false },
])("$kind to $address stays here: $isHere", ({ kind, address, isHere }) => {
  expect(staysHere({ kind, address })).toBe(isHere);
});

test("a webhook whose address is hidden goes nobody knows where", () => {
  const receivers = Receivers.read(config.replace("http://inbox:9094/", "<secret>"))!;
  expect(receivers.integrationsOf("inbox")).toEqual([{ kind: "webhook", address: null }]);
});

function ruleOf(name: string, severity: string, clientIp?: string) {
  const labels = { severity, ...(clientIp !== undefined && { client_ip: clientIp }) };
  return { name, query: "up == 0", type: "alerting", health: "ok", labels };
}

function answering(loaded: readonly ReturnType<typeof ruleOf>[]): HttpTransport {
  const rules = { status: "success", data: { groups: [{ name: "g", file: "f", interval: 15, rules: loaded }] } };
  return {
    send: ({ url }) => {
      const answer = url.includes("/api/v1/rules") ? rules : { config: { original: config } };
      return Promise.resolve({ status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(answer)) });
    },
  };
}

const urls = { target: "http://t", prometheus: "http://p", alertmanager: "http://a", inbox: null };

test.each([
  { severity: "low", labels: '{ client_ip: "127.0.0.9" }', outsiders: [] },
  { severity: "critical", labels: "{}", outsiders: ["oncall pagerduty"] },
  { severity: "low", labels: "{}", outsiders: ["team slack"] },
  { severity: "low", labels: '{ client_ip: "${source}" }', outsiders: ["team slack"] },
])("an alert of severity $severity with $labels reaches $outsiders", async ({ severity, labels, outsiders }) => {
  const file = `{ drill: D1, name: a, title: a, technique: T1110, steps: [{ wait: 1s }], expect: [{ alert: Alarm, labels: ${labels} }] }`;
  const found = await findOutsiders([loadDrillFile(file, "d.yml")], urls, answering([ruleOf("Alarm", severity)]));
  expect(found.map(({ receiver, integration }) => `${receiver} ${integration.kind}`)).toEqual(outsiders);
});

test.each([
  { name: "of another name", alert: "Other", outsiders: ["Other oncall pagerduty"] },
  { name: "of the same name", alert: "Alarm", outsiders: ["Alarm oncall pagerduty"] },
  { name: "that always fires", alert: "Watchdog", outsiders: [] },
])("a rule $name that nobody expects to fire may, too", async ({ alert, outsiders }) => {
  const file = `{ drill: D1, name: a, title: a, technique: T1110, steps: [{ wait: 1s }], expect: [{ alert: Alarm, labels: { client_ip: "127.0.0.9" } }] }`;
  const rules = [ruleOf(alert, "critical"), ruleOf("Alarm", "low", "127.0.0.9")];
  const found = await findOutsiders([loadDrillFile(file, "d.yml")], urls, answering(rules));
  expect(found.map((each) => `${each.alert} ${each.receiver} ${each.integration.kind}`)).toEqual(outsiders);
});

test("a configuration that is not understood tells nothing", () => {
  expect(Receivers.read("route: 5")).toBeNull();
});

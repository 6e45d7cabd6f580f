import { describe, expect, test } from "vitest";
import { makeAlert } from "../alert/alert.ts";
import { NotificationTemplateError } from "../errors.ts";
import type { Notification } from "../notify/group-alert.ts";
import { NotificationTemplates } from "./notification-templates.ts";
import { formatGoTime, makeTemplateData } from "./template-data.ts";

const startMs = Date.UTC(2026, 0, 5, 12, 0, 0);

function notification(): Notification {
  const make = (instance: string, over: boolean) =>
    makeAlert(
      {
        labels: { alertname: "HighAuthFailureRate", severity: "high", client_ip: instance },
        annotations: { summary: "High <rate>", description: `From ${instance}` },
        startsAtMs: startMs,
        endsAtMs: startMs + (over ? 1000 : 100_000),
        generatorUrl: "http://engine/graph?x=1&y=2",
      },
      startMs + 2000,
      300_000,
    );
  return {
    receiver: "team.X",
    groupKey: '{}:{alertname="HighAuthFailureRate"}',
    groupLabels: { alertname: "HighAuthFailureRate" },
    reason: "first notification",
    alerts: [
      { alert: make("10.0.0.1", false), status: "firing", sinceMs: startMs },
      { alert: make("10.0.0.2", true), status: "resolved", sinceMs: startMs },
    ],
    timeMs: startMs + 2000,
  };
}

const data = makeTemplateData(notification(), "http://alerts");
const templates = NotificationTemplates.parse([], () => startMs);

describe("template data", () => {
  test("common pairs are those that all alerts share", () => {
    expect({ ...data.commonLabels }).toEqual({ alertname: "HighAuthFailureRate", severity: "high" });
    expect({ ...data.commonAnnotations }).toEqual({ summary: "High <rate>" });
    expect(data.status).toBe("firing");
    expect(data.receiver).toBe("team\\.X");
  });

  test.each([
    { timeMs: startMs, text: "2026-01-05T12:00:00Z" },
    { timeMs: startMs + 120, text: "2026-01-05T12:00:00.12Z" },
    { timeMs: null, text: "0001-01-01T00:00:00Z" },
  ])("Go writes $timeMs as $text", ({ timeMs, text }) => {
    expect(formatGoTime(timeMs)).toBe(text);
  });
});

describe("templates", () => {
  test.each([
    { template: "plain", text: "plain" },
    { template: '{{ template "slack.default.title" . }}', text: "[FIRING:1] HighAuthFailureRate: High <rate>" },
    { template: '{{ template "email.default.subject" . }}', text: "[FIRING:1] HighAuthFailureRate: High <rate>" },
    { template: '{{ template "__alertmanagerURL" . }}', text: "http://alerts/alerts" },
    {
      template: '{{ .Status | toUpper }} {{ .GroupLabels.SortedPairs.Values | join " " }}',
      text: "FIRING HighAuthFailureRate",
    },
    { template: "{{ range .Alerts.Resolved }}{{ .Labels.client_ip }}{{ end }}", text: "10.0.0.2" },
    { template: '{{ (.CommonLabels.Remove .GroupLabels.Names).Values | join " " }}', text: "high" },
    { template: "{{ (index .Alerts 0).StartsAt.Year }} {{ .NotificationReason }}", text: "2026 first notification" },
    { template: "{{ .ExternalURL }}{{ .CommonLabels.missing }}", text: "http://alerts" },
  ])("$template", async ({ template, text }) => {
    expect(await templates.text(template, data)).toBe(text);
  });

  test("values are escaped in HTML", async () => {
    const html = await templates.html('{{ template "email.default.html" . }}', data);
    expect(html).toContain("High &lt;rate&gt;");
    expect(html).toContain('href="http://engine/graph?x=1&amp;y=2"');
    expect(html).not.toContain("<rate>");
  });

  test("a user's definition wins over the default of that name", async () => {
    const own = { path: "own.tmpl", text: '{{ define "slack.default.title" }}Mine: {{ .Status }}{{ end }}' };
    const rendered = NotificationTemplates.parse([own], () => startMs).text(
      '{{ template "slack.default.title" . }}',
      data,
    );
    expect(await rendered).toBe("Mine: firing");
  });

  test("a file that is no template is refused with its place", () => {
    const broken = { path: "own.tmpl", text: 'x\n{{ define "a" }}{{ if }}{{ end }}{{ end }}' };
    expect(() => NotificationTemplates.parse([broken], () => startMs)).toThrow(/^own\.tmpl:2:/);
  });

  test("a template that fails rejects with the reason", async () => {
    await expect(templates.text('{{ template "nobody" . }}', data)).rejects.toThrow(NotificationTemplateError);
  });
});

import type { EmailConfig, HttpClientConfig, SlackConfig, TlsConfig, WebhookConfig } from "@tatou/config";
import { VirtualClock } from "@tatou/model";
import { makeAlert } from "../alert/alert.ts";
import type { Notification } from "../notify/group-alert.ts";
import { NotificationTemplates } from "../template/notification-templates.ts";
import { MemoryEventLog, startMs } from "./harness.ts";

const tls: TlsConfig = {
  ca: null,
  cert: null,
  key: null,
  serverName: "",
  insecureSkipVerify: true,
  minVersion: null,
  maxVersion: null,
};

const httpClient: HttpClientConfig = {
  credentials: null,
  tls,
  proxy: { url: null, noProxy: "", fromEnvironment: false, connectHeaders: [] },
  followRedirects: true,
  enableHttp2: true,
  headers: [],
};

export function webhookConfig(options: Partial<WebhookConfig>): WebhookConfig {
  const url = { value: "http://127.0.0.1/" };
  return { kind: "webhook", sendResolved: true, url, httpClient, maxAlerts: 0, timeoutMs: 0, ...options };
}

export function emailConfig(options: Partial<EmailConfig>): EmailConfig {
  return {
    kind: "email",
    sendResolved: false,
    to: "oncall@example.org, second@example.org",
    from: "Tatou <tatou@example.org>",
    hello: "here.example.org",
    smarthost: { host: "127.0.0.1", port: "25" },
    authUsername: "",
    authPassword: null,
    authSecret: null,
    authIdentity: "",
    requireTls: false,
    forceImplicitTls: null,
    tls,
    headers: {},
    html: '{{ template "email.default.html" . }}',
    text: '{{ template "email.default.text" . }}',
    threading: { enabled: false, byDate: "daily" },
    ...options,
  };
}

export function slackConfig(options: Partial<SlackConfig>): SlackConfig {
  return {
    kind: "slack",
    sendResolved: false,
    apiUrl: { value: "http://127.0.0.1/" },
    httpClient,
    channel: "#alerts",
    username: '{{ template "slack.default.username" . }}',
    color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
    title: '{{ template "slack.default.title" . }}',
    titleLink: '{{ template "slack.default.titlelink" . }}',
    pretext: '{{ template "slack.default.pretext" . }}',
    text: '{{ template "slack.default.text" . }}',
    messageText: "",
    fields: [],
    shortFields: false,
    footer: '{{ template "slack.default.footer" . }}',
    fallback: '{{ template "slack.default.fallback" . }}',
    callbackId: '{{ template "slack.default.callbackid" . }}',
    iconEmoji: "",
    iconUrl: "",
    imageUrl: "",
    thumbUrl: "",
    linkNames: false,
    markdownIn: [],
    actions: [],
    timeoutMs: 0,
    updateMessage: false,
    ...options,
  };
}

export const clock = new VirtualClock(startMs);

export const commonTools = {
  clock,
  renderer: NotificationTemplates.parse([], () => startMs),
  externalUrl: "http://alerts.example.org:9093",
  eventLog: new MemoryEventLog(clock),
};

export function notification(names: readonly string[], status: "firing" | "resolved" = "firing"): Notification {
  const alerts = names.map((instance) => {
    const alert = makeAlert(
      {
        labels: { alertname: "HighAuthFailureRate", severity: "high", instance },
        annotations: { summary: "High authentication failure rate", description: `Guessing at ${instance}` },
        startsAtMs: startMs,
        endsAtMs: startMs + 60_500,
        generatorUrl: "http://engine:9090/graph",
      },
      startMs,
      300_000,
    );
    return { alert, status, sinceMs: startMs };
  });
  return {
    receiver: "team-X",
    groupKey: '{}:{alertname="HighAuthFailureRate"}',
    groupLabels: { alertname: "HighAuthFailureRate" },
    reason: "first notification",
    alerts,
    timeMs: startMs,
  };
}

import { formatMatcher } from "@tatou/model";
import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import type { RouteConfig } from "./alertmanager-config.ts";
import { loadAlertmanagerConfig } from "./load-alertmanager-config.ts";

const file = "/etc/am/alertmanager.yml";

function faultsOf(text: string): string[] {
  try {
    loadAlertmanagerConfig(text, file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map(({ message, position }) => `${position?.line} ${message}`);
  }
}

const root = "route: { receiver: a }\nreceivers:\n  - name: a\n";

test("the smallest file has Alertmanager's defaults", () => {
  const config = loadAlertmanagerConfig(root, file);
  expect(config.route).toEqual({
    position: { file, line: 1, column: 8 },
    receiver: "a",
    groupBy: { all: false, labels: [] },
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 14_400_000,
    matchers: [],
    continue: false,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes: [],
  });
  expect(config.global.resolveTimeoutMs).toBe(300_000);
  expect(config).toMatchObject({ inhibitRules: [], timeIntervals: [], templates: [] });
});

test("routes take over what they do not say, but neither matchers nor time intervals", () => {
  const text = [
    "route:",
    "  receiver: a",
    "  group_by: [x, y]",
    "  group_wait: 1s",
    "  routes:",
    "    - matchers: ['team=~\"b|c\"', 'severity!=info']",
    "      match: { zone: z }",
    "      match_re: { area: 'q.*' }",
    "      group_interval: 2m",
    "      mute_time_intervals: [night]",
    "      continue: true",
    "      routes:",
    "        - receiver: b",
    "          group_by: ['...']",
    "        - group_by: []",
    "receivers: [{ name: a }, { name: b }]",
    "mute_time_intervals: [{ name: night }]",
  ].join("\n");
  const told = (route: RouteConfig): unknown => ({
    to: route.receiver,
    by: route.groupBy,
    times: [route.groupWaitMs, route.groupIntervalMs, route.repeatIntervalMs],
    if: route.matchers.map(formatMatcher).join(" "),
    mute: route.muteTimeIntervals,
    on: route.continue,
    routes: route.routes.map(told),
  });
  const xy = { all: false, labels: ["x", "y"] };
  expect(told(loadAlertmanagerConfig(text, file).route)).toEqual({
    to: "a",
    by: xy,
    times: [1000, 300_000, 14_400_000],
    if: "",
    mute: [],
    on: false,
    routes: [
      {
        to: "a",
        by: xy,
        times: [1000, 120_000, 14_400_000],
        if: 'area=~"q.*" severity!="info" team=~"b|c" zone="z"',
        mute: ["night"],
        on: true,
        routes: [
          { to: "b", by: { all: true }, times: [1000, 120_000, 14_400_000], if: "", mute: [], on: false, routes: [] },
          { to: "a", by: xy, times: [1000, 120_000, 14_400_000], if: "", mute: [], on: false, routes: [] },
        ],
      },
    ],
  });
});

test.each([
  { text: "receivers: [{ name: a }]\n", fault: "no route provided in config" },
  { text: "", fault: "no route provided in config" },
  { text: "route: {}\nreceivers: [{ name: a }]\n", fault: "root route must specify a default receiver" },
  { text: "route: { receiver: b }\nreceivers: [{ name: a }]\n", fault: 'undefined receiver "b" used in route' },
  {
    text: "route: { receiver: a, matchers: ['x=y'] }\nreceivers: [{ name: a }]\n",
    fault: "root route must not have any matchers",
  },
  {
    text: "route: { receiver: a, match: { x: y } }\nreceivers: [{ name: a }]\n",
    fault: "root route must not have any matchers",
  },
  {
    text: "route: { receiver: a, continue: true }\nreceivers: [{ name: a }]\n",
    fault: "cannot have continue in root route",
  },
  {
    text: "route: { receiver: a, routes: [{ receiver: z }] }\nreceivers: [{ name: a }]\n",
    fault: 'undefined receiver "z" used in route',
  },
  {
    text: "route: { receiver: a, group_by: [x, x] }\nreceivers: [{ name: a }]\n",
    fault: 'duplicated label "x" in group_by',
  },
  {
    text: "route: { receiver: a, group_by: [x, '...'] }\nreceivers: [{ name: a }]\n",
    fault: "cannot have wildcard group_by",
  },
  {
    text: "route: { receiver: a, group_interval: 0s }\nreceivers: [{ name: a }]\n",
    fault: "group_interval cannot be zero",
  },
  {
    text: "route: { receiver: a, repeat_interval: 0s }\nreceivers: [{ name: a }]\n",
    fault: "repeat_interval cannot be zero",
  },
  {
    text: "route: { receiver: a, routes: [{ mute_time_intervals: [n] }] }\nreceivers: [{ name: a }]\n",
    fault: 'undefined time interval "n" used in route',
  },
  {
    text: "route: { receiver: a }\nreceivers: [{ name: a }, { name: a }]\n",
    fault: 'notification config name "a" is not unique',
  },
  { text: "route: { receiver: a }\nreceivers: [{ name: a }, {}]\n", fault: "missing name in receiver" },
  { text: `${root}time_intervals: [{ name: n }, { name: n }]\n`, fault: 'time interval "n" is not unique' },
  { text: `${root}inhibit_rules: [{ equal: [''] }]\n`, fault: 'invalid label name "" in equal list' },
  {
    text: "route: { receiver: a, routes: [{ matchers: ['='] }] }\nreceivers: [{ name: a }]\n",
    fault: "Cannot parse matchers",
  },
  {
    text: "route: { receiver: a, routes: [{ matchers: ['a=~\"(\"'] }] }\nreceivers: [{ name: a }]\n",
    fault: "error parsing regexp",
  },
])("refuses $text", ({ text, fault }) => {
  expect(faultsOf(text).join("\n")).toContain(fault);
});

test("email takes the rest from global and has its defaults", () => {
  const text = [
    "global:",
    "  smtp_smarthost: 'mail:25'",
    "  smtp_from: f@x",
    "  smtp_auth_username: u",
    "  smtp_auth_password_file: pw",
    "route: { receiver: a }",
    "receivers:",
    "  - name: a",
    "    email_configs:",
    "      - to: t@x",
    "        headers: { subject: S }",
    "      - { to: t@x, from: g@x, smarthost: '[::1]:465', auth_password: p, require_tls: false, hello: h }",
  ].join("\n");
  expect(loadAlertmanagerConfig(text, file).receivers[0]?.emails).toMatchObject([
    {
      kind: "email",
      sendResolved: false,
      to: "t@x",
      from: "f@x",
      hello: "localhost",
      smarthost: { host: "mail", port: "25" },
      authUsername: "u",
      authPassword: { file: "/etc/am/pw" },
      authSecret: null,
      requireTls: true,
      forceImplicitTls: null,
      headers: { Subject: "S" },
      html: '{{ template "email.default.html" . }}',
      text: "",
      threading: { enabled: false },
    },
    {
      from: "g@x",
      hello: "h",
      smarthost: { host: "::1", port: "465" },
      authPassword: { value: "p" },
      requireTls: false,
    },
  ]);
});

test("webhooks and Slack have their defaults, and take over global.http_config", () => {
  const text = [
    "global:",
    "  slack_api_url: http://s/hook",
    "  http_config: { proxy_url: http://p }",
    "route: { receiver: a }",
    "receivers:",
    "  - name: a",
    "    webhook_configs: [{ url: 'http://w', timeout: 1.5s }, { url: '{{ .X }}' }, { url_file: f, http_config: {} }]",
    "    slack_configs: [{ channel: c, fields: [{ title: t, value: v }] }, { app_token: t }]",
    "    pagerduty_configs: [{ routing_key: k }]",
  ].join("\n");
  const receiver = loadAlertmanagerConfig(text, file).receivers[0];
  expect(receiver?.webhooks).toMatchObject([
    {
      sendResolved: true,
      url: { value: "http://w" },
      maxAlerts: 0,
      timeoutMs: 1500,
      httpClient: { proxy: { url: "http://p" } },
    },
    { url: { value: "{{ .X }}" }, timeoutMs: 0 },
    { url: { file: "/etc/am/f" }, httpClient: { proxy: { url: null } } },
  ]);
  expect(receiver?.slacks).toMatchObject([
    {
      sendResolved: false,
      apiUrl: { value: "http://s/hook" },
      channel: "c",
      title: '{{ template "slack.default.title" . }}',
      color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
      fields: [{ title: "t", value: "v", short: null }],
      httpClient: { proxy: { url: "http://p" }, credentials: null },
    },
    {
      apiUrl: { value: "https://slack.com/api/chat.postMessage" },
      httpClient: { credentials: { kind: "authorization", type: "Bearer", credentials: { value: "t" } } },
    },
  ]);
  expect(receiver?.unsupported).toMatchObject([{ kind: "pagerduty_configs", position: { line: 9 } }]);
});

test.each([
  { receiver: "webhook_configs: [{}]", fault: "one of url or url_file must be configured" },
  { receiver: "webhook_configs: [{ url: 'ftp://x' }]", fault: 'unsupported scheme "ftp" for URL' },
  { receiver: "webhook_configs: [{ url: 'http://x', max_alert: 1 }]", fault: "field max_alert not found" },
  { receiver: "webhook_configs: [{ url: 'http://x', timeout: 5 }]", fault: 'time: invalid duration "5"' },
  { receiver: "email_configs: [{}]", fault: "missing to address in email config" },
  { receiver: "email_configs: [{ to: x, from: y, smarthost: nowhere }]", fault: "expected host:port" },
  { receiver: "email_configs: [{ to: x, from: y, smarthost: 'h:' }]", fault: "port cannot be empty" },
  { receiver: "email_configs: [{ to: x, smarthost: 'h:1' }]", fault: "no global SMTP from set" },
  {
    receiver: "email_configs: [{ to: x, from: y, smarthost: 'h:1', headers: { a: b, A: c } }]",
    fault: 'duplicate header "A" in email config',
  },
  {
    receiver: "email_configs: [{ to: x, from: y, smarthost: 'h:1', threading: { enabled: true } }]",
    fault: "threading.thread_by_date must be either",
  },
  {
    receiver: "slack_configs: [{ api_url: 'http://s', fields: [{ title: t }] }]",
    fault: "missing value in Slack field configuration",
  },
  {
    receiver: "slack_configs: [{ api_url: 'http://s', actions: [{ type: t, text: x }] }]",
    fault: "missing name or url in Slack action configuration",
  },
  { receiver: "telegraph_configs: [{}]", fault: "field telegraph_configs not found" },
  { receiver: "pagerduty_configs: [{}]", fault: "missing service or routing key in PagerDuty config" },
])("refuses a receiver with $receiver", ({ receiver, fault }) => {
  expect(faultsOf(`${root}    ${receiver}\n`).join("\n")).toContain(fault);
});

test("time intervals are read into numbers", () => {
  const text = `${root}time_intervals:
  - name: n
    time_intervals:
      - times: [{ start_time: "09:00", end_time: "24:00" }]
        weekdays: ["Monday:friday", sunday]
        days_of_month: ["1:15", "-3:-1"]
        months: [january, "3:december"]
        years: [2026, "2030:2031"]
        location: Europe/Zurich
      - {}
`;
  expect(loadAlertmanagerConfig(text, file).timeIntervals).toEqual([
    {
      name: "n",
      intervals: [
        {
          times: [{ startMinute: 540, endMinute: 1440 }],
          weekdays: [
            { begin: 1, end: 5 },
            { begin: 0, end: 0 },
          ],
          daysOfMonth: [
            { begin: 1, end: 15 },
            { begin: -3, end: -1 },
          ],
          months: [
            { begin: 1, end: 1 },
            { begin: 3, end: 12 },
          ],
          years: [
            { begin: 2026, end: 2026 },
            { begin: 2030, end: 2031 },
          ],
          location: "Europe/Zurich",
        },
        { times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: "UTC" },
      ],
    },
  ]);
});

test.each([
  {
    interval: "times: [{ start_time: '9:00', end_time: '10:00' }]",
    fault: "couldn't parse timestamp 9:00, invalid format",
  },
  {
    interval: "times: [{ start_time: '10:00', end_time: '10:00' }]",
    fault: "start time cannot be equal or greater than end time",
  },
  { interval: "times: [{ start_time: '10:00' }]", fault: "both start and end times must be provided" },
  { interval: "weekdays: [funday]", fault: "funday is not a valid weekday" },
  { interval: "weekdays: ['friday:monday']", fault: "start day cannot be before end day" },
  { interval: "days_of_month: [0]", fault: "0 is not a valid day of the month: out of range" },
  { interval: "days_of_month: ['-1:5']", fault: "end day must be negative if start day is negative" },
  { interval: "days_of_month: ['5:1']", fault: "end day 1 is always before start day 5" },
  { interval: "months: ['may:april']", fault: "end month april is before start month may" },
  { interval: "years: ['2:1:0']", fault: "couldn't parse range 2:1:0, invalid format" },
  { interval: "location: Nowhere/Land", fault: "unknown time zone Nowhere/Land" },
])("refuses an interval with $interval", ({ interval, fault }) => {
  expect(faultsOf(`${root}time_intervals: [{ name: n, time_intervals: [{ ${interval} }] }]\n`).join("\n")).toContain(
    fault,
  );
});

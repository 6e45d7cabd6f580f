import { labelsOf } from "@tatou/model";
import { expect, test } from "vitest";
import { executeTemplate } from "../execute/execute-template.ts";
import { parseTemplate } from "../template.ts";
import { type GoValue, goAnyMap, goTime } from "../values/go-value.ts";
import { notificationFunctions } from "./alertmanager.ts";
import { escapeHtml } from "./escape.ts";
import { notificationData } from "./notification-data.ts";
import { alertTemplateFunctions, executeAlertTemplate, parseAlertTemplate } from "./prometheus.ts";

async function notify(text: string, data: GoValue, escape?: (text: string) => string): Promise<string> {
  const functions = notificationFunctions(() => Date.parse("2026-03-29T01:00:05Z"));
  return await executeTemplate(parseTemplate(text, { functions }), data, {
    functions,
    ...(escape === undefined ? {} : { escape }),
  });
}

const springForward = goTime(Date.parse("2026-03-29T01:00:00Z"));

// What Alertmanager has beyond the version that the peer tests run.
test.each([
  { text: '{{ . | tz "Europe/Stockholm" | date "15:04:05 MST -0700" }}', output: "03:00:00 CEST +0200" },
  { text: '{{ . | tz "America/New_York" }}', output: "2026-03-28 21:00:00 -0400 EDT" },
  { text: '{{ . | tz "Asia/Kolkata" | date "15:04 -07:00" }}', output: "06:30 +05:30" },
  { text: "{{ since . }} {{ since . | humanizeDuration }} {{ now.Unix }}", output: "5s 5s 1774746005" },
  { text: '{{ urlUnescape "a%20b+c%C3%A9" }}', output: "a b cé" },
  { text: '{{ trimSpace "  a " }}|{{ safeUrl "x" }}', output: "a|x" },
  {
    text: '{{ toJson (dict "b" (list 1 "<a>" nil) "a" .) }}',
    output: '{"a":"2026-03-29T01:00:00Z","b":[1,"\\u003ca\\u003e",null]}',
  },
  { text: "{{ append (list 1) 2 3 }}", output: "[1 2 3]" },
])("$text", async ({ text, output }) => {
  expect(await notify(text, springForward)).toBe(output);
});

test.each([
  { text: '{{ . | tz "Mars/Olympus" }}', message: "error calling tz: unknown time zone Mars/Olympus" },
  { text: '{{ urlUnescape "%zz" }}', message: 'error calling urlUnescape: invalid URL escape "%zz"' },
  { text: '{{ dict "a" }}', message: "error calling dict: dict requires an even number of arguments" },
])("$text is refused", async ({ text, message }) => {
  await expect(notify(text, springForward)).rejects.toThrow(message);
});

test("a notification is JSON under Alertmanager's names", async () => {
  const data = notificationData({
    receiver: "team",
    status: "firing",
    alerts: [
      {
        status: "firing",
        labels: { alertname: "A" },
        annotations: {},
        startsAtMs: 0,
        endsAtMs: -62_135_596_800_000,
        generatorUrl: "",
        fingerprint: "f",
      },
    ],
    groupLabels: {},
    commonLabels: { b: "2", alertname: "A" },
    commonAnnotations: {},
    externalUrl: "http://am",
  });
  expect(JSON.parse(await notify("{{ toJson . }}", data))).toEqual({
    receiver: "team",
    status: "firing",
    alerts: [
      {
        status: "firing",
        labels: { alertname: "A" },
        annotations: {},
        startsAt: "1970-01-01T00:00:00Z",
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "",
        fingerprint: "f",
      },
    ],
    groupLabels: {},
    commonLabels: { b: "2", alertname: "A" },
    commonAnnotations: {},
    externalURL: "http://am",
  });
  expect(await notify("{{ .CommonLabels }}|{{ .CommonLabels.SortedPairs }}", data)).toBe(
    "alertname=A, b=2|alertname=A, b=2",
  );
});

test("an escaping execution leaves marked HTML alone", async () => {
  const data = goAnyMap([["text", "<b>"]]);
  expect(await notify('<i>{{ .text }} {{ safeHtml "<u>" }} {{ .none }}</i>', data, escapeHtml)).toBe(
    "<i>&lt;b&gt; <u> &lt;no value&gt;</i>",
  );
});

test.each([
  { text: "{{ toDuration 90.5 }} {{ now }} {{ (toTime now).Minute }}", output: "1m30.5s 60 1" },
  { text: '{{ urlQueryEscape "a b&c" }} {{ pathPrefix }} {{ externalURL }}', output: "a+b%26c /base http://p/base" },
  { text: '{{ title "don\'t SHOUT" }}', output: "Don't SHOUT" },
  { text: "{{ $externalLabels.region }}{{ $labels.constructor }}{{ $labels.__proto__ }}", output: "eu" },
])("an alert says $output", async ({ text, output }) => {
  const data = { labels: labelsOf({}), externalLabels: labelsOf({ region: "eu" }), externalUrl: "", value: 1 };
  const context = { timeMs: 60_000, externalUrl: "http://p/base", query: () => Promise.resolve([]) };
  expect(await executeAlertTemplate(parseAlertTemplate(text, "x"), data, alertTemplateFunctions(context))).toBe(output);
});

test("a mistake in an alert's text is placed in the text itself", () => {
  const parse = (): unknown => parseAlertTemplate("one\n{{ nope }}", "__alert_A");
  expect(parse).toThrow('template: __alert_A:2: function "nope" not defined');
  expect(parse).toThrow(expect.objectContaining({ line: 2, column: 4, span: { start: 7, end: 11 } }));
});

test("a query that fails fails the text", async () => {
  const query = (): Promise<never> => Promise.reject(new Error("query timed out"));
  const functions = alertTemplateFunctions({ timeMs: 0, externalUrl: "", query });
  const data = { labels: [], externalLabels: [], externalUrl: "", value: 1 };
  await expect(executeAlertTemplate(parseAlertTemplate('{{ query "up" }}', "x"), data, functions)).rejects.toThrow(
    "error calling query: query timed out",
  );
});

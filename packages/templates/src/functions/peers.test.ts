import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsOf } from "@tatou/model";
import { afterAll, describe, expect, test } from "vitest";
import { executeTemplate } from "../execute/execute-template.ts";
import { parseTemplate } from "../template.ts";
import { notificationFunctions } from "./alertmanager.ts";
import { type NotificationAlert, notificationData } from "./notification-data.ts";
import { alertTemplateFunctions, executeAlertTemplate, parseAlertTemplate } from "./prometheus.ts";

const folder = mkdtempSync(join(tmpdir(), "templates-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!existsSync("/usr/bin/amtool"))("Debian's amtool renders the same notification", () => {
  const alert = (status: "firing" | "resolved", name: string): NotificationAlert => ({
    status,
    labels: { alertname: name, severity: "high", instance: "web:80" },
    annotations: { summary: `About <${name}> & co` },
    startsAtMs: Date.parse("2026-03-29T00:30:15.250Z"),
    endsAtMs: Date.parse("2026-03-29T01:31:00Z"),
    generatorUrl: "http://prometheus:9090/graph?g0.expr=up",
    fingerprint: "0123456789abcdef",
  });
  const input = {
    receiver: "team",
    status: "firing",
    alerts: [alert("firing", "One"), alert("resolved", "Two")],
    groupLabels: { severity: "high" },
    commonLabels: { severity: "high", instance: "web:80" },
    commonAnnotations: {},
    externalUrl: "http://alertmanager:9093",
  } as const;

  const dataFile = join(folder, "data.json");
  writeFileSync(
    dataFile,
    JSON.stringify({
      receiver: input.receiver,
      status: input.status,
      alerts: input.alerts.map((item) => ({
        status: item.status,
        labels: item.labels,
        annotations: item.annotations,
        startsAt: new Date(item.startsAtMs).toISOString(),
        endsAt: new Date(item.endsAtMs).toISOString(),
        generatorURL: item.generatorUrl,
        fingerprint: item.fingerprint,
      })),
      groupLabels: input.groupLabels,
      commonLabels: input.commonLabels,
      commonAnnotations: input.commonAnnotations,
      externalURL: input.externalUrl,
    }),
  );
  // amtool wants a template file, even if nothing in it is used.
  const templateFile = join(folder, "library.tmpl");
  writeFileSync(templateFile, '{{ define "library.name" }}library {{ . }}{{ end }}');

  test.each([
    { text: '[{{ .Status | toUpper }}:{{ .Alerts.Firing | len }}] {{ .GroupLabels.SortedPairs.Values | join " " }}' },
    {
      text: '{{ if gt (len .CommonLabels) (len .GroupLabels) }}({{ with .CommonLabels.Remove .GroupLabels.Names }}{{ .Values | join " " }}{{ end }}){{ end }}',
    },
    {
      text: "{{ range .Alerts }}{{ .Labels.alertname }}={{ .Annotations.summary }} {{ .StartsAt }} {{ .EndsAt.Unix }};{{ end }}",
    },
    { text: "{{ range .Alerts.Resolved }}{{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }},{{ end }}{{ end }}" },
    { text: "{{ .CommonLabels.Names }} {{ .CommonAnnotations.Values }} {{ .GroupLabels.nope }}|" },
    {
      text: "{{ .Receiver }} {{ .ExternalURL }} {{ (index .Alerts 0).Fingerprint }} {{ (index .Alerts 0).GeneratorURL }}",
    },
    { text: '{{ (index .Alerts 0).StartsAt.Format "Jan 2, 2006 at 3:04pm (MST)" }}' },
    {
      text: '{{ "1st foo_bar don\'t foo.bar a:b x/y ABC élan" | title }} {{ reReplaceAll "(\\\\w+):(\\\\d+)" "$2-$1" .CommonLabels.instance }}',
    },
    {
      text: '{{ match "^w.b" .CommonLabels.instance }} {{ safeHtml "<b>" }} {{ stringSlice "a" "b" }} {{ template "library.name" 1 }}',
    },
    { text: "{{ .CommonLabels.Nope.x }}" },
    { text: "{{ (index .Alerts 0).Nope }}" },
    { text: "{{ join 1 .Alerts }}" },
    { text: "{{ .Alerts | toUpper }}" },
    { text: '{{ reReplaceAll "(" "" "x" }}' },
    { text: '{{ match "(" "x" }}' },
    { text: "{{ nope }}" },
  ])("$text", async ({ text }) => {
    const functions = notificationFunctions(() => 0);
    const base = parseTemplate('{{ define "library.name" }}library {{ . }}{{ end }}', { functions });
    const ours = Promise.resolve()
      .then(() => executeTemplate(parseTemplate(text, { functions, base }), notificationData(input), { functions }))
      .catch((error: Error) => `amtool: error: ${error.message}`);
    expect(await ours).toBe(renderedByAmtool(text));
  });

  function renderedByAmtool(text: string): string {
    const args = ["template", "render", `--template.glob=${templateFile}`, `--template.text=${text}`];
    try {
      return execFileSync("/usr/bin/amtool", [...args, `--template.data=${dataFile}`], {
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      return (error as { stderr: string }).stderr.trim();
    }
  }
});

describe.skipIf(!existsSync("/usr/bin/promtool"))("Debian's promtool expands the same annotations", () => {
  const externalUrl = "https://prom.example:9090/base";
  const texts = [
    "{{ $labels.instance }} at {{ $value }} {{ $labels.missing }}| {{ .Labels.job }} {{ $externalURL }}",
    '{{ humanize 0.0 }} {{ humanize 1234567.0 }} {{ humanize 0.00123 }} {{ humanize -999.9 }} {{ humanize "1e30" }} {{ humanize 12 }}',
    "{{ humanize1024 1048576.0 }} {{ humanize1024 1023.0 }} {{ humanize1024 -5000.0 }} {{ humanize1024 0.5 }}",
    "{{ humanizeDuration 0.0 }} {{ humanizeDuration 59.99 }} {{ humanizeDuration 3723.5 }} {{ humanizeDuration 90061.0 }} {{ humanizeDuration 0.0123 }} {{ humanizeDuration -75.0 }} {{ humanizeDuration 1e-12 }}",
    '{{ humanizePercentage 0.256789 }} {{ humanizePercentage 1.0 }} {{ humanizePercentage "0.1" }}',
    "{{ humanizeTimestamp 1435065584.128 }} {{ humanizeTimestamp 0.0 }} {{ (toTime 1435065584.128).Year }} {{ toTime 1.5 }}",
    '{{ title "aa bB-cC" }} {{ toUpper "é" }} {{ toLower "ÀB" }} {{ match "a.c" "xabcx" }} {{ reReplaceAll "(.*):.*" "$1" $labels.instance }}',
    '{{ graphLink "up{job=\'a\'} > 1" }} {{ tableLink "rate(x[5m])" }} {{ parseDuration "1h30m" }}',
    '{{ stripPort "web:80" }} {{ stripPort "[::1]:80" }} {{ stripPort "web" }} {{ stripDomain "a.b.c:80" }} {{ stripDomain "10.0.0.1:80" }} {{ stripDomain "a.b" }}',
    '{{ with query "up" }}{{ sortByLabel "instance" . | first | value }} {{ range sortByLabel "instance" . }}{{ . | label "instance" }},{{ .Labels.job }},{{ .Value }};{{ end }}{{ end }}',
    '{{ query "nope" | first }}',
    '{{ with $a := args 1 "b" 2.5 }}{{ $a.arg0 }}{{ .arg1 }}{{ .arg2 }}{{ end }} {{ safeHtml "<b>" }} {{ printf "%.2f %s" $value $labels.job }}',
    '{{ humanize "x" }}',
    "{{ toUpper $value }}",
    "{{ $value.Nope }}",
    "{{ first $value }}",
    '{{ query "up" | label "x" }}',
    '{{ reReplaceAll "(" "x" "y" }}',
    '{{ if gt $value 1.0 }}high{{ else }}low{{ end }}{{ if eq $labels.job "api" }} api{{ end }}',
    '{{ range query "up" | sortByLabel "instance" }}{{ printf "%s=%v " .Labels.instance .Value }}{{ end }}',
    '{{ humanizeTimestamp (query "vector(NaN)" | first | value) }} {{ humanize (query "vector(Inf)" | first | value) }}',
  ];
  const up = [
    { labels: labelsOf({ __name__: "up", instance: "app:81", job: "api" }), value: 0 },
    { labels: labelsOf({ __name__: "up", instance: "web:80", job: "api" }), value: 2.5 },
  ];
  const functions = alertTemplateFunctions({
    timeMs: 60_000,
    externalUrl,
    query: (expression) => {
      const special = /^vector\((.*)\)$/.exec(expression)?.[1];
      if (special !== undefined)
        return Promise.resolve([{ labels: [], value: special === "NaN" ? Number.NaN : Infinity }]);
      return Promise.resolve(expression === "up" ? up : []);
    },
  });

  test(`${texts.length} texts`, async () => {
    const labels = labelsOf({ instance: "web:80", job: "api" });
    const ours: Record<string, string> = {};
    for (const [index, text] of texts.entries()) {
      const template = parseAlertTemplate(text, "__alert_Peer");
      ours[`a${index}`] = await executeAlertTemplate(
        template,
        { labels, externalLabels: [], externalUrl, value: 2.5 },
        functions,
      ).catch((error: Error) => `<error expanding template: error executing template __alert_Peer: ${error.message}>`);
    }
    const annotations = Object.fromEntries(texts.map((text, index) => [`a${index}`, text]));
    const rule = { alert: "Peer", expr: 'up{instance="web:80"} > 0', annotations };
    writeFileSync(join(folder, "rules.yml"), JSON.stringify({ groups: [{ name: "g", rules: [rule] }] }));
    const unitTest = {
      rule_files: ["rules.yml"],
      tests: [
        {
          interval: "1m",
          external_url: externalUrl,
          input_series: [
            { series: 'up{instance="web:80",job="api"}', values: "2.5 2.5" },
            { series: 'up{instance="app:81",job="api"}', values: "0 0" },
          ],
          alert_rule_test: [
            {
              eval_time: "1m",
              alertname: "Peer",
              exp_alerts: [{ exp_labels: { instance: "web:80", job: "api" }, exp_annotations: ours }],
            },
          ],
        },
      ],
    };
    writeFileSync(join(folder, "test.yml"), JSON.stringify(unitTest));
    expect(verdictOfPromtool()).toContain("SUCCESS");
  });

  function verdictOfPromtool(): string {
    try {
      return execFileSync("/usr/bin/promtool", ["test", "rules", "test.yml"], {
        cwd: folder,
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return stdout + stderr;
    }
  }
});

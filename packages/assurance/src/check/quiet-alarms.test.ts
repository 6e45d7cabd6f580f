import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCheck } from "./run-check.ts";
import { memoryFiles, readTexts } from "./testing/memory-files.ts";

const texts = readTexts(fileURLToPath(new URL("../../testdata/quiet-alarms/", import.meta.url)));
const report = runCheck(memoryFiles(texts), { live: null });
const named = report.findings
  .filter(({ severity }) => severity !== "info")
  .map(({ code, message, position }) => `${code} ${/(?:^|of )alert (\w+)/.exec(message)?.[1] ?? position.file}`);

test("the alerts on metrics that nobody exports", () => {
  const onMissing = named.filter((text) => text.startsWith("metric_unknown") && !text.includes("/"));
  expect(onMissing).toEqual(
    ["BruteForce", "InjectionTried", "TraversalTried", "TokenForged"].map((alert) => `metric_unknown ${alert}`),
  );
  expect(report.findings.find(({ message }) => message.includes("login_failure_total"))).toMatchObject({
    position: { file: "prometheus/rules/security.yml", line: 5, column: 20 },
    hint: expect.stringContaining('Did you mean "login_failures_total"?'),
  });
});

test.each([
  "value_in_label ManyLoginFailures",
  "counter_compared ManyLoginFailures",
  "label_value_unknown UploadsRefused",
  "never_true ServerErrors",
  "label_unknown ServerErrors",
  "range_too_short RequestsBurst",
  "label_value_unknown PlatformDown",
  "metric_unknown grafana/security.json",
  "route_dead alertmanager.yml",
  "dead_man_missing prometheus/prometheus.yml",
  "alerts_not_sent prometheus/prometheus.yml",
  "default_password docker-compose.yml",
  "secret_in_plain_text docker-compose.yml",
  "open_bind docker-compose.yml",
  "open_admin_api docker-compose.yml",
])("%s", (finding) => {
  expect(named).toContain(finding);
});

test("each of the eleven is said to reach nobody", () => {
  expect(named.filter((text) => text.startsWith("alert_undelivered"))).toHaveLength(11);
});

test("the two alerts that are right have no other fault", () => {
  expect(named.filter((text) => /QueueLong|SlowRequests/.test(text))).toEqual([
    "alert_undelivered QueueLong",
    "alert_undelivered SlowRequests",
  ]);
});

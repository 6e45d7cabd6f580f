import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DrillReport } from "@tatou/assurance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { playVirtually } from "../drill/play-virtual.ts";
import { chooseDrills, readDrills, readMonitoringBudgets } from "../drill/read-drills.ts";
import { repositoryDirectory } from "../paths.ts";

/** The whole stack in virtual time, from the files of this repository, whole and broken in one place at a time. */
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tatou-virtual-test-"));
  cpSync(join(repositoryDirectory, "monitoring"), directory, { recursive: true });
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function change(file: string, from: string, to: string): void {
  const path = join(directory, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

/** Someone tries three paths: the fastest alarm of all, so that a break is found out in little time. */
async function drill(name = "path-traversal"): Promise<DrillReport> {
  const [scenario] = chooseDrills(readDrills(join(directory, "drills")), [name]);
  return playVirtually(scenario!, {
    monitoringDirectory: directory,
    budgets: readMonitoringBudgets(directory),
    source: "127.0.0.9",
    startMs: 1_700_000_000_000,
    // The receivers are part of what is proved here.
    isLive: true,
  });
}

const rules = "prometheus_rules/security_alerts.rules.yml";

test("the brute force is told to somebody, every stage in its time", async () => {
  const report = await drill("brute-force");
  expect(report.verdict).toEqual({ kind: "pass" });
  const at = Object.fromEntries(
    report.outcomes[0]!.stages.map(({ stage, afterMs }) => [stage, (afterMs ?? NaN) / 1000]),
  );
  expect(at["request"]).toBe(0);
  expect(at["counter moved"]).toBeLessThanOrEqual(1);
  expect(at["scraped"]).toBeLessThanOrEqual(11);
  expect(at["expression true"]).toBeLessThanOrEqual(45);
  expect(at["pending"]! - at["expression true"]!).toBeLessThanOrEqual(16);
  expect(at["firing"]! - at["pending"]!).toBe(60);
  expect(at["routed"]! - at["firing"]!).toBeLessThanOrEqual(1);
  expect(at["delivered"]! - at["firing"]!).toBeLessThanOrEqual(15);
}, 60_000);

const eventType = 'event_type="path_traversal_attempt"';

test.each([
  {
    name: "the metric's name in the rule",
    ...{ file: rules, from: `security_events_total{${eventType}}`, to: `security_event_total{${eventType}}` },
    verdict: { kind: "miss", stage: "counter moved" },
  },
  {
    name: "a label of the rule",
    ...{ file: rules, from: eventType, to: 'event_type="path_traversal"' },
    verdict: { kind: "miss", stage: "counter moved" },
  },
  {
    name: "the threshold",
    ...{ file: rules, from: `${eventType}}[5m])) >= 3`, to: `${eventType}}[5m])) >= 300` },
    verdict: { kind: "miss", stage: "expression true" },
  },
  {
    name: "the time it has to hold",
    ...{ file: rules, from: `${eventType}}[5m])) >= 3`, to: `${eventType}}[5m])) >= 3\n        for: 1h` },
    verdict: { kind: "miss", stage: "firing" },
  },
  {
    name: "the address of the scrape",
    ...{ file: "prometheus.yml", from: "server:5000", to: "server:5999" },
    verdict: { kind: "miss", stage: "scraped" },
  },
  {
    name: "the address of the Alertmanager",
    ...{ file: "prometheus.yml", from: "alertmanager:9093", to: "alertmanager:9999" },
    verdict: { kind: "unrouted" },
  },
  {
    name: "the route",
    ...{
      file: "alertmanager.yml",
      from: '- receiver: inbox\n      matchers: [severity = "high"]',
      to: '- receiver: nobody\n      matchers: [severity = "high"]',
    },
    verdict: { kind: "unrouted" },
  },
  {
    name: "the receiver's address",
    ...{ file: "alertmanager.yml", from: "http://inbox:9094/", to: "http://inbox:9999/" },
    verdict: { kind: "undelivered" },
  },
])(
  "with $name broken, the drill ends with $verdict",
  async ({ file, from, to, verdict }) => {
    change(file, from, to);
    expect((await drill()).verdict).toMatchObject(verdict);
  },
  60_000,
);

test("without the rule it does not begin", async () => {
  change(rules, "PathTraversalProbing", "SomethingElse");
  expect((await drill()).verdict).toMatchObject({ kind: "cannot_run" });
}, 60_000);

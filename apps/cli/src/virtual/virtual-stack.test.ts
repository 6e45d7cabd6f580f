import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bruteForceScenario, type DrillReport, DrillSetupError, runDrill } from "@tatou/assurance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryDirectory } from "../paths.ts";
import { play } from "./play.ts";
import { openVirtualStack, virtualUrls } from "./virtual-stack.ts";

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

async function drill(): Promise<DrillReport> {
  const stack = await openVirtualStack({ monitoringDirectory: directory, startMs: 1_700_000_000_000 });
  try {
    await stack.clock.advance(30_000);
    const { clock, transport } = stack;
    const scenario = { ...bruteForceScenario("127.0.0.9"), deadlineMs: 150_000 };
    return await play(clock, runDrill({ scenario, urls: virtualUrls, clock, transport, pollEveryMs: 1000 }), 1000);
  } finally {
    await stack.close();
  }
}

const rules = "prometheus_rules/security_alerts.rules.yml";

test("the brute force is told to somebody, every stage in its time", async () => {
  const report = await drill();
  expect(report.verdict).toEqual({ kind: "pass" });
  const at = Object.fromEntries(report.stages.map(({ stage, afterMs }) => [stage, afterMs / 1000]));
  expect(at["scraped"]).toBeLessThanOrEqual(11);
  expect(at["expression true"]).toBeLessThanOrEqual(45);
  expect(at["pending"]! - at["expression true"]!).toBeLessThanOrEqual(16);
  expect(at["firing"]! - at["pending"]!).toBe(60);
  expect(at["notified"]! - at["firing"]!).toBeLessThanOrEqual(15);
}, 60_000);

test.each([
  {
    name: "the metric's name in the rule",
    file: rules,
    from: "rate(auth_failures_total[2m])",
    to: "rate(auth_failure_total[2m])",
    stage: "expression true",
  },
  {
    name: "the threshold",
    file: rules,
    from: "rate(auth_failures_total[2m]) > 5",
    to: "rate(auth_failures_total[2m]) > 500",
    stage: "expression true",
  },
  { name: "the time it has to hold", file: rules, from: "for: 1m", to: "for: 1h", stage: "firing" },
  {
    name: "the address of the scrape",
    file: "prometheus.yml",
    from: "server:5000",
    to: "server:5999",
    stage: "scraped",
  },
  {
    name: "the address of the Alertmanager",
    file: "prometheus.yml",
    from: "alertmanager:9093",
    to: "alertmanager:9999",
    stage: "notified",
  },
  {
    name: "the receiver's address",
    file: "alertmanager.yml",
    from: "http://inbox:9094/",
    to: "http://inbox:9999/",
    stage: "notified",
  },
])(
  "with $name broken, the drill misses at $stage",
  async ({ file, from, to, stage }) => {
    change(file, from, to);
    expect((await drill()).verdict).toMatchObject({ kind: "miss", stage });
  },
  60_000,
);

test("without the rule it does not begin", async () => {
  change(rules, "HighAuthFailureRate", "SomethingElse");
  await expect(drill()).rejects.toThrow(DrillSetupError);
}, 60_000);

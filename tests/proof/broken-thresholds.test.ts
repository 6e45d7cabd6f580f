import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DrillReport } from "@tatou/assurance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakRules } from "../../packages/assurance/src/check/testing/broken-rules.ts";
import { readTexts } from "../../packages/assurance/src/check/testing/memory-files.ts";
import { repository, tatouCommand } from "../lib/processes.ts";

/**
 * A threshold that nobody reaches is a rule that could have been meant, so no check sees it. Here every threshold of every
 * alert is out of reach at once, and each drill has to miss exactly there. What `tatou check` names by itself:
 * packages/assurance/src/check/broken-rules.test.ts.
 */
const isPatient = process.env["TATOU_LONG_TESTS"] === "1";
const catalogueMaxMs = 600_000;

interface Drilled {
  readonly drill: string;
  readonly predicted: DrillReport;
}

describe.skipIf(!isPatient)("every threshold out of reach (minutes: only in npm run test:long)", () => {
  let directory: string;
  let drills: readonly Drilled[];
  let broken: ReadonlySet<string>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "tatou-thresholds-"));
    cpSync(join(repository, "monitoring"), join(directory, "monitoring"), { recursive: true });
    const { texts, alerts } = breakRules("threshold", readTexts(repository, ["monitoring/prometheus_rules"]));
    for (const [path, text] of Object.entries(texts)) writeFileSync(join(directory, path), text);
    broken = new Set(alerts);
    const output = await run(["drill", "--all", "--json", "--monitoring-dir", join(directory, "monitoring")]);
    ({ drills } = JSON.parse(output) as { readonly drills: readonly Drilled[] });
  }, catalogueMaxMs);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("each drill misses each broken alert where its expression has to be true", () => {
    const outcomes = drills.flatMap(({ drill, predicted }) =>
      predicted.outcomes.filter(({ alert }) => broken.has(alert)).map((outcome) => ({ drill, ...outcome })),
    );
    const notMissed = outcomes.filter(
      ({ verdict }) => !(verdict.kind === "miss" && verdict.stage === "expression true"),
    );
    expect(notMissed.map(({ drill, alert, verdict }) => ({ drill, alert, verdict }))).toEqual([]);
    expect(outcomes.length).toBeGreaterThanOrEqual(36);
  });

  test("what was not broken passes", () => {
    const whole = drills.filter(({ predicted }) => predicted.outcomes.every(({ alert }) => !broken.has(alert)));
    expect(whole.filter(({ predicted }) => predicted.verdict.kind !== "pass")).toEqual([]);
    // The benign days at least.
    expect(whole.length).toBeGreaterThanOrEqual(6);
  });
});

async function run(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [tatouCommand, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

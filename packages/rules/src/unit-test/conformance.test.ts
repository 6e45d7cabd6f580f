import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compileSearchRegex } from "@tatou/model";
import { expect, test } from "vitest";
import { runRuleTests } from "./run-rule-tests.ts";

const shared = process.env["TATOU_SHARED"] ?? resolve(import.meta.dirname, "../../../../../shared");
const folder = join(shared, "conformance/promtool");
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".yml")) : [];
console.log(names.length === 0 ? "conformance: absent" : `conformance: ${names.length} files of promtool`);

/** Exit codes of promtool 3.14, with the pattern given by --run. All other files are no tests of rules, and are refused. */
const exitCodes: readonly (readonly [name: string, run: string | null, exitCode: number])[] = [
  ["at-modifier-test.yml", null, 0],
  ["bad-input-series.yml", null, 1],
  ["bad-promql.yml", null, 1],
  ["bad-rules-syntax-test.yml", null, 1],
  ["failing.yml", null, 1],
  ["long-period.yml", null, 0],
  ["negative-offset-test.yml", null, 0],
  ["no-test-group-interval.yml", null, 0],
  ["rules_run.yml", null, 1],
  ["rules_run.yml", "correct", 0],
  ["rules_run.yml", "wrong", 1],
  ["rules_run_fuzzy.yml", null, 1],
  ["rules_run_fuzzy.yml", "correct", 0],
  ["rules_run_fuzzy.yml", "wrong", 1],
  ["rules_run_no_fuzzy.yml", null, 1],
  ["unittest.yml", null, 0],
  // An empty file has no test that fails.
  ["prometheus-config.good.yml", null, 0],
];

/** 2.42 knows neither native histograms nor tests without an interval. */
const beyondDebian: ReadonlySet<string> = new Set(["unittest.yml", "no-test-group-interval.yml"]);
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

const files = {
  glob: (pattern: string) => (existsSync(pattern) ? [pattern] : []),
  read: (path: string) => readFileSync(path, "utf8"),
};

async function exitCodeOf(name: string, run: string | null): Promise<number> {
  const path = join(folder, name);
  const nameFilter = run === null ? null : compileSearchRegex(run);
  const { problems, tests } = await runRuleTests(files.read(path), path, { files, nameFilter });
  return problems.length > 0 || tests.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

test.skipIf(names.length === 0).each(exitCodes)("%s, run %s: %i", async (name, run, exitCode) => {
  expect(await exitCodeOf(name, run)).toBe(exitCode);
});

test.skipIf(names.length === 0)("refuses what are no tests of rules", async () => {
  const known = new Set(exitCodes.map(([name]) => name));
  const others = names.filter((name) => !known.has(name));
  expect(others.length).toBeGreaterThan(5);
  for (const name of others) expect([name, await exitCodeOf(name, null)]).toEqual([name, 1]);
});

test.skipIf(names.length === 0 || !hasPromtool)("agrees with Debian's promtool on what that knows", async () => {
  for (const name of names.filter((one) => !beyondDebian.has(one))) {
    const promtool = spawnSync("promtool", ["test", "rules", join(folder, name)]);
    expect([name, await exitCodeOf(name, null)]).toEqual([name, promtool.status]);
  }
});

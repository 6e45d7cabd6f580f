import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { checkCommand } from "./check.ts";

const directories: string[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "tatou-check-"));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

async function check(...args: readonly string[]): Promise<{ readonly out: string; readonly code: unknown }> {
  const texts: string[] = [];
  const keep = (text: string | Uint8Array): boolean => texts.push(String(text)) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  await checkCommand().parseAsync([...args], { from: "user" });
  return { out: texts.join(""), code: process.exitCode };
}

const quiet = {
  "app.py": 'from prometheus_client import Counter\nA = Counter("a_total", "A")\n',
  "rules.yml": "groups:\n  - name: g\n    rules:\n      - alert: Watchdog\n        expr: vector(1)\n",
};
const loud = "      - alert: A\n        expr: rate(b_total[5m]) > 1\n";

test("nothing found: 0", async () => {
  const { out, code } = await check(directoryOf(quiet));
  expect({ code, verdict: out.includes("No findings") }).toEqual({ code: 0, verdict: true });
});

test("something found: 1, and the same in all forms", async () => {
  const directory = directoryOf({ ...quiet, "rules.yml": quiet["rules.yml"] + loud });
  const { out, code } = await check(directory);
  expect(code).toBe(1);
  expect(out).toContain("7:20    alert A reads b_total, which nothing produces  metric_unknown");
  const json = JSON.parse((await check(directory, "--json")).out) as { findings: { code: string }[] };
  expect(json.findings.map((finding) => finding.code)).toContain("metric_unknown");
  expect((await check(directory, "--sarif")).out).toContain('"ruleId": "metric_unknown"');
});

test("no such directory, nothing in it, no such target: 2", async () => {
  const empty = await check(directoryOf({}));
  expect(empty).toMatchObject({ code: 2, out: expect.stringContaining("neither rules nor dashboards") });
  const missing = await check("/nowhere/at/all");
  expect(missing).toMatchObject({
    code: 2,
    out: expect.stringContaining("Cannot check /nowhere/at/all: it does not exist"),
  });
  const directory = directoryOf(quiet);
  const file = await check(join(directory, "rules.yml"));
  expect(file).toMatchObject({ code: 2, out: expect.stringContaining("rules.yml: it is no directory") });
  const elsewhere = await check(directory, "--monitoring-dir", "/nowhere/either");
  expect(elsewhere).toMatchObject({
    code: 2,
    out: expect.stringContaining("Cannot check /nowhere/either: it does not"),
  });
  const deaf = await check(directoryOf(quiet), "--target", "http://127.0.0.1:1");
  expect(deaf.code).toBe(2);
});

test("--fix --dry-run shows the edit, --fix makes it, and then nothing is found", async () => {
  const slip = "      - alert: A\n        expr: rate(application_totl[5m]) > 1 # as it was\n";
  const code = 'from prometheus_client import Counter\nA = Counter("application_total", "A")\n';
  const directory = directoryOf({ "app.py": code, "rules.yml": quiet["rules.yml"] + slip });
  const rules = (): string => readFileSync(join(directory, "rules.yml"), "utf8");
  const dry = await check(directory, "--fix", "--dry-run");
  expect(dry.code).toBe(1);
  expect(dry.out).toContain("+        expr: rate(application_total[5m]) > 1 # as it was");
  expect(dry.out).toContain("Would cure 1 finding in 1 file");
  expect(rules()).toContain("application_totl");
  const done = await check(directory, "--fix");
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining("Cured 1 finding in 1 file") });
  expect(rules()).toBe(quiet["rules.yml"] + slip.replace("totl", "total"));
  expect((await check(directory, "--fix")).out).toContain("Nothing has a cure that leaves no choice");
});

test("--dry-run alone shows the edits, too, and a cure keeps what may be done with a file", async () => {
  const slip = "      - alert: A\n        expr: rate(application_totl[5m]) > 1\n";
  const code = 'from prometheus_client import Counter\nA = Counter("application_total", "A")\n';
  const directory = directoryOf({ "app.py": code, "rules.yml": quiet["rules.yml"] + slip });
  const rules = join(directory, "rules.yml");
  if (process.getuid?.() === 0) chownSync(rules, 1234, 1234);
  chmodSync(rules, 0o626);
  const before = statSync(rules);
  expect((await check(directory, "--dry-run")).out).toContain("Would cure 1 finding in 1 file");
  expect(statSync(rules).ino).toBe(before.ino);
  await check(directory, "--fix");
  const after = statSync(rules);
  expect(after.ino).not.toBe(before.ino);
  expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
  expect(readdirSync(directory).toSorted()).toEqual(["app.py", "rules.yml"]);
});

test.each([
  ["--report=unwritten", "--fix"],
  ["--report=unwritten", "--watch"],
  ["--report=unwritten", "--dry-run"],
  ["--dry-run", "--json"],
  ["--dry-run", "--watch"],
  ["--sarif", "--json"],
])("%s with %s is refused, not ignored", async (...options) => {
  const command = checkCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await expect(command.parseAsync([directoryOf(quiet), ...options], { from: "user" })).rejects.toMatchObject({
    code: "commander.conflictingOption",
  });
});

test("--report writes what the page shows, and another directory can stand for monitoring/", async () => {
  const directory = directoryOf({ "app.py": quiet["app.py"] });
  const monitoring = directoryOf({ "rules.yml": quiet["rules.yml"] + loud });
  const file = join(directory, "report.json");
  const { code } = await check(directory, "--monitoring-dir", monitoring, "--report", file);
  expect(code).toBe(1);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    path: directory,
    findings: expect.arrayContaining([
      expect.objectContaining({ code: "metric_unknown", file: "monitoring/rules.yml", line: 7, column: 20 }),
    ]),
    alerts: [
      { name: "Watchdog", dead: null, unheard: null },
      { name: "A", dead: "b_total has no data: nothing produces it", budgetSeconds: null },
    ],
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  expect(missing).toMatchObject({ code: 2, out: expect.stringContaining("/nowhere/at/all") });
  const deaf = await check(directoryOf(quiet), "--target", "http://127.0.0.1:1");
  expect(deaf.code).toBe(2);
});

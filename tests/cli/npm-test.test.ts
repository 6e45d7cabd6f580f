import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repository, TestProcess } from "../lib/processes.ts";

/** What `npm test` says at the end, from small test files of its own. */
const files = {
  passing: `test("a", () => {}); test("b", () => {});`,
  failing: `test("a", () => {}); test("c", () => { throw new Error("wrong"); });`,
  skipping: `describe.skip("with a peer (skipped: none here)", () => { test("d", () => {}); test("e", () => {}); });
    test.skip("alone (skipped: not Linux)", () => {});`,
  unloadable: `import "./nowhere.ts"; test("f", () => {});`,
  unprepared: `beforeAll(() => { throw new Error("no database"); }); test("g", () => {});`,
  rejecting: `test("h", () => { void Promise.reject(new Error("nobody waits")); });`,
} as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-npm-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...names: readonly (keyof typeof files)[]): Promise<{ code: number | null; lines: string[] }> {
  for (const name of names) writeFileSync(join(folder, `${name}.test.ts`), files[name]);
  const module = pathToFileURL(join(repository, "tools/lib/run-tests.mjs")).href;
  const script = `const { reportTests } = await import(${JSON.stringify(module)});
    process.exit(await reportTests(["--globals", "--root", ${JSON.stringify(folder)}]));`;
  const args = ["--input-type=module", "-e", script];
  const env = { VITEST: undefined, VITEST_POOL_ID: undefined, VITEST_WORKER_ID: undefined, TATOU_SHARED: folder };
  const runner = new TestProcess(process.execPath, args, { env });
  const code = await runner.closed;
  return { code, lines: runner.output.trimEnd().split("\n") };
}

test("all is well: the counts alone on the last line, exit 0", async () => {
  const { code, lines } = await run("passing");
  expect([lines.at(-1), code]).toEqual(["2 passed, 0 failed", 0]);
});

test("skipped tests are counted and named", async () => {
  const { code, lines } = await run("passing", "skipping");
  expect(lines.slice(-5)).toEqual([
    "skipped: with a peer (skipped: none here) (2 tests)",
    "skipped: alone (skipped: not Linux)",
    "conformance: absent",
    "3 skipped",
    "2 passed, 0 failed",
  ]);
  expect(code).toBe(0);
});

test.each([
  { what: "a failed test", name: "failing", ends: "3 passed, 1 failed", reason: null },
  {
    what: "a file that cannot be loaded",
    name: "unloadable",
    ends: "2 passed, 1 failed",
    reason: /unloadable.test.ts: .*nowhere/,
  },
  {
    what: "a preparation that fails",
    name: "unprepared",
    ends: "2 passed, 1 failed",
    reason: /unprepared.test.ts: /,
  },
  {
    what: "an error that nobody waits for",
    name: "rejecting",
    ends: "3 passed, 1 failed",
    reason: /ended with code 1/,
  },
] as const)("$what is a failure, exit 1", async ({ name, ends, reason }) => {
  const { code, lines } = await run("passing", name);
  expect([lines.at(-1), code]).toEqual([ends, 1]);
  const reasons = lines.filter((line) => line.startsWith("failed: "));
  if (reason === null) expect(reasons).toEqual([]);
  else expect(reasons).toEqual([expect.stringMatching(reason)]);
});

test("the data to conform to is counted, once, without what describes it", async () => {
  mkdirSync(join(folder, "conformance/promql"), { recursive: true });
  for (const name of ["README.md", "NOTICE-x", "promql/a.test", "promql/b.test"])
    writeFileSync(join(folder, "conformance", name), "");
  const { lines } = await run("passing");
  expect(lines.filter((line) => line.startsWith("conformance:"))).toEqual(["conformance: 2 files"]);
});

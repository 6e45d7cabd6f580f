import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository, startTatou, TestProcess, tatouCommand } from "../lib/processes.ts";

const commandNames = [
  "up",
  "drill",
  "check",
  "notify",
  "server",
  "engine",
  "alerts",
  "dashboards",
  "watermark",
  "tsdb",
  "inbox",
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-command-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function endOf(process: TestProcess): Promise<{ readonly code: number | null; readonly output: string }> {
  const code = await process.closed;
  return { code, output: process.output };
}

describe("help", () => {
  test.each([[], ["--help"], ["help"]])("tatou %s lists every command", async (...args) => {
    const { code, output } = await endOf(startTatou(args));
    expect(code).toBe(0);
    for (const name of commandNames) expect(output).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  test.each(commandNames)("tatou %s --help fits into 80 columns", async (name) => {
    const { code, output } = await endOf(startTatou([name, "--help"]));
    expect(code).toBe(0);
    expect(output).toMatch(new RegExp(`^Usage: tatou ${name} `));
    expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
    // What a program would print as JavaScript is nothing for people.
    expect(output).not.toMatch(/\{"|\[\]|\{\}|undefined/);
  });
});

describe("what cannot be understood is refused in words", () => {
  test.each([
    { args: ["upp"], says: [/unknown command 'upp'/, /Did you mean up\?/, /\.\/tatou help/] },
    { args: ["up", "--port=1"], says: [/unknown option '--port=1'/, /\.\/tatou help up/] },
    { args: ["up", "--engine.listn", ":1"], says: [/Did you mean --engine\.listen\?/] },
    { args: ["up", "--engine.listen"], says: [/'--engine\.listen <host:port>' argument missing/] },
    { args: ["up", "--engine.listen=9090"], says: [/Expected host:port, as in 127\.0\.0\.1:9090/] },
    { args: ["engine", "--query.timeout=soon"], says: [/--query\.timeout <duration>.*soon/] },
    { args: ["engine", "--enable-feature=magic"], says: [/Unknown feature "magic", expected one of/] },
    { args: ["up", "now"], says: [/too many arguments/i] },
  ])("tatou $args", async ({ args, says }) => {
    const { code, output } = await endOf(startTatou(args));
    expect(code).toBe(1);
    for (const text of says) expect(output).toMatch(text);
    expect(output).not.toMatch(/^ {4}at /m);
  });
});

test("a defect ends a program with its name and place, not with the whole bundle", async () => {
  const boom = "data:text/javascript,setTimeout(() => { throw new TypeError('boom'); }, 2000)";
  const args = ["--import", boom, tatouCommand, "inbox", "--web.listen-address=127.0.0.1:0", "--log.level=error"];
  const { code, output } = await endOf(new TestProcess(process.execPath, args));
  expect([code, output]).toEqual([70, expect.stringMatching(/^TypeError: boom\n {4}at /)]);
  expect(output.length).toBeLessThan(2000);
});

test("a checkout that is not built says how to build it", async () => {
  const bare = join(folder, "bare");
  cpSync(join(repository, "apps/cli/bin"), join(bare, "apps/cli/bin"), { recursive: true });
  cpSync(join(repository, "tatou"), join(bare, "tatou"));
  mkdirSync(join(bare, "packages"), { recursive: true });
  const { code, output } = await endOf(new TestProcess(process.execPath, [join(bare, "tatou"), "up"]));
  expect([code, output]).toEqual([
    1,
    "Cannot run tatou: it is not built yet\n  Run `npm start`, or `npm run build`, once\n",
  ]);
});

describe("an old Node is told so", () => {
  const entries = [
    tatouCommand,
    ...["start", "test", "build", "check"].map((name) => `${repository}/tools/${name}.mjs`),
  ];
  const pretend = (version: string): string =>
    `data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;

  test.each(entries)("by %s", async (entry) => {
    const args = ["--import", pretend("20.18.3"), entry];
    expect(await endOf(new TestProcess(process.execPath, args))).toEqual({
      code: 1,
      output:
        "Cannot start: found Node 20.18.3, expected 20.19 or newer\n" +
        "  Install a current Node from https://nodejs.org and run the command again\n",
    });
  });

  test.each(["20.19.0", "22.0.0", "100.1.0"])("but not %s", async (version) => {
    const args = ["--import", pretend(version), tatouCommand, "--version"];
    expect((await endOf(new TestProcess(process.execPath, args))).code).toBe(0);
  });

  test("by ./tatou, which a shell reads", async () => {
    const bin = join(folder, "old-bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "node"), `#!/bin/sh\nexec "${process.execPath}" --import '${pretend("14.21.3")}' "$@"\n`);
    chmodSync(join(bin, "node"), 0o755);
    const env = { PATH: `${bin}:${process.env["PATH"]}` };
    const { code, output } = await endOf(new TestProcess(join(repository, "tatou"), ["help"], { env }));
    expect([code, output]).toEqual([1, expect.stringContaining("found Node 14.21.3, expected 20.19 or newer")]);
  });

  const codeOf = (entry: string): string => readFileSync(entry, "utf8").replace(/^\s*\/\/.*$/gm, "");
  test.each([...entries, `${repository}/apps/cli/bin/node-version.cjs`, `${repository}/tatou`])(
    "%s holds nothing that an old Node cannot read",
    (entry) => {
      expect(codeOf(entry)).not.toMatch(/\?\.|\?\?|\bawait\b|#\w|"node:|import .* with /);
    },
  );

  // Nodes before 12 know CommonJS alone; before 10, `import()` is a syntax error, too, wherever it stands.
  test.each(["tatou", "apps/cli/bin/tatou.mjs", "apps/cli/bin/node-version.cjs"])("%s can be CommonJS", (file) => {
    const code = codeOf(join(repository, file)).replace(/^#!.*/, "");
    expect(() => new Script(code)).not.toThrow();
    expect(code.replace(/new Function\(.*\)/, "")).not.toMatch(/\bimport\b|=>|`|\basync\b/);
  });
});

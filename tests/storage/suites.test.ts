import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { repository } from "../lib/processes.ts";

/** A few rounds of the suites that are run at length by hand: `npm run crash:tsdb` and `npm run soak:tsdb`. */
async function run(script: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", `tests/storage/${script}`, ...args], { cwd: repository });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return `${output}exit ${code}`;
}

test.concurrent("kills of a writing process lose nothing", async () => {
  const output = await run("crash.ts", ["--rounds=4", "--speed=1200", "--series=48"]);
  expect(output).toMatch(/4 rounds, \d killed before the first tick: nothing lost\s+exit 0$/);
}, 90_000);

test.concurrent("answers are those of a plain copy while samples come, blocks are written and the process is killed", async () => {
  const output = await run("soak.ts", ["--minutes=0.2", "--speed=1800", "--series=48", "--kill-every=5"]);
  expect(output).toMatch(/[1-9]\d* answers, .* kills: no difference\s+exit 0$/);
}, 90_000);

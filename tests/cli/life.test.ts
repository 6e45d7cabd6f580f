import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getJson, isInstalled, repository, TestProcess, until } from "../lib/processes.ts";
import {
  childrenOf,
  isAlive,
  programPid,
  type StackPlace,
  stackNames,
  stackPlace,
  startStack,
  untilUp,
} from "../lib/stack-process.ts";
import { Terminal } from "../lib/terminal.ts";

const isLinux = process.platform === "linux";
const linuxOnly = isLinux ? "" : " (skipped: not Linux)";

let folder: string;
let place: StackPlace;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tatou-life-"));
  place = await stackPlace(folder);
});
afterEach(async () => {
  // Only where a test failed something still runs; its programs end when it is gone.
  for (const process of running.splice(0)) await process.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const running: TestProcess[] = [];

function keep(process: TestProcess): TestProcess {
  running.push(process);
  return process;
}

async function untilGone(pids: readonly number[], timeoutMs: number): Promise<void> {
  await until(`processes ${pids.join(", ")} to end`, async () => pids.every((pid) => !isAlive(pid)), timeoutMs);
}

async function samplesOf(expr: string): Promise<readonly number[]> {
  const url = `${place.urls.engine}/api/v1/query?query=${encodeURIComponent(expr)}`;
  const answer = await getJson<{ data: { result: readonly { value: readonly [number, string] }[] } }>(url);
  return answer.data.result.map(({ value }) => Number(value[1]));
}

describe.skipIf(!isLinux)(`the life of a stack${linuxOnly}`, () => {
  test("Ctrl-C ends every process within seconds, and the data is there at the next start", async () => {
    // As a terminal does: the signal goes to every process of the group, here to npm's script alone.
    const script = join(repository, "tools/start.mjs");
    const stack = keep(new TestProcess(process.execPath, [script, ...place.args], { detached: true }));
    await untilUp(stack);
    const pids = childrenOf(stack.pid).map(({ pid }) => pid);
    expect(pids).toHaveLength(stackNames.length);
    const [before] = await until("a scrape", async () => {
      const values = await samplesOf('count_over_time(up{job="tatou-app"}[1h])');
      return values.length > 0 && values;
    });
    process.kill(-stack.pid, "SIGINT");
    const asked = performance.now();
    expect(await stack.closed).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    await untilGone(pids, 100);
    expect(stack.output).toMatch(/stopped; the data is kept\n$/);

    const again = keep(await startStack(place.args));
    const [after] = await samplesOf('count_over_time(up{job="tatou-app"}[1h])');
    expect(after).toBeGreaterThanOrEqual(before!);
    expect(await again.stop("SIGTERM")).toBe(0);
  }, 90_000);

  test("after kill -9 of `tatou up` its programs end by themselves, and a new start finds everything free", async () => {
    const stack = keep(await startStack(place.args));
    const pids = childrenOf(stack.pid).map(({ pid }) => pid);
    await stack.stop("SIGKILL");
    await untilGone(pids, 15_000);
    const again = keep(await startStack(place.args));
    expect(await again.stop("SIGINT")).toBe(0);
  }, 90_000);

  test("a killed program comes back, and each word about it is said once", async () => {
    const stack = keep(await startStack(place.args));
    const killed = programPid(stack.pid, "dashboards");
    process.kill(killed, "SIGKILL");
    await until("dashboards to be back", async () => stack.output.includes("dashboards is back"));
    expect(stack.output).toContain("dashboards ended (signal SIGKILL); starting it again in 1 s");
    expect(programPid(stack.pid, "dashboards")).not.toBe(killed);
    expect(await getJson(`${place.urls.dashboards}/api/health`)).toMatchObject({ database: "ok" });

    // A program that does not answer is no program that is gone: the line says what is seen.
    process.kill(programPid(stack.pid, "engine"), "SIGSTOP");
    await until("the word about it", async () => stack.output.includes("the engine does not answer"));
    process.kill(programPid(stack.pid, "engine"), "SIGCONT");
    await until("the summary to be back", async () => /does not answer[^]*targets \d/.test(stack.output));

    // Long enough for the line to be looked at again, and again.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    // oxlint-disable-next-line no-control-regex -- this is about control characters
    expect(stack.rawOutput).not.toMatch(/[\u001b\r]/);
    const lines = stack.output.split("\n").filter((line) => line !== "");
    expect(lines.filter((line, index) => line === lines[index - 1])).toEqual([]);
    expect(await stack.stop("SIGINT")).toBe(0);
  }, 90_000);

  test("a second Ctrl-C ends at once what does not end by itself", async () => {
    const stack = keep(await startStack(place.args));
    const pids = childrenOf(stack.pid).map(({ pid }) => pid);
    process.kill(programPid(stack.pid, "alerts"), "SIGSTOP");
    // Twice at once is one Ctrl-C that npm handed on, too.
    stack.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 100));
    stack.kill("SIGINT");
    await until("the others to end", async () => pids.filter(isAlive).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(isAlive(stack.pid)).toBe(true);
    stack.kill("SIGINT");
    expect(await stack.closed).toBe(130);
    await untilGone(pids, 2000);
  }, 60_000);

  test("without a reader the stack ends instead of writing to nobody", async () => {
    const stack = spawn(process.execPath, [join(repository, "apps/cli/bin/tatou.mjs"), "up", ...place.args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    stack.stdout.destroy();
    const pids = await until("the programs", async () => {
      const children = childrenOf(stack.pid!).map(({ pid }) => pid);
      return children.length === stackNames.length && children;
    });
    await untilGone([stack.pid!, ...pids], 20_000);
  }, 60_000);
});

const canUseTerminal = isLinux && isInstalled("script");
describe.skipIf(!canUseTerminal)(
  `npm start on a terminal${canUseTerminal ? "" : " (skipped: no script command)"}`,
  () => {
    test("shows one live line that is replaced, and Ctrl-C leaves the terminal clean", async () => {
      const flags = place.args.join(" ");
      const stack = new TestProcess("script", ["-qfec", `stty cols 60 rows 40; npm start -- ${flags}`, "/dev/null"], {
        cwd: repository,
        stdin: "pipe",
        env: { CI: undefined, NO_COLOR: undefined },
      });
      await untilUp(stack);
      const terminal = () => Terminal.showing(stack.rawOutput, 60);
      await until("the live line", async () => /targets 2\/2 up · .*/.test(terminal().lastLine));
      expect(terminal().text).not.toContain("starting:");
      expect(terminal().text.match(/targets \d\/\d up/g)).toHaveLength(1);
      const pids = childrenOf(stack.pid).map(({ pid }) => pid);

      stack.write("\u0003");
      await stack.closed;
      await untilGone(pids, 5000);
      const end = terminal();
      expect(end.text).toMatch(/stopped; the data is kept\n$/);
      expect(end.text).not.toContain("stopping:");
      expect(end).toMatchObject({ column: 0, isCursorHidden: false, isColored: false });
      expect(readFileSync(join(folder, "state/logs/engine.log"), "utf8")).not.toBe("");
    }, 90_000);
  },
);

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeMatcher, VirtualClock } from "@tatou/model";
import { readAll } from "@tatou/model/testing";
import { describe, expect, test } from "vitest";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";

const builtPath = fileURLToPath(new URL("../dist/index.js", import.meta.url));
const missing = existsSync(builtPath) ? null : "the package is not built";

describe.skipIf(missing !== null)(`kill -9${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  test.each([1, 2, 3])("every sample that was acknowledged is there afterwards, round %i", async (round) => {
    const directory = temporaryDirectory();
    const scriptPath = fileURLToPath(new URL("./testing/append-until-killed.mjs", import.meta.url));
    const child = spawn(process.execPath, [scriptPath, directory.path]);
    let output = "";
    let problem = "";
    child.stderr.on("data", (chunk: Buffer) => (problem += chunk.toString()));
    const exited = once(child, "exit");
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.length > 4000 * round) child.kill("SIGKILL");
    });
    await exited;
    expect(problem).toBe("");
    expect(child.signalCode).toBe("SIGKILL");
    // The last line may have been cut.
    const acknowledged = output.split("\n").slice(0, -1).map(Number);
    const [firstMs = 0] = acknowledged;

    const tsdb = await openTsdb(directory.path, { clock: new VirtualClock(Date.now()) });
    const series = await readAll(tsdb, {
      matchers: [makeMatcher("__name__", "=", "m")],
      minTimeMs: firstMs,
      maxTimeMs: acknowledged.at(-1)!,
    });
    const found = new Map<number, number>();
    for (const { labels, samples } of series) {
      for (const [timeMs, value] of samples) {
        expect(value).toBe(timeMs - firstMs + Number(labels["series"]) / 7);
        found.set(timeMs, (found.get(timeMs) ?? 0) + 1);
      }
    }
    expect([...found].sort(([left], [right]) => left - right)).toEqual(acknowledged.map((timeMs) => [timeMs, 200]));
    await tsdb.close();
    directory.remove();
  });
});

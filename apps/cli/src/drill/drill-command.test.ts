import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drillCommand } from "../commands/drill.ts";
import { DrillUsageError } from "./errors.ts";
import { runDrills } from "./run-drills.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tatou-drill-command-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each(["0s", "59s"])("a schedule of %s leaves no time for anything else", async (interval) => {
  const command = drillCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const parsing = command.parseAsync(["--all", "--drills", directory, "--schedule", interval], { from: "user" });
  await expect(parsing).rejects.toThrow(/Expected 1m or more/);
});

test("a directory without drills is told", async () => {
  const options = { all: true, drills: directory, monitoringDir: directory, source: "127.0.0.9" } as const;
  const running = runDrills([], { ...options, listen: "127.0.0.1:0", "state.path": directory });
  await expect(running).rejects.toThrow(`Cannot drill anything: ${directory} has no drill`);
  await expect(running).rejects.toThrow(DrillUsageError);
});

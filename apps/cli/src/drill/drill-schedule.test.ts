import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DrillReport, loadDrillFile } from "@tatou/assurance";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type PlayOnce, runSchedule } from "./drill-schedule.ts";
import { everyVerdict, reportOf } from "./testing/reports.ts";

const scenario = loadDrillFile(
  "{ drill: D1, name: a, title: a, technique: T1110, steps: [{ wait: 1s }], expect: [{ alert: A }] }",
  "a.yml",
);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tatou-schedule-test-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs until as many drills were played, and gives the metrics as they stood then. */
async function schedule(reports: readonly DrillReport[], intervalMs: number): Promise<string> {
  const stopping = new AbortController();
  let url = "";
  let text = "";
  let count = 0;
  const screen = { write: (line: string) => (url = /http\S+/.exec(line)?.[0] ?? url) } as unknown as NodeJS.WriteStream;
  const playOnce = async (): Promise<ReadonlyMap<string, readonly DrillReport[]>> => {
    if (count === reports.length) {
      text = await (await fetch(url)).text();
      stopping.abort();
    }
    return new Map([["D1", [reports[Math.min(count++, reports.length - 1)]!]]]);
  };
  await runSchedule([scenario], playOnce, {
    ...{ intervalMs, screen, signal: stopping.signal },
    ...{ listenAddress: "127.0.0.1:0", trustedNetwork: false, stateDirectory: join(directory, "state") },
  });
  return text;
}

test("it repeats, shows how it went, and remembers", async () => {
  const text = await schedule([reportOf(), everyVerdict[1]!], 1);
  expect(text).toContain('tatou_drill_passed{drill="D1"} 0');
  expect(text).toMatch(/^tatou_drill_last_pass_timestamp_seconds\{drill="D1"\} 1[\d.e+]+$/m);
  expect(text).toContain('tatou_drill_interval_seconds{drill="D1"} 0.001');
  const { drills } = JSON.parse(readFileSync(join(directory, "state/drills.json"), "utf8"));
  expect(drills.D1).toMatchObject({ hasPassed: false, detectionMs: null });
  expect(drills.D1.lastRunMs).toBeGreaterThan(drills.D1.lastPassMs);
});

test("another process takes over the age, not the wait that is over; a damaged memory is none", async () => {
  await schedule([reportOf()], 1);
  const { drills } = JSON.parse(readFileSync(join(directory, "state/drills.json"), "utf8"));
  const [, lastRun] = /last_run_timestamp_seconds\{drill="D1"\} (\S+)/.exec(await schedule([], 1)) ?? [];
  expect(Number(lastRun)).toBe(drills.D1.lastRunMs / 1000);
  writeFileSync(join(directory, "state/drills.json"), "{");
  expect(await schedule([], 1)).not.toContain("tatou_drill_passed{");
});

test("a memory that cannot be written is told before anything is played", async () => {
  const stateDirectory = join(directory, "file");
  writeFileSync(stateDirectory, "");
  const playOnce = vi.fn<PlayOnce>();
  const { signal } = new AbortController();
  const playing = runSchedule([scenario], playOnce, {
    ...{ intervalMs: 1, screen: null, signal, stateDirectory },
    ...{ listenAddress: "127.0.0.1:0", trustedNetwork: false },
  });
  await expect(playing).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(playOnce).not.toHaveBeenCalled();
});

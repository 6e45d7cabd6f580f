import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

/** In a user namespace of its own, anybody may mount a small disk. */
const script = 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"';
const unshareFlags = process.getuid?.() === 0 ? ["--mount"] : ["--mount", "--map-root-user"];

function onSmallDisk(directory: string, command: readonly string[]) {
  return spawnSync("unshare", [...unshareFlags, "sh", "-c", script, directory, ...command], { encoding: "utf8" });
}

const folder = mkdtempSync(join(tmpdir(), "tatou-full-"));
const isPossible = onSmallDisk(folder, ["true"]).status === 0;

interface Seen {
  readonly health: { readonly durable: boolean; readonly problem: string | null; readonly samplesNotWritten: number };
  readonly problems: readonly string[];
  readonly sampleCount: number;
  readonly tick: number;
}

describe.skipIf(!isPossible)(`a full disk${isPossible ? "" : " (skipped: nothing can be mounted here)"}`, () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("samples stay in memory, the state is told, and writing goes on by itself when there is room", () => {
    const scenario = join(import.meta.dirname, "disk-full-scenario.ts");
    const { status, stdout, stderr } = onSmallDisk(folder, [process.execPath, "--import", "tsx", scenario, folder]);
    expect(`${status} ${stderr}`).toBe("0 ");
    const { full, stillFull, freed, reopened, unwritten, said } = JSON.parse(stdout) as Record<
      "full" | "stillFull" | "freed" | "reopened",
      Seen
    > & { readonly unwritten: number; readonly said: readonly string[] };
    expect(full).toMatchObject({
      health: { durable: false, problem: expect.stringMatching(/ENOSPC|no space/) },
      problems: [],
    });
    expect(stillFull).toMatchObject({ health: { durable: false }, problems: [] });
    expect(stillFull.sampleCount).toBeGreaterThan(full.sampleCount + 40_000);
    expect(freed).toMatchObject({ health: { durable: true, problem: null }, problems: [] });
    expect(reopened.problems).toEqual([]);
    expect(unwritten).toBeGreaterThan(500);
    // On the brink, a small write still fits now and then where a large one did not; but nothing is said for each write.
    const outages = said.filter((text) => /memory only/.test(text));
    expect(outages.length).toBeGreaterThanOrEqual(1);
    expect(outages.length).toBeLessThan(unwritten / 20);
    expect(said.filter((text) => /written again/.test(text))).toHaveLength(outages.length);
  }, 60_000);
});

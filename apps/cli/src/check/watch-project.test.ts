import { getEventListeners } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckReport } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import { expect, test } from "vitest";
import { ProjectCheck } from "./project-check.ts";
import { changeLines } from "./report-changes.ts";
import { watchProject } from "./watch-project.ts";

const code = (name: string): string =>
  `import { Counter } from "prom-client";\nnew Counter({ name: "${name}", help: "" });\n`;
const rules = `groups:
  - name: g
    rules:
      - record: logins:rate5m
        expr: rate(logins_total[5m])
      - alert: Guessing
        expr: logins_total > 1 unless logins_total offset 5m
      - alert: ManyLogins
        expr: logins:rate5m > 1
      - alert: Watchdog
        expr: vector(1)
`;

test("rename a counter, and the alarms that died are named; name it back, and they live", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tatou-watch-"));
  const write = (path: string, text: string): void => writeFileSync(join(directory, path), text);
  mkdirSync(join(directory, "src"));
  write("rules.yml", rules);
  write("src/app.ts", code("logins_total"));
  const check = new ProjectCheck(directory, { live: null, monitoringDirectory: undefined });
  const ending = new AbortController();
  const told: string[] = [];
  let before: CheckReport | null = null;
  let onTold: () => void = () => {};
  const until = async (part: string): Promise<void> => {
    while (!told.some((line) => line.includes(part)))
      await new Promise<void>((resolve) => {
        onTold = resolve;
      });
  };
  const watching = watchProject({
    clock: createSystemClock(),
    signal: ending.signal,
    look: () => {
      const files = check.files();
      const after = check.run(files);
      told.push(...(before === null ? ["ready"] : changeLines(before, after)));
      before = after;
      onTold();
      return files.folders;
    },
  });
  try {
    await until("ready");
    const changedMs = performance.now();
    write("src/app.ts", code("login_total"));
    await until("ManyLogins can no longer fire");
    expect(performance.now() - changedMs).toBeLessThan(1_000);
    expect(told.filter((line) => line.startsWith("+")).slice(0, 2)).toEqual([
      '+ rules.yml:6:9 Guessing can no longer fire: logins_total has no data: nothing produces it  Did you mean "login_total"? Export the metric, or read one that exists; until then there is no data',
      "+ rules.yml:8:9 ManyLogins can no longer fire: logins_total has no data: nothing produces it",
    ]);
    // A directory that is new is watched, too.
    mkdirSync(join(directory, "src/more"));
    write("src/more/app.ts", code("logins_total"));
    await until("Guessing can fire again");
    await until("ManyLogins can fire again");
  } finally {
    ending.abort();
    await watching;
    rmSync(directory, { recursive: true });
  }
}, 20_000);

interface Watching {
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Whether it is looked at again since the change; resolves when it then is not for a while. */
  readonly isSeen: (change: () => void) => Promise<boolean>;
}

const quietMs = 200;
const seenWithinMs = 3_000;

async function whileWatching(work: (watching: Watching) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tatou-watch-"));
  mkdirSync(join(directory, "src/deep"), { recursive: true });
  const ending = new AbortController();
  const clock = createSystemClock();
  let lookCount = 0;
  const quiet = async (): Promise<void> => {
    for (let seen = -1; seen !== lookCount; ) {
      seen = lookCount;
      await clock.sleep(quietMs);
    }
  };
  const watching = watchProject({
    clock,
    signal: ending.signal,
    look: () => {
      lookCount++;
      return [directory, join(directory, "src"), join(directory, "src/deep")];
    },
  });
  try {
    await quiet();
    await work({
      directory,
      signal: ending.signal,
      isSeen: async (change) => {
        const before = lookCount;
        change();
        for (let waitedMs = 0; waitedMs < seenWithinMs; waitedMs += quietMs) {
          await quiet();
          if (lookCount > before) return true;
        }
        return false;
      },
    });
  } finally {
    ending.abort();
    await watching;
    rmSync(directory, { recursive: true });
  }
}

test("a directory that is deleted, or moved away, and made anew at once is still watched", async () => {
  await whileWatching(async ({ directory, isSeen }) => {
    const source = join(directory, "src");
    for (const remove of [
      () => rmSync(source, { recursive: true }),
      () => renameSync(source, join(directory, "old")),
    ]) {
      const seen = [
        await isSeen(() => {
          remove();
          mkdirSync(join(source, "deep"), { recursive: true });
        }),
        await isSeen(() => writeFileSync(join(source, "app.ts"), "1")),
        await isSeen(() => writeFileSync(join(source, "deep/app.ts"), "1")),
      ];
      expect(seen).toEqual([true, true, true]);
    }
  });
}, 20_000);

test("changes leave no listeners behind", async () => {
  await whileWatching(async ({ directory, signal, isSeen }) => {
    for (const text of ["1", "2", "3"])
      expect(await isSeen(() => writeFileSync(join(directory, "app.ts"), text))).toBe(true);
    expect(getEventListeners(signal, "abort").length).toBeLessThan(2);
  });
}, 20_000);

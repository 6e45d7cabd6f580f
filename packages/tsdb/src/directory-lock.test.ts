import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DirectoryLock } from "./directory-lock.ts";
import { DirectoryLockedError } from "./errors.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test("a second opening in the same process is refused in words", () => {
  const lock = DirectoryLock.acquire(directory.path);
  expect(() => DirectoryLock.acquire(directory.path)).toThrow(
    `Cannot open data directory ${JSON.stringify(directory.path)}: found it in use by this process, expected it free`,
  );
  lock.release();
  DirectoryLock.acquire(directory.path).release();
});

test("a living process keeps it, and after kill -9 it is free", async () => {
  const holder = await startNode();
  writeFileSync(join(directory.path, "lock"), `${holder.pid} ${startTicksOf(Number(holder.pid))}\n`);
  expect(() => DirectoryLock.acquire(directory.path)).toThrow(`process ${holder.pid}`);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const lock = DirectoryLock.acquire(directory.path);
  expect(readFileSync(join(directory.path, "lock"), "utf8")).toMatch(new RegExp(`^${process.pid} \\S+\\n$`));
  lock.release();
});

test.each([
  { what: "a process number that was used again", text: `${process.ppid} 1\n` },
  { what: "our own number from before, as in a container", text: `${process.pid} 1\n` },
  { what: "an empty file, as Prometheus leaves it", text: "" },
  { what: "rubbish", text: "hello\n" },
])("a lock file with $what does not block", ({ text }) => {
  writeFileSync(join(directory.path, "lock"), text);
  const lock = DirectoryLock.acquire(directory.path);
  expect(readFileSync(join(directory.path, "lock"), "utf8")).toMatch(new RegExp(`^${process.pid} `));
  lock.release();
});

const flockMissing = commandMissing("flock") ?? (process.platform === "linux" ? null : "not on Linux");
describe.skipIf(flockMissing !== null)(
  `with flock${flockMissing === null ? "" : ` (skipped: ${flockMissing})`}`,
  () => {
    test("a lock that the kernel keeps, as Prometheus takes it, is seen", async () => {
      const path = join(directory.path, "lock");
      const holder = spawn("flock", [
        "--no-fork",
        path,
        process.execPath,
        "-e",
        "console.log(1); setInterval(() => {}, 1000)",
      ]);
      await once(holder.stdout, "data");
      expect(() => DirectoryLock.acquire(directory.path)).toThrow(DirectoryLockedError);
      holder.kill("SIGKILL");
      await once(holder, "exit");
      DirectoryLock.acquire(directory.path).release();
    });
  },
);

async function startNode(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"]);
  await once(child.stdout, "data");
  return child;
}

/** As the lock writes it; "-" where the system does not tell. */
function startTicksOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")[19]!;
  } catch {
    return "-";
  }
}

function commandMissing(command: string): string | null {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return `${command} is not on PATH`;
  }
}

/**
 * One process per directory. A file, by default `lock`, names its holder: process number, and where the system tells it
 * (Linux), the moment the process started, so that a number used again is not mistaken for the holder. A holder that was
 * killed leaves the file; it is then taken over. Prometheus locks the same file in the kernel (flock), which Linux lists
 * in /proc/locks, so a running Prometheus is seen as well.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DirectoryLockedError } from "./errors.ts";

/** Files of the locks that this thread has. */
const held = new Set<string>();
/** A start meets at most a few others that also find the stale file. */
const attemptCountMax = 5;

/** Who has a directory, until it is released or the process ends. */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Makes the directory when it is absent.
   * @param fileName of the lock, for a directory that different programs have at once
   * @throws {DirectoryLockedError} somebody else has it
   */
  static acquire(directory: string, fileName = "lock"): DirectoryLock {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, fileName);
    for (let attempt = 0; attempt < attemptCountMax; attempt++) {
      if (createLock(path)) {
        held.add(path);
        return new DirectoryLock(path);
      }
      const holder = readHolder(path);
      if (holder === null) continue;
      const problem = describeHolder(path, holder);
      if (problem !== null) throw new DirectoryLockedError(directory, problem);
      takeAway(path, holder);
    }
    throw new DirectoryLockedError(directory, "processes that start at the same time");
  }

  /** Who has a directory, in words as "process 4711"; null when nobody has. Changes nothing. */
  static holderOf(directory: string, fileName = "lock"): string | null {
    const path = join(directory, fileName);
    const holder = readHolder(path);
    return holder === null ? null : describeHolder(path, holder);
  }

  release(): void {
    held.delete(this.#path);
    rmSync(this.#path, { force: true });
  }
}

function createLock(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid)}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    // A full disk may have taken the file but not the text.
    rmSync(path, { force: true });
    throw error;
  }
}

/** The file's text; null when it is gone. */
function readHolder(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** Who has the lock, in words; null when it is stale. */
function describeHolder(path: string, holder: string): string | null {
  const flockPid = flockHolder(path);
  if (flockPid !== null) return `process ${flockPid}`;
  const [pidText = "", startText = ""] = holder.trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (pid === process.pid && held.has(path)) return "this process";
  if (!isAlive(pid)) return null;
  const start = startOf(pid);
  // Without start times, a number equal to ours is a holder of before that had the same one, as in a container.
  if (start === unknownStart) return pid === process.pid ? null : `process ${pid}`;
  return start === startText ? `process ${pid}` : null;
}

/** Moves a stale lock out of the way, unless another process did so first and put its own there. */
function takeAway(path: string, holder: string): void {
  const asidePath = `${path}.${process.pid}`;
  try {
    renameSync(path, asidePath);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if (readHolder(asidePath) === holder) rmSync(asidePath);
  else renameSync(asidePath, path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted means that it is there and belongs to somebody else.
    return hasCode(error, "EPERM");
  }
}

const unknownStart = "-";

/** When a process started, in ticks since boot: field 22 of /proc/PID/stat, counted behind the name in parentheses. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? unknownStart;
  } catch {
    return unknownStart;
  }
}

/** The process that holds a flock on the file; null where there is none, or where the system does not tell. */
function flockHolder(path: string): string | null {
  try {
    const { ino } = statSync(path);
    for (const line of readFileSync("/proc/locks", "utf8").split("\n")) {
      // 1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234567 0 EOF
      const fields = line.split(/\s+/);
      if (fields[1] === "FLOCK" && fields[5]?.endsWith(`:${ino}`) === true) return fields[4] ?? null;
    }
    return null;
  } catch {
    return null;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

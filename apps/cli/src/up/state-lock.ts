import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateDirectoryError, StateInUseError } from "./errors.ts";

const attemptCountMax = 3;

/**
 * One `tatou up` per state directory. The file `state/up.lock` names its holder: process number, and where the system
 * tells it (Linux), the moment that process started, so that a number used again is not mistaken for the holder. The
 * file of a holder that was killed is taken over.
 */
export class StateLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * @throws {StateInUseError} another `tatou up` runs there
   * @throws {StateDirectoryError} the directory cannot be written
   */
  static acquire(stateDirectory: string): StateLock {
    const path = join(stateDirectory, "state", "up.lock");
    try {
      mkdirSync(join(stateDirectory, "state"), { recursive: true });
      for (let attempt = 0; attempt < attemptCountMax; attempt++) {
        if (createLock(path)) return new StateLock(path);
        const holder = livingHolder(path);
        if (holder !== null) throw new StateInUseError(stateDirectory, holder);
        rmSync(path, { force: true });
      }
    } catch (error) {
      throw error instanceof StateInUseError ? error : new StateDirectoryError(stateDirectory, error);
    }
    throw new StateInUseError(stateDirectory, "one that starts at this moment");
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function createLock(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid)}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** In words; null when nobody holds it any more. */
function livingHolder(path: string): string | null {
  const [pidText = "", start = ""] = readOrEmpty(path).trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return startOf(pid) === start ? `process ${pid}` : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted means that it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** In ticks since boot: field 22 of /proc/PID/stat, counted behind the name in parentheses; "-" where it is not told. */
function startOf(pid: number): string {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

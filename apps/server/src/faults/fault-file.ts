import { readFileSync, statSync } from "node:fs";
import { type ServerFaultName, type ServerFaults, serverFaultNames } from "./server-faults.ts";

const lookEveryMs = 100;
const fileSizeMaxBytes = 64 * 1_024;

/** Faults as a file names them: a JSON list, such as `["slow_answers"]`. Whoever drills a running server writes it. */
export class FaultFile implements ServerFaults {
  readonly #path: string;
  readonly #monotonicMs: () => number;
  #active: ReadonlySet<ServerFaultName> = new Set();
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #state = "";

  constructor(path: string, monotonicMs: () => number) {
    this.#path = path;
    this.#monotonicMs = monotonicMs;
  }

  isActive(fault: ServerFaultName): boolean {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#lookedAtMs >= lookEveryMs) {
      this.#lookedAtMs = nowMs;
      this.#look();
    }
    return this.#active.has(fault);
  }

  #look(): void {
    const status = statSync(this.#path, { throwIfNoEntry: false });
    // A file that was replaced has another inode, even within one tick of the file system's clock.
    const state = status === undefined ? "" : `${status.ino} ${status.mtimeMs} ${status.size}`;
    if (state === this.#state) return;
    this.#state = state;
    this.#active = status === undefined || status.size > fileSizeMaxBytes ? new Set() : readFaults(this.#path);
  }
}

/** What is no list of faults breaks nothing: it may be half written. */
function readFaults(path: string): ReadonlySet<ServerFaultName> {
  try {
    const names: unknown = JSON.parse(readFileSync(path, "utf8"));
    return new Set(Array.isArray(names) ? serverFaultNames.filter((name) => names.includes(name)) : []);
  } catch {
    return new Set();
  }
}

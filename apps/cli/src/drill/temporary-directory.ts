import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the system ends a process with on the spot, and the exit code by which a shell tells of it. */
const endings = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const directories = new Set<TemporaryDirectory>();

/** A directory that goes with this process at the latest, unless that is killed. */
export class TemporaryDirectory {
  readonly path: string;
  readonly #beforeExit: () => void;

  /** @param beforeExit ends at once whoever still writes there, when the process ends before `remove` */
  constructor(prefix: string, beforeExit: () => void = () => undefined) {
    this.path = mkdtempSync(join(tmpdir(), prefix));
    this.#beforeExit = beforeExit;
    if (directories.size === 0) listen();
    directories.add(this);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    directories.delete(this);
    if (directories.size === 0) stopListening();
  }

  /** To be called when the process ends. */
  removeAtExit(): void {
    this.#beforeExit();
    rmSync(this.path, { recursive: true, force: true });
  }
}

function listen(): void {
  process.on("exit", removeAll);
  for (const signal of signals()) process.on(signal, endUnlessHandled);
}

function stopListening(): void {
  process.off("exit", removeAll);
  for (const signal of signals()) process.off(signal, endUnlessHandled);
}

function removeAll(): void {
  for (const directory of directories) directory.removeAtExit();
}

/** A command that listens itself ends in its own time. */
function endUnlessHandled(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(endings[signal as keyof typeof endings]);
}

function signals(): readonly (keyof typeof endings)[] {
  return Object.keys(endings) as (keyof typeof endings)[];
}

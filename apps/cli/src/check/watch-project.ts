import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "@tatou/model";

/** Editors and version control write many files at once. */
const settleMs = 80;
/** Where directories cannot be watched, or too many changes come: how often the project is looked through. */
const pollEveryMs = 1_000;
/** More directories than that are looked through instead, for every watched one costs the system something. */
const watchedFolderCountMax = 4_096;

export interface WatchProjectOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Looks at the project and says which directories it has. */
  readonly look: () => readonly string[];
}

/** Looks at once, and again whenever something below the directories has changed, until it is told to end. */
export async function watchProject({ clock, signal, look }: WatchProjectOptions): Promise<void> {
  const watchers = new FolderWatchers();
  try {
    while (!signal.aborted) {
      // Listening begins before the look: what changes during it leads to the next one.
      const isWatched = watchers.follow(look());
      await (isWatched ? watchers.change(signal) : clock.sleep(pollEveryMs, signal).catch(() => undefined));
      if (!signal.aborted && isWatched) await clock.sleep(settleMs, signal).catch(() => undefined);
    }
  } finally {
    watchers.close();
  }
}

/** One watcher a directory: watching all below one would follow node_modules, too. */
class FolderWatchers {
  readonly #watchers = new Map<string, FSWatcher>();
  #isChanged = false;
  #wake: () => void = () => {};

  /** @returns whether all of them can be watched */
  follow(folders: readonly string[]): boolean {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    if (wanted.size > watchedFolderCountMax) return false;
    let isNew = false;
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue;
      try {
        this.#watchers.set(folder, this.#open(folder));
        isNew = true;
      } catch {
        // The system's number of watchers is used up.
        return false;
      }
    }
    // What changed before a new watcher was there would be missed: one more look.
    if (isNew) this.#changed();
    return true;
  }

  /** Resolves at the next change, at once when there was one meanwhile. */
  async change(signal: AbortSignal): Promise<void> {
    if (!this.#isChanged)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    this.#isChanged = false;
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #open(folder: string): FSWatcher {
    const watcher = watch(folder, () => this.#changed());
    watcher.on("error", () => this.#changed());
    return watcher;
  }

  #changed(): void {
    this.#isChanged = true;
    this.#wake();
  }
}

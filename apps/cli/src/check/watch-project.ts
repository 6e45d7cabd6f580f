import { type FSWatcher, statSync, watch } from "node:fs";
import { basename } from "node:path";
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
  const end = (): void => watchers.wake();
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted) {
      // Listening begins before the look: what changes during it leads to the next one.
      const isWatched = watchers.follow(look());
      await (isWatched ? watchers.change() : clock.sleep(pollEveryMs, signal).catch(() => undefined));
      if (!signal.aborted && isWatched) await clock.sleep(settleMs, signal).catch(() => undefined);
    }
  } finally {
    signal.removeEventListener("abort", end);
    watchers.close();
  }
}

/** A watcher stays with the directory that it was opened for, whatever takes its place under the same name. */
interface FolderWatcher {
  readonly watcher: FSWatcher;
  readonly inode: number;
}

/** One watcher a directory: watching all below one would follow node_modules, too. */
class FolderWatchers {
  readonly #watchers = new Map<string, FolderWatcher>();
  #isChanged = false;
  #wake: () => void = () => {};

  /** @returns whether all of them can be watched */
  follow(folders: readonly string[]): boolean {
    const wanted = new Set(folders);
    for (const folder of this.#watchers.keys()) if (!wanted.has(folder)) this.#drop(folder);
    if (wanted.size > watchedFolderCountMax) return false;
    let isNew = false;
    for (const folder of wanted) {
      try {
        const { ino: inode } = statSync(folder);
        if (this.#watchers.get(folder)?.inode === inode) continue;
        this.#drop(folder);
        this.#watchers.set(folder, { watcher: this.#open(folder), inode });
        isNew = true;
      } catch {
        // It is gone, or the system's number of watchers is used up.
        return false;
      }
    }
    // What changed before a new watcher was there would be missed: one more look.
    if (isNew) this.wake();
    return true;
  }

  /** Resolves at the next change, at once when there was one meanwhile. */
  async change(): Promise<void> {
    if (!this.#isChanged)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#isChanged = false;
  }

  /** As if something had changed. */
  wake(): void {
    this.#isChanged = true;
    this.#wake();
  }

  close(): void {
    for (const folder of this.#watchers.keys()) this.#drop(folder);
  }

  #open(folder: string): FSWatcher {
    const watcher = watch(folder, (event, name) => {
      // Its own name: it was deleted or moved. What is made in its place may well get the same inode.
      if (event === "rename" && (name === null || name === basename(folder))) this.#drop(folder);
      this.wake();
    });
    watcher.on("error", () => {
      this.#drop(folder);
      this.wake();
    });
    return watcher;
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}

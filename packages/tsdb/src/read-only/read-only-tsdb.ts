import { constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Log, Matcher, Queryable, SeriesQuery, SeriesSelection } from "@tatou/model";
import { Block } from "../block/block.ts";
import { inOrderEndMs } from "../block/in-order-end.ts";
import { isUlid } from "../block/ulid.ts";
import { HeadStore } from "../head-store.ts";
import { selectFromAll, textsFromAll } from "../query/merge-queryable.ts";
import { mergeSelections } from "../query/merge-selection.ts";
import type { WalReplayStatus } from "../tsdb-status.ts";

export interface ReadOnlyTsdbOptions {
  readonly directory: string;
  /** Where copies of the logs are put for a while; default the directory itself. */
  readonly sandboxParent?: string;
  /** Nothing newer will be asked for: without need, the logs are not read. Default: no limit. */
  readonly maxTimeMs?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onReplayProgress?: (status: WalReplayStatus) => void;
}

/**
 * A data directory, read beside whoever uses it and left as it is. Reading a log mends it, so that is done with a copy; the
 * files of blocks never change.
 */
export class ReadOnlyTsdb implements Queryable {
  readonly blocks: readonly Block[];
  readonly #head: HeadStore | null;
  readonly #sandbox: string | null;

  private constructor(blocks: readonly Block[], head: HeadStore | null, sandbox: string | null) {
    this.blocks = blocks;
    this.#head = head;
    this.#sandbox = sandbox;
  }

  /**
   * @throws {BlockCorruptError | BlockUnsupportedError | WalUnsupportedError} something cannot be read
   * @throws the system's error
   */
  static async open(options: ReadOnlyTsdbOptions): Promise<ReadOnlyTsdb> {
    const blocks: Block[] = [];
    let sandbox: string | null = null;
    try {
      for (const name of readdirSync(options.directory))
        if (isUlid(name)) blocks.push(Block.open(join(options.directory, name)));
      blocks.sort((left, right) => left.meta.minTime - right.meta.minTime);
      const blocksEndMs = inOrderEndMs(blocks);
      const { maxTimeMs = Number.POSITIVE_INFINITY } = options;
      if (maxTimeMs < blocksEndMs || !existsSync(join(options.directory, "wal")))
        return new ReadOnlyTsdb(blocks, null, null);
      sandbox = mkdtempSync(join(options.sandboxParent ?? options.directory, "tmp_dbro_sandbox"));
      const head = await openCopy(options, sandbox, blocksEndMs);
      return new ReadOnlyTsdb(blocks, head, sandbox);
    } catch (error) {
      for (const block of blocks) block.close();
      if (sandbox !== null) rmSync(sandbox, { recursive: true, force: true });
      throw error;
    }
  }

  select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection> {
    return selectFromAll(this.#sources(), query, signal);
  }

  /** The series that one of the selectors accepts, each once. @param matcherSets an empty one accepts all series */
  async selectAny(
    matcherSets: readonly (readonly Matcher[])[],
    range: { readonly minTimeMs: number; readonly maxTimeMs: number },
  ): Promise<SeriesSelection> {
    const selections: SeriesSelection[] = [];
    for (const matchers of matcherSets) selections.push(await this.select({ matchers, ...range }));
    return mergeSelections(selections);
  }

  labelNames(query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    return textsFromAll(this.#sources(), query, (source) => source.labelNames(query, signal));
  }

  labelValues(name: string, query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    return textsFromAll(this.#sources(), query, (source) => source.labelValues(name, query, signal));
  }

  async close(): Promise<void> {
    for (const block of this.blocks) block.close();
    await this.#head?.close();
    if (this.#sandbox !== null) rmSync(this.#sandbox, { recursive: true, force: true });
  }

  #sources(): readonly Queryable[] {
    return this.#head === null ? this.blocks : [...this.blocks, this.#head];
  }
}

async function openCopy(options: ReadOnlyTsdbOptions, sandbox: string, blocksEndMs: number): Promise<HeadStore> {
  const { directory, clock, log, onReplayProgress } = options;
  // Chunks that are written meanwhile are in the log, too, so that one is copied last.
  for (const name of ["chunks_head", "wbl", "wal"]) copyFiles(join(directory, name), join(sandbox, name));
  return HeadStore.open({
    directory: sandbox,
    clock,
    log,
    minValidTimeMs: blocksEndMs,
    retentionMs: Number.POSITIVE_INFINITY,
    ...(onReplayProgress !== undefined && { onReplayProgress }),
  });
}

/** Without taking room for them where the file system can share it. */
function copyFiles(source: string, target: string): void {
  if (!existsSync(source)) return;
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) copyFiles(from, to);
    else if (entry.isFile()) copyFile(from, to);
  }
}

function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    // Dropped meanwhile by whoever uses the directory: what it held is in a block or in a checkpoint.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

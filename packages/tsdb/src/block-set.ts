import { readdirSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { assert, type Log } from "@tatou/model";
import { Block } from "./block/block.ts";
import { isUlid } from "./block/ulid.ts";
import { unfinishedBlockSuffix } from "./block/write-block.ts";
import { BlockCorruptError, BlockMisnamedError, BlockUnsupportedError } from "./errors.ts";

/** A block that does not serve, and why. */
export interface BlockTrouble {
  readonly ulid: string;
  readonly reason: string;
  /** The name its directory has now; null when it was left where it is. */
  readonly movedTo: string | null;
}

/** Blocks that somebody reads: they stay open, and on disk, until `release`. */
export interface BlockLease {
  /** By time. */
  readonly blocks: readonly Block[];
  /** Exactly once. */
  release(): void;
}

export interface BlockSetOptions {
  readonly directory: string;
  readonly log: Log;
}

/** While it is being deleted, a block's directory has this behind its name. */
const deletionSuffix = ".tmp-for-deletion";
const corruptSuffix = ".corrupt";

/** The blocks of a data directory. */
export class BlockSet {
  readonly #directory: string;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  #blocks: readonly Block[] = [];
  readonly #troubles = new Map<string, BlockTrouble>();
  readonly #removals = new Set<Promise<void>>();
  reloadCount = 0;

  private constructor({ directory, log }: BlockSetOptions) {
    this.#directory = directory;
    this.#log = log;
  }

  /**
   * Opens all blocks, after removing what a crash left half made or half deleted. Damaged ones are set aside by name.
   *
   * @throws {BlockUnsupportedError} a block is sound, but this store cannot read it; nothing was changed
   */
  static async open(options: BlockSetOptions): Promise<BlockSet> {
    const set = new BlockSet(options);
    try {
      set.#removeLeftovers();
      await set.#load({ isStart: true });
      set.#settle();
      return set;
    } catch (error) {
      for (const { block } of set.#entries.values()) block.close();
      throw error;
    }
  }

  /** By time. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  get troubles(): readonly BlockTrouble[] {
    return [...this.#troubles.values()];
  }

  get sizeBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  }

  /**
   * Looks at the directory again: opens blocks that have come, lets go of those that are gone, and deletes those that
   * others were made of.
   */
  async reload(): Promise<void> {
    this.reloadCount++;
    await this.#load({ isStart: false });
    this.#settle();
  }

  /** The blocks with a part in the range. */
  acquire({ minTimeMs, maxTimeMs }: { readonly minTimeMs: number; readonly maxTimeMs: number }): BlockLease {
    const blocks = this.#blocks.filter(({ meta }) => meta.minTime <= maxTimeMs && meta.maxTime > minTimeMs);
    const entries = blocks.map((block) => this.#entries.get(block.meta.ulid)!);
    for (const entry of entries) entry.userCount++;
    return {
      blocks,
      release: () => {
        for (const entry of entries) this.#release(entry);
      },
    };
  }

  /** Takes blocks out of the set and off the disk; those that are being read, when that ends. */
  remove(blocks: readonly Block[]): void {
    for (const block of blocks) {
      const entry = this.#entries.get(block.meta.ulid);
      assert(entry?.block === block, "a block that is removed is in the set");
      this.#drop(entry, true);
    }
    this.#sort();
  }

  /** Opens a block anew, whose files have changed. */
  async reopen(block: Block): Promise<void> {
    const entry = this.#entries.get(block.meta.ulid);
    assert(entry?.block === block, "a block that is reopened is in the set");
    const fresh = await Block.openInTurns(block.directory);
    this.#drop(entry, false);
    this.#entries.set(fresh.meta.ulid, newEntry(fresh));
    this.#sort();
  }

  /** Resolves when what was removed is off the disk, except for blocks that are being read. */
  async removed(): Promise<void> {
    while (this.#removals.size > 0) await Promise.all(this.#removals);
  }

  /** Lets go of all blocks; those that are being read stay readable until their release. */
  async close(): Promise<void> {
    for (const entry of this.#entries.values()) this.#drop(entry, false);
    this.#sort();
    await this.removed();
  }

  #removeLeftovers(): void {
    for (const name of readdirSync(this.#directory)) {
      const suffix = [unfinishedBlockSuffix, deletionSuffix, ".tmp"].find((candidate) => name.endsWith(candidate));
      if (suffix === undefined || !isUlid(name.slice(0, -suffix.length))) continue;
      rmSync(join(this.#directory, name), { recursive: true, force: true });
      this.#log.info(`Removed ${name}, which a run before did not finish`);
    }
  }

  async #load({ isStart }: { isStart: boolean }): Promise<void> {
    const names = new Set(readdirSync(this.#directory).filter(isUlid));
    for (const [ulid, entry] of this.#entries) if (!names.has(ulid)) this.#drop(entry, false);
    for (const ulid of this.#troubles.keys()) {
      if (this.#troubles.get(ulid)!.movedTo === null && !names.has(ulid)) this.#troubles.delete(ulid);
    }
    const damaged = new Map<string, BlockCorruptError>();
    for (const ulid of names) {
      if (this.#entries.has(ulid)) continue;
      try {
        await this.#add(ulid);
        this.#troubles.delete(ulid);
      } catch (error) {
        // A block that came while the store runs may still be on its way: it is left alone and tried again.
        if (error instanceof BlockMisnamedError) this.#note({ ulid, reason: error.message, movedTo: null });
        else if (isStart && error instanceof BlockCorruptError) damaged.set(ulid, error);
        else if (isStart || !isOfBlock(error)) throw error;
        else this.#note({ ulid, reason: error.message, movedTo: null });
      }
    }
    const replaced = this.#replaced();
    for (const [ulid, error] of damaged) {
      if (replaced.has(ulid)) this.#delete(ulid);
      else this.#setAside(ulid, error);
    }
  }

  async #add(ulid: string): Promise<void> {
    const block = await Block.openInTurns(join(this.#directory, ulid));
    if (block.meta.ulid !== ulid) {
      block.close();
      throw new BlockMisnamedError(block.directory, block.meta.ulid);
    }
    this.#entries.set(ulid, newEntry(block));
  }

  /** Deletes blocks that others were made of, and those without samples. */
  #settle(): void {
    const replaced = this.#replaced();
    for (const [ulid, entry] of this.#entries) {
      if (replaced.has(ulid) || entry.block.meta.compaction.deletable === true) this.#drop(entry, true);
    }
    this.#sort();
  }

  /** Blocks that others of the set were made of. */
  #replaced(): ReadonlySet<string> {
    const parents = [...this.#entries.values()].flatMap(({ block }) => block.meta.compaction.parents ?? []);
    return new Set(parents.map(({ ulid }) => ulid));
  }

  #setAside(ulid: string, { message }: BlockCorruptError): void {
    const name = this.#freeName(`${ulid}${corruptSuffix}`);
    renameSync(join(this.#directory, ulid), join(this.#directory, name));
    this.#note({ ulid, reason: message, movedTo: name });
  }

  #freeName(wanted: string): string {
    const taken = new Set(readdirSync(this.#directory));
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
    return name;
  }

  #note(trouble: BlockTrouble): void {
    const { ulid, reason, movedTo } = trouble;
    if (this.#troubles.get(ulid)?.reason === reason) return;
    this.#troubles.set(ulid, trouble);
    const outcome = movedTo === null ? "it does not serve" : `it was set aside as ${movedTo}`;
    this.#log.error(`Block ${ulid} cannot be used, ${outcome}: ${reason}`);
  }

  #drop(entry: Entry, isDeleted: boolean): void {
    const { ulid } = entry.block.meta;
    if (isDeleted) entry.isDeleted = true;
    entry.isDropped = true;
    if (this.#entries.get(ulid) === entry && !isDeleted) this.#entries.delete(ulid);
    if (entry.userCount === 0) this.#end(entry);
  }

  #release(entry: Entry): void {
    entry.userCount--;
    assert(entry.userCount >= 0, "a lease is released once");
    if (entry.userCount === 0 && entry.isDropped) this.#end(entry);
  }

  #end(entry: Entry): void {
    entry.block.close();
    if (!entry.isDeleted) return;
    this.#entries.delete(entry.block.meta.ulid);
    this.#delete(entry.block.meta.ulid);
  }

  #delete(ulid: string): void {
    const removal = removeDirectory(join(this.#directory, ulid)).then(
      () => this.#log.info(`Deleted block ${ulid}`),
      (error: Error) => this.#log.error(`Block ${ulid} could not be deleted: ${error.message}`),
    );
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }

  #sort(): void {
    const serving = [...this.#entries.values()].filter(({ isDropped }) => !isDropped).map(({ block }) => block);
    this.#blocks = serving.sort((left, right) => left.meta.minTime - right.meta.minTime);
  }
}

interface Entry {
  readonly block: Block;
  /** Leases on it. */
  userCount: number;
  /** Out of the set: closed with its last lease. */
  isDropped: boolean;
  /** Off the disk, too. Until then its name stays among the entries, so that it is not opened again. */
  isDeleted: boolean;
}

function newEntry(block: Block): Entry {
  return { block, userCount: 0, isDropped: false, isDeleted: false };
}

function isOfBlock(error: unknown): error is Error {
  return error instanceof BlockCorruptError || error instanceof BlockUnsupportedError;
}

/** In two steps, so that a crash between them leaves nothing that looks like a block. Large files take their time. */
async function removeDirectory(path: string): Promise<void> {
  const doomed = path + deletionSuffix;
  renameSync(path, doomed);
  await rm(doomed, { recursive: true, force: true });
}

import { randomBytes } from "node:crypto";
import { sep } from "node:path";
import type { Clock, Log } from "@tatou/model";
import type { Block } from "../block/block.ts";
import type { BlockMeta } from "../block/block-meta.ts";
import { writeBlockMeta } from "../block/block-meta-file.ts";
import { inOrderEndMs } from "../block/in-order-end.ts";
import { newUlid } from "../block/ulid.ts";
import type { BlockSet } from "../block-set.ts";
import { CompactionFailedError } from "../errors.ts";
import type { HeadCut } from "../head/head-cut.ts";
import type { HeadStore } from "../head-store.ts";
import type { CompactionRunner } from "./compaction-runner.ts";
import type { CompactionResult, CompactionTask, PlannedBlock } from "./compaction-task.ts";
import { lateWindows, type TimeWindow } from "./late-windows.ts";
import { planCompaction } from "./planner.ts";

export interface CompactorOptions {
  readonly directory: string;
  readonly head: HeadStore;
  readonly blocks: BlockSet;
  readonly runner: CompactionRunner;
  readonly clock: Clock;
  readonly log: Log;
  /** Lengths of blocks by level, see `blockRanges`. */
  readonly ranges: readonly number[];
  /** Whether blocks that are merged get longer chunks in a better encoding. */
  readonly isRecompressed: boolean;
  /** Hears how long each compaction took, failed ones too. */
  readonly onCompaction?: ((durationMs: number) => void) | undefined;
}

/** A stretch of the head to be written. */
interface HeadStretch {
  readonly cut: HeadCut;
  readonly isOutOfOrder: boolean;
  /** Where the blocks are put. */
  readonly directory: string;
  readonly windows: readonly TimeWindow[];
}

/**
 * A damaged chunk of the head ends so many compactions in a row before it is left out: what cannot be read for a moment is
 * not lost, and after a restart its samples come from the log.
 */
const damagePatience = 3;

/** Turns head into blocks and blocks into larger ones. One method runs at a time; all end early when the signal says so. */
export class Compactor {
  compactionCount = 0;
  failureCount = 0;
  /** Merges of blocks that overlapped. */
  verticalCount = 0;
  /** Chunks of the head that could not be read; their samples are in no block. */
  leftOutCount = 0;
  /** Time spent, all in all. */
  durationMs = 0;
  /** Whether a block is being written. */
  isWriting = false;
  readonly #options: CompactorOptions;
  /** Compactions of the head in a row that damage ended. */
  #damagedRuns = 0;

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  /** Whether the head holds so much more than a block that one can be cut from its old end. */
  isHeadDue(): boolean {
    const { head, ranges, clock } = this.#options;
    // A sample from the future makes nothing older that is now.
    return Math.min(head.maxTimeMs, clock.nowMs()) - head.blockStartMs > 1.5 * ranges[0]!;
  }

  /** Writes blocks of the head's old end, as long as it is due. @returns whether it was */
  async compactHead(signal: AbortSignal): Promise<boolean> {
    const { head, directory, ranges } = this.#options;
    let wasDue = false;
    while (this.isHeadDue() && !signal.aborted) {
      wasDue = true;
      const startMs = head.blockStartMs;
      const endMs = (Math.floor(startMs / ranges[0]!) + 1) * ranges[0]!;
      const cut = await head.cutInTurns(startMs, endMs);
      try {
        const stretch = { cut, directory, isOutOfOrder: false, windows: [{ startMs, endMs }] };
        await this.#writeHead(stretch, signal);
        if (signal.aborted) break;
        await head.truncateInTurns(endMs);
      } finally {
        head.release(cut);
      }
    }
    return wasDue;
  }

  /** Writes what came out of order into blocks of their own; the next merge of blocks puts them with the others. */
  async compactOutOfOrder(signal: AbortSignal): Promise<void> {
    const { head, directory } = this.#options;
    if (!head.hasOutOfOrder || signal.aborted) return;
    const cut = head.cutOutOfOrder();
    try {
      const windows = lateWindows(cut, this.#options.ranges[0]!);
      await this.#writeHead({ cut, directory, isOutOfOrder: true, windows }, signal);
      if (!signal.aborted) head.truncateOutOfOrder(cut);
    } finally {
      head.release(cut);
    }
  }

  /** Merges blocks as long as there are some to be merged. @param waitsForHead stops when the head is due */
  async compactBlocks(signal: AbortSignal, { waitsForHead }: { readonly waitsForHead: boolean }): Promise<void> {
    const { blocks, ranges, clock } = this.#options;
    const goesOn = (): boolean => !signal.aborted && !(waitsForHead && this.isHeadDue());
    while (goesOn()) {
      const metas = blocks.blocks.map(({ meta }) => meta);
      const plan = planCompaction(metas, { ranges, inOrderEndMs: inOrderEndMs(blocks.blocks, clock.nowMs()) });
      if (plan.length === 0) return;
      if (plan.length > 1 && overlap(plan)) this.verticalCount++;
      await this.#merge(
        blocks.blocks.filter(({ meta }) => plan.includes(meta)),
        signal,
      );
    }
  }

  /** Writes blocks of which something was deleted anew, without it. */
  async cleanTombstones(signal: AbortSignal): Promise<void> {
    const { blocks } = this.#options;
    for (const block of blocks.blocks) {
      if (signal.aborted) return;
      if (block.hasTombstones) await this.#merge([block], signal);
    }
  }

  /** Writes all that is in the head as blocks into another directory, and leaves the head as it is. */
  async copyHead(directory: string, signal: AbortSignal): Promise<void> {
    const { head } = this.#options;
    if (head.minTimeMs <= head.maxTimeMs) {
      const window = { startMs: head.minTimeMs, endMs: head.maxTimeMs + 1 };
      const cut = await head.cutInTurns(window.startMs, window.endMs);
      await this.#copyCut({ cut, directory, isOutOfOrder: false, windows: [window] }, signal);
    }
    if (head.hasOutOfOrder) {
      const cut = head.cutOutOfOrder();
      const windows = lateWindows(cut, this.#options.ranges[0]!);
      await this.#copyCut({ cut, directory, isOutOfOrder: true, windows }, signal);
    }
  }

  async #copyCut(stretch: HeadStretch, signal: AbortSignal): Promise<void> {
    try {
      await this.#run(this.#headTask(stretch, false), signal);
    } finally {
      this.#options.head.release(stretch.cut);
    }
  }

  async #writeHead(stretch: HeadStretch, signal: AbortSignal): Promise<void> {
    const { blocks, log } = this.#options;
    const { metas, leftOutCount } = await this.#runOnHead(stretch, signal);
    if (signal.aborted) return;
    await blocks.reload();
    this.#expectServing(metas);
    for (const { ulid, stats } of metas) {
      log.info(`Wrote block ${ulid} of the head: ${stats.numSeries} series, ${stats.numSamples} samples`);
    }
    if (leftOutCount === 0) return;
    this.leftOutCount += leftOutCount;
    log.error(`The samples of ${leftOutCount} damaged chunks of the head are lost: blocks were written without them`);
  }

  async #runOnHead(stretch: HeadStretch, signal: AbortSignal): Promise<CompactionResult> {
    try {
      const result = await this.#run(this.#headTask(stretch, this.#damagedRuns >= damagePatience), signal);
      this.#damagedRuns = 0;
      return result;
    } catch (error) {
      if (error instanceof CompactionFailedError && error.isDamage) this.#damagedRuns++;
      throw error;
    }
  }

  #headTask({ cut, directory, isOutOfOrder, windows }: HeadStretch, leavesOutDamage: boolean): CompactionTask {
    const planned = windows.map((window): PlannedBlock => ({ ulid: this.#newUlid(), ...window }));
    return { kind: "head", directory, cut, blocks: planned, isOutOfOrder, leavesOutDamage };
  }

  async #merge(sources: readonly Block[], signal: AbortSignal): Promise<void> {
    const { directory, blocks, isRecompressed, log } = this.#options;
    const ulids = sources.map(({ meta }) => meta.ulid);
    let result: CompactionResult;
    try {
      const task: CompactionTask = { kind: "blocks", directory, sources: ulids, ulid: this.#newUlid(), isRecompressed };
      result = await this.#run(task, signal);
    } catch (error) {
      if (!(error instanceof CompactionFailedError) || !error.isDamage) throw error;
      log.error(`Blocks ${ulids.join(", ")} stay as they are: ${error.message}`);
      const damaged = sources.filter((block) => error.path?.startsWith(block.directory + sep) === true);
      for (const block of damaged.length > 0 ? damaged : sources) await this.#markFailed(block);
      return;
    }
    if (signal.aborted) return;
    const { metas } = result;
    if (metas.length === 0) blocks.remove(sources);
    else await blocks.reload();
    this.#expectServing(metas);
    for (const { ulid } of metas) log.info(`Wrote block ${ulid} of ${ulids.join(", ")}`);
  }

  /** Notes, for restarts too, that a block is not to be merged. */
  async #markFailed(block: Block): Promise<void> {
    const { meta } = block;
    writeBlockMeta(block.directory, { ...meta, compaction: { ...meta.compaction, failed: true } });
    await this.#options.blocks.reopen(block);
  }

  async #run(task: CompactionTask, signal: AbortSignal): Promise<CompactionResult> {
    const { clock, runner } = this.#options;
    const startedMs = clock.monotonicMs();
    this.isWriting = true;
    try {
      const result = await runner.run(task, signal);
      this.compactionCount++;
      return result;
    } catch (error) {
      this.failureCount++;
      throw error;
    } finally {
      this.isWriting = false;
      const durationMs = clock.monotonicMs() - startedMs;
      this.durationMs += durationMs;
      this.#options.onCompaction?.(durationMs);
    }
  }

  /** What was written is dropped elsewhere only when it can be read here. */
  #expectServing(written: readonly BlockMeta[]): void {
    const { blocks } = this.#options.blocks;
    const absent = written.filter(({ ulid }) => !blocks.some(({ meta }) => meta.ulid === ulid));
    if (absent.length === 0) return;
    throw new CompactionFailedError(`block ${absent[0]!.ulid} was written, but does not open`);
  }

  #newUlid(): string {
    return newUlid(Math.floor(this.#options.clock.nowMs()), randomBytes(10));
  }
}

function overlap(byTime: readonly BlockMeta[]): boolean {
  return byTime.some(({ minTime }, index) => byTime.slice(0, index).some((before) => before.maxTime > minTime));
}

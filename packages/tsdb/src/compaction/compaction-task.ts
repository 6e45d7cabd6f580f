import { rmSync } from "node:fs";
import { join } from "node:path";
import { Block } from "../block/block.ts";
import type { BlockMeta } from "../block/block-meta.ts";
import type { SeriesStream } from "../block/series-stream.ts";
import { writeBlock } from "../block/write-block.ts";
import type { HeadCut } from "../head/head-cut.ts";
import { type ChunkDamage, headCutStream } from "../head/head-cut-stream.ts";
import { mergedCompaction } from "./merged-compaction.ts";
import { mergeStreams } from "./merged-stream.ts";

/** What a thread can be asked to do: data only. */
export type CompactionTask = HeadTask | BlocksTask;

/** A stretch of the head becomes blocks. */
export interface HeadTask {
  readonly kind: "head";
  /** Where the blocks are put. */
  readonly directory: string;
  readonly cut: HeadCut;
  readonly blocks: readonly PlannedBlock[];
  readonly isOutOfOrder: boolean;
  /** Whether damaged chunks are left out; otherwise the first one ends the work. */
  readonly leavesOutDamage: boolean;
}

/** A block to be, over [startMs, endMs). */
export interface PlannedBlock {
  readonly ulid: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Blocks become one, without what was deleted of them. */
export interface BlocksTask {
  readonly kind: "blocks";
  /** Where the blocks are, and the new one is put. */
  readonly directory: string;
  readonly sources: readonly string[];
  readonly ulid: string;
  /** Whether chunks are put together and encoded anew. */
  readonly isRecompressed: boolean;
}

/** What came of a task: data only. */
export interface CompactionResult {
  /** The blocks that were written: those without samples are left out, and all when the work was cancelled. */
  readonly metas: readonly BlockMeta[];
  /** Chunks of the head that could not be read and are in none of them. */
  readonly leftOutCount: number;
}

/**
 * Does a task, in any thread.
 *
 * @param isCancelled asked now and then
 * @throws {BlockCorruptError | HeadChunkCorruptError | CodecError} a source is damaged
 */
export function runCompactionTask(task: CompactionTask, isCancelled: () => boolean): CompactionResult {
  switch (task.kind) {
    case "head":
      return writeHeadBlocks(task, isCancelled);
    case "blocks":
      return writeMergedBlock(task, isCancelled);
  }
}

const nothing: CompactionResult = { metas: [], leftOutCount: 0 };

function writeHeadBlocks(task: HeadTask, isCancelled: () => boolean): CompactionResult {
  const damage: ChunkDamage | null = task.leavesOutDamage ? { leftOutCount: 0 } : null;
  const written: BlockMeta[] = [];
  let isDone = false;
  try {
    for (const block of task.blocks) {
      const cut = { ...task.cut, startMs: block.startMs, endMs: block.endMs };
      const meta = writeHeadBlock(task, block, { stream: headCutStream(cut, damage), isCancelled });
      if (isCancelled()) return nothing;
      if (meta !== null) written.push(meta);
    }
    isDone = true;
    return { metas: written, leftOutCount: damage?.leftOutCount ?? 0 };
  } finally {
    // The stretch stays in the head: what is in blocks already would be there twice.
    if (!isDone) for (const { ulid } of written) rmSync(join(task.directory, ulid), { recursive: true, force: true });
  }
}

function writeHeadBlock(
  task: HeadTask,
  { ulid, startMs, endMs }: PlannedBlock,
  { stream, isCancelled }: { readonly stream: SeriesStream; readonly isCancelled: () => boolean },
): BlockMeta | null {
  const hints = task.isOutOfOrder ? { hints: ["from-out-of-order"] } : {};
  return writeBlock({
    parentDirectory: task.directory,
    ulid,
    minTimeMs: startMs,
    maxTimeMs: endMs,
    compaction: { level: 1, sources: [ulid], ...hints },
    stream: mergeStreams([stream], { samplesPerChunk: null }),
    isCancelled,
  });
}

function writeMergedBlock(task: BlocksTask, isCancelled: () => boolean): CompactionResult {
  const blocks: Block[] = [];
  try {
    for (const source of task.sources) blocks.push(Block.open(join(task.directory, source)));
    const metas = blocks.map(({ meta }) => meta);
    const compaction = mergedCompaction(metas);
    const meta = writeBlock({
      parentDirectory: task.directory,
      ulid: task.ulid,
      minTimeMs: Math.min(...metas.map(({ minTime }) => minTime)),
      maxTimeMs: Math.max(...metas.map(({ maxTime }) => maxTime)),
      compaction,
      stream: mergeStreams(
        blocks.map((block) => block.stream()),
        { samplesPerChunk: task.isRecompressed ? samplesPerChunkAt(compaction.level) : null },
      ),
      isCancelled,
    });
    return meta === null ? nothing : { metas: [meta], leftOutCount: 0 };
  } finally {
    for (const block of blocks) block.close();
  }
}

/**
 * Long chunks are smaller, and cost a query that wants a little of them more. What is asked often is young.
 * See docs/decisions/0009-long-chunks-in-old-blocks.md.
 */
function samplesPerChunkAt(level: number): number | null {
  if (level < 2) return null;
  return level === 2 ? 240 : 480;
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Block, BlockCorruptError, BlockUnsupportedError, isUlid } from "@tatou/tsdb";
import type { BlockRow } from "./block-table.ts";

export interface OpenBlocks {
  /** By their time. */
  readonly blocks: readonly Block[];
  /** Why others could not be opened. */
  readonly problems: readonly (BlockCorruptError | BlockUnsupportedError)[];
}

/** Opens all blocks of a data directory, be it in use or not. @throws the system's error */
export function openBlocks(directory: string): OpenBlocks {
  const blocks: Block[] = [];
  const problems: (BlockCorruptError | BlockUnsupportedError)[] = [];
  for (const name of readdirSync(directory)) {
    if (!isUlid(name)) continue;
    try {
      blocks.push(Block.open(join(directory, name)));
    } catch (error) {
      if (!(error instanceof BlockCorruptError || error instanceof BlockUnsupportedError)) throw error;
      problems.push(error);
    }
  }
  return { blocks: blocks.sort((left, right) => left.meta.minTime - right.meta.minTime), problems };
}

export function blockRow({ ulid, meta, sizeBytes }: Block): BlockRow {
  const { minTime, maxTime, stats } = meta;
  const { numSamples, numChunks, numSeries } = stats;
  return { ulid, minTime, maxTime, numSamples, numChunks, numSeries, sizeBytes };
}

/** @throws {BlockCorruptError} */
export function readBlockRow(directory: string): BlockRow {
  const block = Block.open(directory);
  try {
    return blockRow(block);
  } finally {
    block.close();
  }
}

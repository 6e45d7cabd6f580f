import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { AssertionError, type Labels } from "@tatou/model";
import { Block } from "../block/block.ts";
import type { BlockMeta } from "../block/block-meta.ts";
import type { SeriesStream } from "../block/series-stream.ts";
import { newUlid } from "../block/ulid.ts";
import { writeBlock } from "../block/write-block.ts";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { mergeStreams } from "../compaction/merged-stream.ts";
import { BlockCorruptError } from "../errors.ts";

export interface SalvagedBlock {
  /** The block that holds what is sound of the damaged one. */
  readonly meta: BlockMeta;
  readonly seriesLostCount: number;
  readonly samplesLostCount: number;
}

/**
 * Writes what can be read of a damaged block as a new block beside it: every series of which nothing is damaged.
 *
 * @returns null when nothing can be taken over, because meta.json or the tables of the index are gone
 */
export function salvageBlock(directory: string, nowMs: number): SalvagedBlock | null {
  let block: Block;
  try {
    block = Block.open(directory);
  } catch (error) {
    if (error instanceof BlockCorruptError) return null;
    throw error;
  }
  try {
    const { minTime, maxTime, stats, compaction } = block.meta;
    const sound = new SoundSeries(block.stream());
    const meta = writeBlock({
      parentDirectory: dirname(directory),
      ulid: newUlid(nowMs, randomBytes(10)),
      minTimeMs: minTime,
      maxTimeMs: maxTime,
      compaction: { level: compaction.level, sources: compaction.sources },
      // Chunks of a damaged series may overlap.
      stream: mergeStreams([sound], { samplesPerChunk: null }),
    });
    if (meta === null) return null;
    return {
      meta,
      seriesLostCount: sound.lostCount,
      samplesLostCount: Math.max(0, stats.numSamples - meta.stats.numSamples),
    };
  } catch (error) {
    // Series that are out of order are more than a damaged series.
    if (error instanceof BlockCorruptError || error instanceof AssertionError) return null;
    throw error;
  } finally {
    block.close();
  }
}

/** The series of a stream that can be read, in the order that a block needs. */
class SoundSeries implements SeriesStream {
  lostCount = 0;
  readonly #stream: SeriesStream;

  constructor(stream: SeriesStream) {
    this.#stream = stream;
  }

  get labels(): Labels {
    return this.#stream.labels;
  }

  get chunks(): readonly ChunkData[] {
    return this.#stream.chunks;
  }

  symbols(): Iterable<string> {
    return this.#stream.symbols();
  }

  next(): boolean {
    for (;;) {
      try {
        return this.#stream.next();
      } catch (error) {
        if (!(error instanceof BlockCorruptError)) throw error;
        this.lostCount++;
      }
    }
  }

  close(): void {
    this.#stream.close();
  }
}

import { newSampleColumn } from "@tatou/model";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import type { ChunkEncoding } from "../chunk/chunk-encoding.ts";
import { isChunkDamage } from "../errors.ts";
import { type HeadCut, looseChunks } from "../head/head-cut.ts";
import { HeadChunkReader } from "../head-chunks/head-chunk-reader.ts";
import { clearSamples } from "../query/sample-columns.ts";

/** [startMs, endMs) */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Above this many, windows are made longer: each will be a block. */
const windowCountMax = 64;
const growth = 3;

/**
 * The windows in which a cut of late samples has some, by time. One pass over its chunks: a sample with a wrong time may
 * lie years away from the others, and then there is nothing in between.
 *
 * @param lengthMs of the windows, which begin at multiples of it; longer when there would be too many
 */
export function lateWindows(cut: HeadCut, lengthMs: number): readonly TimeWindow[] {
  const found = windowStarts(cut, lengthMs);
  let grownMs = lengthMs;
  let starts = found;
  while (starts.size > windowCountMax) {
    grownMs *= growth;
    starts = new Set([...found].map((startMs) => Math.floor(startMs / grownMs) * grownMs));
  }
  return [...starts].sort((left, right) => left - right).map((startMs) => ({ startMs, endMs: startMs + grownMs }));
}

function windowStarts(cut: HeadCut, lengthMs: number): Set<number> {
  const starts = new Set<number>();
  const times = new ChunkTimes(cut);
  for (let chunk = 0; chunk < cut.chunkEncodings.length; chunk++) {
    const first = Math.floor(cut.chunkMinTimesMs[chunk]! / lengthMs);
    const last = Math.floor(cut.chunkMaxTimesMs[chunk]! / lengthMs);
    starts.add(first * lengthMs);
    starts.add(last * lengthMs);
    if (last - first < 2) continue;
    for (const timeMs of times.of(chunk)) starts.add(Math.floor(timeMs / lengthMs) * lengthMs);
  }
  times.close();
  return starts;
}

/** Reads the times of chunks; of those that are damaged, none. */
class ChunkTimes {
  readonly #cut: HeadCut;
  readonly #files: HeadChunkReader;
  readonly #decoder = new ChunkDecoder();
  readonly #column = newSampleColumn(120, { histograms: true, startTimes: false });

  constructor(cut: HeadCut) {
    this.#cut = cut;
    this.#files = new HeadChunkReader(cut.chunksHeadDirectory);
  }

  of(chunk: number): Float64Array {
    clearSamples(this.#column);
    try {
      const { chunkFiles, chunkAddresses, chunkEncodings, looseChunks: loose } = this.#cut;
      const [file, address] = [chunkFiles[chunk]!, chunkAddresses[chunk]!];
      const bytes = file === looseChunks ? loose[address]! : this.#files.read(file, address).bytes;
      this.#decoder.decodeInto({ encoding: chunkEncodings[chunk]! as ChunkEncoding, bytes }, this.#column);
    } catch (error) {
      // Whoever writes the chunk meets the damage too, and says so.
      if (!isChunkDamage(error)) throw error;
    }
    return this.#column.timesMs.subarray(0, this.#column.count);
  }

  close(): void {
    this.#files.close();
  }
}

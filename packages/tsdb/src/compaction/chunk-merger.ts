import { assert, newSampleColumn, type SampleColumn } from "@tatou/model";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { chunkEncoding } from "../chunk/chunk-encoding.ts";
import { chunkSampleCount } from "../chunk/chunk-sample-count.ts";
import { clearSamples, mergeSamples } from "../query/sample-columns.ts";

export interface ChunkMergerOptions {
  /**
   * Chunks are put together to so many samples, in the shortest encoding there is. Null: what stands alone in its time
   * is copied.
   */
  readonly samplesPerChunk: number | null;
}

/** As in a head; what is encoded anew only because it overlapped should look like its neighbours. */
const samplesPerChunkDefault = 120;

/** Makes of the chunks of one series, from several sources, chunks that do not overlap. Keeps buffers. */
export class ChunkMerger {
  readonly #options: ChunkMergerOptions;
  readonly #decoder = new ChunkDecoder();
  readonly #encoder = new ChunkEncoder();
  /** Columns by the parts they have. */
  readonly #benches = new Map<number, Bench>();

  constructor(options: ChunkMergerOptions) {
    this.#options = options;
  }

  /**
   * @param chunks in any order; where several have a sample at one time, one of them stays
   * @throws {CodecError} a chunk that has to be decoded is damaged
   */
  merge(chunks: readonly ChunkData[]): readonly ChunkData[] {
    const { samplesPerChunk } = this.#options;
    const sorted = distinct([...chunks].sort((left, right) => left.minTimeMs - right.minTimeMs));
    if (samplesPerChunk !== null && isWorthRewriting(sorted, samplesPerChunk)) return this.#rewritten(sorted);
    const merged: ChunkData[] = [];
    for (const group of overlapping(sorted)) {
      if (group.length === 1) merged.push(group[0]!);
      else merged.push(...this.#rewritten(group));
    }
    return merged;
  }

  /** @param chunks sorted by their beginning */
  #rewritten(chunks: readonly ChunkData[]): readonly ChunkData[] {
    const bench = this.#benchFor(chunks);
    clearSamples(bench.all);
    for (const [index, run] of runsOf(chunks).entries()) {
      if (index === 0) {
        this.#decode(run, bench.all);
        continue;
      }
      clearSamples(bench.run);
      this.#decode(run, bench.run);
      mergeSamples(bench.all, bench.run, bench.merged);
      const { all } = bench;
      bench.all = bench.merged;
      bench.merged = all;
    }
    const { samplesPerChunk } = this.#options;
    return this.#encoder.encodeColumn(bench.all, {
      samplesMax: samplesPerChunk ?? samplesPerChunkDefault,
      isBestWindows: samplesPerChunk !== null,
      keepStartTimes: bench.all.startTimesMs !== null,
    });
  }

  #decode(run: readonly ChunkData[], column: SampleColumn): void {
    for (const chunk of run) this.#decoder.decodeInto(chunk, column);
  }

  #benchFor(chunks: readonly ChunkData[]): Bench {
    const histograms = chunks.some(({ encoding }) => encoding !== chunkEncoding.xor && encoding !== chunkEncoding.xor2);
    const startTimes = chunks.some(({ encoding }) => encoding >= chunkEncoding.xor2);
    const key = (histograms ? 1 : 0) + (startTimes ? 2 : 0);
    const known = this.#benches.get(key);
    if (known !== undefined) return known;
    const column = () => newSampleColumn(512, { histograms, startTimes });
    const bench = { all: column(), run: column(), merged: column() };
    this.#benches.set(key, bench);
    return bench;
  }
}

interface Bench {
  all: SampleColumn;
  readonly run: SampleColumn;
  merged: SampleColumn;
}

/** Blocks that were made of the same head may hold the same chunk. */
function distinct(sorted: readonly ChunkData[]): readonly ChunkData[] {
  return sorted.filter((chunk, index) => index === 0 || !isSame(chunk, sorted[index - 1]!));
}

function isSame(left: ChunkData, right: ChunkData): boolean {
  if (left.minTimeMs !== right.minTimeMs || left.maxTimeMs !== right.maxTimeMs) return false;
  if (left.encoding !== right.encoding || left.bytes.length !== right.bytes.length) return false;
  return left.bytes.every((byte, index) => byte === right.bytes[index]);
}

/** Whether longer chunks would be fewer; those of before the last compaction are long already. */
function isWorthRewriting(chunks: readonly ChunkData[], samplesPerChunk: number): boolean {
  let sampleCount = 0;
  for (const { encoding, bytes } of chunks) sampleCount += chunkSampleCount(encoding, bytes);
  return chunks.length > Math.ceil(sampleCount / samplesPerChunk);
}

/** Chunks that overlap, directly or through others, in groups. */
function overlapping(sorted: readonly ChunkData[]): readonly (readonly ChunkData[])[] {
  const groups: ChunkData[][] = [];
  let maxTimeMs = Number.NEGATIVE_INFINITY;
  for (const chunk of sorted) {
    if (chunk.minTimeMs > maxTimeMs) groups.push([chunk]);
    else groups.at(-1)!.push(chunk);
    maxTimeMs = Math.max(maxTimeMs, chunk.maxTimeMs);
  }
  return groups;
}

/** Chunks in as few rows as it takes for none to overlap another in its row. */
function runsOf(sorted: readonly ChunkData[]): readonly (readonly ChunkData[])[] {
  const runs: ChunkData[][] = [];
  for (const chunk of sorted) {
    assert(chunk.minTimeMs <= chunk.maxTimeMs, "a chunk ends after its beginning");
    const run = runs.find((candidate) => candidate.at(-1)!.maxTimeMs < chunk.minTimeMs);
    if (run === undefined) runs.push([chunk]);
    else run.push(chunk);
  }
  return runs;
}

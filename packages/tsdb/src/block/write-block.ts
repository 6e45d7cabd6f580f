import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assert, compareLabels, type Labels } from "@tatou/model";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { chunkEncoding } from "../chunk/chunk-encoding.ts";
import { chunkSampleCount } from "../chunk/chunk-sample-count.ts";
import { syncDirectory } from "../wal/wal-directory.ts";
import { chunksDirectoryName, indexFileName } from "./block-layout.ts";
import type { BlockCompaction, BlockMeta } from "./block-meta.ts";
import { writeBlockMeta } from "./block-meta-file.ts";
import { ChunkSegmentWriter } from "./chunk-segment-writer.ts";
import { type ChunkPlace, IndexWriter } from "./index-writer.ts";
import type { SeriesStream } from "./series-stream.ts";
import { writeTombstones } from "./tombstones-file.ts";

export interface WriteBlockOptions {
  /** The block becomes a directory in it, named by its ULID. */
  readonly parentDirectory: string;
  readonly ulid: string;
  /** The block covers [minTimeMs, maxTimeMs). */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly compaction: BlockCompaction;
  /** Read to its end, and closed. The chunks of a series must not overlap; series without chunks are left out. */
  readonly stream: SeriesStream;
  /** Asked now and then: true ends the work, and nothing is left of it. */
  readonly isCancelled?: () => boolean;
  /** Told now and then how many series are written. */
  readonly onProgress?: (seriesCount: number) => void;
}

/** While it is being written, a block's directory has this behind its name. */
export const unfinishedBlockSuffix = ".tmp-for-creation";
const seriesPerQuestion = 1000;

/**
 * Writes a block. Its directory appears whole and durable, or not at all.
 *
 * @returns its meta.json; null when the stream had no samples, or the work was cancelled
 */
export function writeBlock(options: WriteBlockOptions): BlockMeta | null {
  const directory = join(options.parentDirectory, options.ulid);
  const unfinished = directory + unfinishedBlockSuffix;
  rmSync(unfinished, { recursive: true, force: true });
  try {
    mkdirSync(unfinished);
    const meta = fill(unfinished, options);
    if (meta !== null) {
      syncDirectory(join(unfinished, chunksDirectoryName));
      syncDirectory(unfinished);
      renameSync(unfinished, directory);
      syncDirectory(options.parentDirectory);
    }
    return meta;
  } finally {
    options.stream.close();
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function fill(directory: string, options: WriteBlockOptions): BlockMeta | null {
  const index = new IndexWriter(join(directory, indexFileName), options.stream.symbols());
  const chunks = new ChunkSegmentWriter(join(directory, chunksDirectoryName));
  try {
    const stats = writeSeries(index, chunks, options);
    if (stats === null || stats.numSeries === 0) return null;
    chunks.finish();
    index.finish();
    writeTombstones(directory, []);
    const { ulid, minTimeMs: minTime, maxTimeMs: maxTime, compaction } = options;
    const meta: BlockMeta = { ulid, minTime, maxTime, stats, compaction, version: 1 };
    writeBlockMeta(directory, meta);
    return meta;
  } finally {
    chunks.abandon();
    index.abandon();
  }
}

function writeSeries(
  index: IndexWriter,
  chunks: ChunkSegmentWriter,
  { stream, isCancelled, onProgress }: WriteBlockOptions,
): BlockMeta["stats"] | null {
  let numSeries = 0;
  let numChunks = 0;
  let numFloatSamples = 0;
  let numHistogramSamples = 0;
  let lastLabels: Labels | null = null;
  while (stream.next()) {
    if (stream.chunks.length === 0) continue;
    assert(lastLabels === null || compareLabels(lastLabels, stream.labels) < 0, "series are sorted, each once");
    lastLabels = stream.labels;
    index.addSeries(
      stream.labels,
      stream.chunks.map((chunk, position) => place(chunks, chunk, stream.chunks[position - 1])),
    );
    numSeries++;
    numChunks += stream.chunks.length;
    for (const chunk of stream.chunks) {
      if (isFloatChunk(chunk)) numFloatSamples += chunkSampleCount(chunk.encoding, chunk.bytes);
      else numHistogramSamples += chunkSampleCount(chunk.encoding, chunk.bytes);
    }
    if (numSeries % seriesPerQuestion > 0) continue;
    if (isCancelled?.() === true) return null;
    onProgress?.(numSeries);
  }
  const numSamples = numFloatSamples + numHistogramSamples;
  return { numSamples, numFloatSamples, numHistogramSamples, numSeries, numChunks };
}

function place(writer: ChunkSegmentWriter, chunk: ChunkData, before: ChunkData | undefined): ChunkPlace {
  const { minTimeMs, maxTimeMs } = chunk;
  assert(minTimeMs <= maxTimeMs, "a chunk ends after its beginning");
  assert(before === undefined || before.maxTimeMs < minTimeMs, "chunks of a series do not overlap");
  return { minTimeMs, maxTimeMs, reference: writer.add(chunk) };
}

function isFloatChunk({ encoding }: ChunkData): boolean {
  return encoding === chunkEncoding.xor || encoding === chunkEncoding.xor2;
}

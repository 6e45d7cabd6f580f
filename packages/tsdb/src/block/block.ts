import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Queryable, SeriesQuery, SeriesSelection } from "@tatou/model";
import { atOnce, inTurns, type Steps } from "../turns.ts";
import { type Cardinality, cardinalityOf } from "./block-cardinality.ts";
import { chunksDirectoryName, indexFileName, metaFileName, tombstonesFileName } from "./block-layout.ts";
import type { BlockMeta } from "./block-meta.ts";
import { readBlockMeta, writeBlockMeta } from "./block-meta-file.ts";
import { type BlockParts, BlockSelection } from "./block-selection.ts";
import { BlockStream } from "./block-stream.ts";
import { ChunkSegmentReader } from "./chunk-segment-reader.ts";
import { DeletedRanges, isDeleted, type TimeRange } from "./deleted-ranges.ts";
import { IndexReader } from "./index-reader.ts";
import { namesOf, valuesOf } from "./label-texts.ts";
import { matchingSeries } from "./matching-series.ts";
import { SeriesEntry } from "./series-entry.ts";
import { SeriesReader } from "./series-reader.ts";
import type { SeriesStream } from "./series-stream.ts";
import { readTombstones, writeTombstones } from "./tombstones-file.ts";

const everything: TimeRange = { minTimeMs: Number.NEGATIVE_INFINITY, maxTimeMs: Number.POSITIVE_INFINITY };

/** A block on disk, open for reading. Its files do not change, except for what is deleted of it. */
export class Block implements Queryable {
  readonly directory: string;
  #meta: BlockMeta;
  #parts: BlockParts;

  private constructor(directory: string, meta: BlockMeta, parts: BlockParts) {
    this.directory = directory;
    this.#meta = meta;
    this.#parts = parts;
  }

  /**
   * Opens a block and checks the tables of its index; series and chunks are checked when they are read.
   *
   * @throws {BlockCorruptError} a file is damaged or missing
   * @throws {BlockUnsupportedError} a file has a version that is not read here
   */
  static open(directory: string): Block {
    return atOnce(Block.#openInSteps(directory));
  }

  /** The same, while others have their turns. */
  static openInTurns(directory: string): Promise<Block> {
    return inTurns(Block.#openInSteps(directory));
  }

  static *#openInSteps(directory: string): Steps<Block> {
    const meta = readBlockMeta(directory);
    const deleted = new DeletedRanges(readTombstones(directory));
    const index = yield* IndexReader.openInSteps(join(directory, indexFileName));
    try {
      const chunks = new ChunkSegmentReader(join(directory, chunksDirectoryName));
      const parts = { index, chunks, deleted, entry: new SeriesEntry(), reader: new SeriesReader() };
      return new Block(directory, meta, parts);
    } catch (error) {
      index.close();
      throw error;
    }
  }

  get meta(): BlockMeta {
    return this.#meta;
  }

  get ulid(): string {
    return basename(this.directory);
  }

  /** Of all its files. */
  get sizeBytes(): number {
    let sizeBytes = this.#parts.index.sizeBytes + this.#parts.chunks.sizeBytes;
    for (const name of [metaFileName, tombstonesFileName]) {
      sizeBytes += statSync(join(this.directory, name), { throwIfNoEntry: false })?.size ?? 0;
    }
    return sizeBytes;
  }

  /** Whether samples were deleted that are still in the files. */
  get hasTombstones(): boolean {
    return this.#parts.deleted.count > 0;
  }

  /** Series with a chunk in the range; samples in it may be none. @throws {BlockCorruptError} */
  async select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection> {
    signal?.throwIfAborted();
    return new BlockSelection(this.#parts, this.#seriesInRange(query), query);
  }

  async labelNames(query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    signal?.throwIfAborted();
    if (!this.#isInRange(query)) return [];
    const { index } = this.#parts;
    return query.matchers.length === 0 ? index.postings.names() : namesOf(index, matchingSeries(index, query.matchers));
  }

  async labelValues(name: string, query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    signal?.throwIfAborted();
    if (!this.#isInRange(query)) return [];
    const { index } = this.#parts;
    if (query.matchers.length > 0) return valuesOf(index, name, matchingSeries(index, query.matchers));
    const values: string[] = [];
    index.postings.visitValues(name, (value) => values.push(value) > 0);
    return values;
  }

  /**
   * All series with their chunks, which may overlap in blocks of other programs, without what was deleted. Read before the
   * block is closed.
   *
   * @param range chunks that go beyond it are cut
   */
  stream(range: TimeRange = everything): SeriesStream {
    return new BlockStream(this.#parts, range);
  }

  /** What makes the index large, from its lists alone. @param limit items in each list */
  cardinality(limit: number): Cardinality {
    return cardinalityOf(this.#parts.index, limit);
  }

  /**
   * Deletes samples of the series that match: they are no longer served, and go when the block is compacted.
   *
   * @returns the number of series that had chunks in the range
   */
  deleteSamples(query: SeriesQuery): number {
    const { index, entry } = this.#parts;
    const found = this.#seriesInRange(query);
    if (found.length === 0) return 0;
    const deleted = new DeletedRanges(this.#parts.deleted.tombstones());
    for (const series of found) {
      index.readSeries(series, entry);
      const { minTimeMs, maxTimeMs } = timeRangeOf(entry);
      deleted.add(series, {
        minTimeMs: Math.max(query.minTimeMs, minTimeMs),
        maxTimeMs: Math.min(query.maxTimeMs, maxTimeMs),
      });
    }
    writeTombstones(this.directory, deleted.tombstones());
    this.#parts = { ...this.#parts, deleted };
    this.#meta = { ...this.#meta, stats: { ...this.#meta.stats, numTombstones: deleted.count } };
    writeBlockMeta(this.directory, this.#meta);
    return found.length;
  }

  close(): void {
    this.#parts.index.close();
    this.#parts.chunks.close();
  }

  #isInRange({ minTimeMs, maxTimeMs }: TimeRange): boolean {
    return minTimeMs < this.#meta.maxTime && maxTimeMs >= this.#meta.minTime;
  }

  /** Ascending. */
  #seriesInRange(query: SeriesQuery): Uint32Array {
    if (!this.#isInRange(query)) return new Uint32Array(0);
    const { index, deleted } = this.#parts;
    const matching = matchingSeries(index, query.matchers);
    const limit = query.hints?.limit ?? 0;
    const countMax = limit > 0 ? Math.min(limit, matching.length) : matching.length;
    const isWhole = query.minTimeMs <= this.#meta.minTime && query.maxTimeMs >= this.#meta.maxTime - 1;
    // Every series has a chunk somewhere in the block.
    if (isWhole && deleted.count === 0) return matching.subarray(0, countMax);
    const kept = new Uint32Array(countMax);
    let count = 0;
    for (const series of matching) {
      if (count === countMax) break;
      if (this.#hasChunk(series, query)) kept[count++] = series;
    }
    return kept.subarray(0, count);
  }

  /** Whether a chunk of the series overlaps the range, other than one that was deleted. */
  #hasChunk(series: number, { minTimeMs, maxTimeMs }: TimeRange): boolean {
    const { index, entry, deleted } = this.#parts;
    index.readSeries(series, entry);
    const ranges = deleted.of(series);
    for (let chunk = 0; chunk < entry.chunkCount; chunk++) {
      const first = Math.max(minTimeMs, entry.minTimesMs[chunk]!);
      const last = Math.min(maxTimeMs, entry.maxTimesMs[chunk]!);
      if (first <= last && !isDeleted(ranges, first, last)) return true;
    }
    return false;
  }
}

/** From the first sample of a series to its last one. */
function timeRangeOf({ minTimesMs, maxTimesMs, chunkCount }: SeriesEntry): TimeRange {
  let minTimeMs = Number.POSITIVE_INFINITY;
  let maxTimeMs = Number.NEGATIVE_INFINITY;
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    minTimeMs = Math.min(minTimeMs, minTimesMs[chunk]!);
    maxTimeMs = Math.max(maxTimeMs, maxTimesMs[chunk]!);
  }
  return { minTimeMs, maxTimeMs };
}

import { assert, type Labels, type SampleColumn, type SeriesSelection } from "@tatou/model";
import { keepRange, removeRanges, type TimeRange } from "../block/deleted-ranges.ts";
import type { Arena } from "./arena.ts";
import { entryFloat, olderEntry } from "./chunk-entry.ts";
import type { EntryReader } from "./entry-reader.ts";
import type { Epochs, Generation } from "./epochs.ts";
import type { LabelIndex } from "./label-index.ts";
import type { LateReader } from "./late-reader.ts";
import type { LateSamples, LateSnapshot } from "./late-samples.ts";
import { seriesField } from "./series-table.ts";
import type { Tombstone, Tombstones } from "./tombstones.ts";

/** What all selections of one head share. */
export interface HeadReader {
  readonly arena: Arena;
  readonly epochs: Epochs;
  readonly index: LabelIndex;
  readonly tombstones: Tombstones;
  readonly entryReader: EntryReader;
  readonly late: LateSamples;
  readonly lateReader: LateReader;
}

/**
 * Series of the head as they were at one moment: per series the entry of its newest chunk and the number of samples in it
 * (see sample-store.ts). Commits that come later don't change what is read, so a query never sees half a scrape.
 */
export class HeadSelection implements SeriesSelection {
  readonly seriesCount: number;
  readonly #reader: HeadReader;
  readonly #range: TimeRange;
  readonly #refs: Uint32Array;
  /** Per series: newest chunk, bit position and samples in it while it is open, times of the oldest and the last sample. */
  readonly #newestChunks: Uint32Array;
  readonly #positions: Uint32Array;
  readonly #oldestTimesMs: Float64Array;
  readonly #lastTimesMs: Float64Array;
  /** Samples that came out of order, of the series that have some. */
  readonly #late = new Map<number, LateSnapshot>();
  /** What was deleted of the series, of those of which something was. */
  readonly #deleted = new Map<number, readonly Tombstone[]>();
  readonly #generation: Generation;
  #open = true;

  /** @param refs sorted by labels; the selection keeps the array */
  constructor(reader: HeadReader, refs: Uint32Array, range: TimeRange) {
    this.#reader = reader;
    this.#refs = refs;
    this.#range = range;
    this.seriesCount = refs.length;
    this.#newestChunks = new Uint32Array(refs.length);
    this.#positions = new Uint32Array(refs.length);
    this.#oldestTimesMs = new Float64Array(refs.length);
    this.#lastTimesMs = new Float64Array(refs.length);
    const { words, floats } = reader.arena;
    for (let index = 0; index < refs.length; index++) {
      const record = reader.index.series.recordOf(refs[index]!);
      this.#newestChunks[index] = words[record + seriesField.newestChunk]!;
      this.#positions[index] = words[record + seriesField.bitPositionAndCount]!;
      this.#oldestTimesMs[index] = floats[(record >>> 1) + seriesField.oldestTime]!;
      this.#lastTimesMs[index] = floats[(record >>> 1) + seriesField.lastTime]!;
    }
    if (reader.late.seriesCount > 0) this.#takeLate();
    if (reader.tombstones.seriesCount > 0) this.#takeDeleted();
    this.#generation = reader.epochs.enter();
  }

  labelsAt(index: number): Labels {
    assert(this.#open, "a selection is read before it is closed");
    const ref = this.#refs[index]!;
    assert(this.#reader.index.series.isLive(ref), "a selection is closed within a few rounds of maintenance");
    return this.#reader.index.labelsOf(ref);
  }

  readSamples(index: number, column: SampleColumn): void {
    assert(this.#open, "a selection is read before it is closed");
    column.count = 0;
    if (column.histograms !== null) column.histograms.length = 0;
    this.#readInOrder(index, column);
    const late = this.#late.get(index);
    if (late !== undefined) this.#reader.lateReader.addTo(column, late, this.#range);
    const deleted = this.#deleted.get(index);
    if (deleted !== undefined) removeRanges(column, deleted);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#reader.epochs.leave(this.#generation);
  }

  #takeLate(): void {
    this.#refs.forEach((ref, index) => {
      const late = this.#reader.late.snapshot(ref);
      if (late !== null) this.#late.set(index, late);
    });
  }

  #takeDeleted(): void {
    this.#refs.forEach((ref, index) => {
      const deleted = this.#reader.tombstones.of(ref);
      if (deleted.length > 0) this.#deleted.set(index, deleted);
    });
  }

  #readInOrder(index: number, column: SampleColumn): void {
    const newest = this.#newestChunks[index]!;
    if (newest === 0) return;
    const { arena } = this.#reader;
    const times = { oldestTimeMs: this.#oldestTimesMs[index]!, lastTimeMs: this.#lastTimesMs[index]! };
    const chunks = chunksInRange(arena, newest, times, this.#range);
    for (let position = chunks.length - 1; position >= 0; position--) {
      const entry = chunks[position]!;
      const start = column.count;
      this.#reader.entryReader.read(entry, entry === newest ? this.#positions[index]! : 0, column);
      keepRange(column, start, this.#range);
    }
  }
}

/** Entries of the chunks that overlap the range, newest first. */
function chunksInRange(
  arena: Arena,
  newest: number,
  { oldestTimeMs, lastTimeMs }: { readonly oldestTimeMs: number; readonly lastTimeMs: number },
  range: TimeRange,
): number[] {
  const { floats } = arena;
  const chunks: number[] = [];
  let chunkLastTimeMs = lastTimeMs;
  for (let entry = newest; entry !== 0 && chunkLastTimeMs >= range.minTimeMs; ) {
    if (floats[(entry >>> 3) + entryFloat.minTime]! <= range.maxTimeMs) chunks.push(entry);
    entry = olderEntry(arena, entry, oldestTimeMs);
    chunkLastTimeMs = floats[(entry >>> 3) + entryFloat.maxTime]!;
  }
  return chunks;
}

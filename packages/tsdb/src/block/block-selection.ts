import { assert, type Labels, type SampleColumn, type SeriesSelection } from "@tatou/model";
import type { ChunkSegmentReader } from "./chunk-segment-reader.ts";
import { type DeletedRanges, removeRanges, type TimeRange } from "./deleted-ranges.ts";
import type { IndexReader } from "./index-reader.ts";
import type { SeriesEntry } from "./series-entry.ts";
import type { SeriesReader } from "./series-reader.ts";

/** What all readers of one block share. */
export interface BlockParts {
  readonly index: IndexReader;
  readonly chunks: ChunkSegmentReader;
  readonly deleted: DeletedRanges;
  /** Used for one series after the other. */
  readonly entry: SeriesEntry;
  readonly reader: SeriesReader;
}

/** Series of a block: numbers until somebody asks for labels or samples. */
export class BlockSelection implements SeriesSelection {
  readonly seriesCount: number;
  readonly #parts: BlockParts;
  readonly #series: Uint32Array;
  readonly #range: TimeRange;
  #isOpen = true;

  /** @param series ascending; the selection keeps the array */
  constructor(parts: BlockParts, series: Uint32Array, range: TimeRange) {
    this.#parts = parts;
    this.#series = series;
    this.#range = range;
    this.seriesCount = series.length;
  }

  /** @throws {BlockCorruptError} */
  labelsAt(index: number): Labels {
    assert(this.#isOpen, "a selection is read before it is closed");
    const parts = this.#parts;
    parts.index.readSymbols(this.#series[index]!, parts.entry);
    return parts.index.labelsOf(parts.entry);
  }

  /** @throws {BlockCorruptError} */
  readSamples(index: number, column: SampleColumn): void {
    assert(this.#isOpen, "a selection is read before it is closed");
    const parts = this.#parts;
    const series = this.#series[index]!;
    parts.index.readSeries(series, parts.entry);
    parts.reader.read(parts.chunks, parts.entry, this.#range, column);
    removeRanges(column, parts.deleted.of(series));
  }

  close(): void {
    this.#isOpen = false;
  }
}

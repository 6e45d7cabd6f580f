/** Hot in a way: it runs on the thread that scrapes, and passes over all series. So it makes no objects for them. */
import type { Steps } from "../turns.ts";
import { entryFloat, entryKind, entryWord, olderEntry } from "./chunk-entry.ts";
import type { Head } from "./head.ts";
import { type HeadCut, looseChunks } from "./head-cut.ts";
import { isFileChunk } from "./late-samples.ts";
import { sizeBytesOf } from "./sample-store.ts";
import { seriesField } from "./series-table.ts";

export interface HeadCutTask {
  readonly startMs: number;
  /** Not included. */
  readonly endMs: number;
  readonly chunksHeadDirectory: string;
}

/** Well below a millisecond. */
const seriesPerStep = 256;

/**
 * Lists the chunks that overlap a window, with what is needed to read them from another thread, some series a step. It is
 * for the caller to enter an epoch that keeps them, and series, and to have older samples refused.
 */
export function* makeHeadCut(head: Head, task: HeadCutTask): Steps<HeadCut> {
  const refs = head.index.series.refs();
  const columns = new CutColumns(head, refs.length, task);
  let count = 0;
  for (const ref of refs) {
    if (++count % seriesPerStep === 0) yield;
    columns.addChunks(ref);
    columns.endSeries(ref);
  }
  return columns.cut();
}

/** Lists the chunks of samples that came out of order, which overlap each other; samples that are in none are left out. */
export function makeLateCut(head: Head, task: HeadCutTask): HeadCut {
  const refs = head.late.refs();
  const columns = new CutColumns(head, refs.length, task);
  for (const ref of refs) {
    columns.addLateChunks(ref);
    columns.endSeries(ref);
  }
  return columns.cut();
}

/** The columns of a cut while it is made. */
class CutColumns {
  readonly #head: Head;
  readonly #task: HeadCutTask;
  readonly #pairAddresses: Uint32Array;
  readonly #pairCounts: Uint16Array;
  readonly #firstChunks: Uint32Array;
  readonly #deleted: { series: number; minTimeMs: number; maxTimeMs: number }[] = [];
  readonly #loose: Uint8Array[] = [];
  #seriesCount = 0;
  #chunkCount = 0;
  #chunks = newChunkColumns(1024);

  constructor(head: Head, seriesCountMax: number, task: HeadCutTask) {
    this.#head = head;
    this.#task = task;
    this.#pairAddresses = new Uint32Array(seriesCountMax);
    this.#pairCounts = new Uint16Array(seriesCountMax);
    this.#firstChunks = new Uint32Array(seriesCountMax + 1);
  }

  /** Adds a series' chunks, from the oldest to the newest. */
  addChunks(ref: number): void {
    const { startMs, endMs } = this.#task;
    const { words, floats } = this.#head.arena;
    const record = this.#head.index.series.recordOf(ref);
    const firstChunk = this.#chunkCount;
    const oldestTimeMs = floats[(record >>> 1) + seriesField.oldestTime]!;
    let openPosition = words[record + seriesField.bitPositionAndCount]!;
    let maxTimeMs = floats[(record >>> 1) + seriesField.lastTime]!;
    for (let entry = words[record + seriesField.newestChunk]!; entry !== 0 && maxTimeMs >= startMs; ) {
      if (floats[(entry >>> 3) + entryFloat.minTime]! < endMs) this.#addEntry(entry, maxTimeMs, openPosition);
      entry = olderEntry(this.#head.arena, entry, oldestTimeMs);
      maxTimeMs = floats[(entry >>> 3) + entryFloat.maxTime]!;
      // Only the newest chunk is open.
      openPosition = 0;
    }
    this.#reverseFrom(firstChunk);
  }

  addLateChunks(ref: number): void {
    const sorted = this.#head.late.chunksOf(ref).toSorted((left, right) => left.minTimeMs - right.minTimeMs);
    for (const chunk of sorted) {
      const index = this.#newChunk();
      const columns = this.#chunks;
      columns.chunkEncodings[index] = chunk.encoding;
      columns.chunkMinTimesMs[index] = chunk.minTimeMs;
      columns.chunkMaxTimesMs[index] = chunk.maxTimeMs;
      columns.chunkFiles[index] = isFileChunk(chunk) ? chunk.file : looseChunks;
      columns.chunkAddresses[index] = isFileChunk(chunk) ? chunk.offset : this.#loose.push(chunk.bytes) - 1;
    }
  }

  /** Takes up a series if chunks were added for it. */
  endSeries(ref: number): void {
    if (this.#chunkCount === this.#firstChunks[this.#seriesCount]) return;
    const { arena, index, tombstones } = this.#head;
    const series = this.#seriesCount++;
    for (const { minTimeMs, maxTimeMs } of tombstones.of(ref)) this.#deleted.push({ series, minTimeMs, maxTimeMs });
    const record = index.series.recordOf(ref);
    this.#pairAddresses[series] = arena.words[record + seriesField.pairs]!;
    this.#pairCounts[series] = arena.words[record + seriesField.pairCountAndWindow]! >>> 16;
    this.#firstChunks[series + 1] = this.#chunkCount;
  }

  cut(): HeadCut {
    const { arena, index } = this.#head;
    const chunks = this.#chunks;
    return {
      ...this.#task,
      memory: arena.bytes.buffer as SharedArrayBuffer,
      ...index.pairs.tables(),
      seriesPairAddresses: this.#pairAddresses.subarray(0, this.#seriesCount),
      seriesPairCounts: this.#pairCounts.subarray(0, this.#seriesCount),
      seriesFirstChunks: this.#firstChunks.subarray(0, this.#seriesCount + 1),
      chunkEncodings: chunks.chunkEncodings.subarray(0, this.#chunkCount),
      chunkSampleCounts: chunks.chunkSampleCounts.subarray(0, this.#chunkCount),
      chunkMinTimesMs: chunks.chunkMinTimesMs.subarray(0, this.#chunkCount),
      chunkMaxTimesMs: chunks.chunkMaxTimesMs.subarray(0, this.#chunkCount),
      chunkFiles: chunks.chunkFiles.subarray(0, this.#chunkCount),
      chunkAddresses: chunks.chunkAddresses.subarray(0, this.#chunkCount),
      chunkSizesBytes: chunks.chunkSizesBytes.subarray(0, this.#chunkCount),
      looseChunks: this.#loose,
      tombstones: this.#deleted,
    };
  }

  /** @param openPosition bit position and count of a chunk that is open; else 0 */
  #addEntry(entry: number, maxTimeMs: number, openPosition: number): void {
    const { words, floats } = this.#head.arena;
    const index = this.#newChunk();
    const columns = this.#chunks;
    const kind = words[(entry >>> 2) + entryWord.kind]!;
    const place = words[(entry >>> 2) + entryWord.place]!;
    const size = words[(entry >>> 2) + entryWord.size]!;
    columns.chunkEncodings[index] = kind & entryKind.encodingMask;
    columns.chunkSampleCounts[index] = openPosition & 0xffff;
    columns.chunkMinTimesMs[index] = floats[(entry >>> 3) + entryFloat.minTime]!;
    columns.chunkMaxTimesMs[index] = maxTimeMs;
    if ((kind & entryKind.inFile) !== 0) {
      columns.chunkFiles[index] = place;
      columns.chunkAddresses[index] = size;
    } else if ((kind & entryKind.isHistogram) !== 0) {
      columns.chunkFiles[index] = looseChunks;
      columns.chunkAddresses[index] = this.#loose.push(this.#head.store.histograms.slice(entry).bytes) - 1;
    } else {
      columns.chunkAddresses[index] = place;
      columns.chunkSizesBytes[index] = openPosition === 0 ? size : sizeBytesOf(openPosition);
    }
  }

  #newChunk(): number {
    if (this.#chunkCount === this.#chunks.chunkFiles.length) {
      const grown = newChunkColumns(this.#chunkCount * 2);
      for (const name of Object.keys(grown) as (keyof ChunkColumns)[]) grown[name].set(this.#chunks[name]);
      this.#chunks = grown;
    }
    return this.#chunkCount++;
  }

  #reverseFrom(first: number): void {
    const columns = this.#chunks;
    for (let low = first, high = this.#chunkCount - 1; low < high; low++, high--) {
      swap(columns.chunkEncodings, low, high);
      swap(columns.chunkSampleCounts, low, high);
      swap(columns.chunkMinTimesMs, low, high);
      swap(columns.chunkMaxTimesMs, low, high);
      swap(columns.chunkFiles, low, high);
      swap(columns.chunkAddresses, low, high);
      swap(columns.chunkSizesBytes, low, high);
    }
  }
}

type ChunkColumns = Pick<
  HeadCut,
  | "chunkEncodings"
  | "chunkSampleCounts"
  | "chunkMinTimesMs"
  | "chunkMaxTimesMs"
  | "chunkFiles"
  | "chunkAddresses"
  | "chunkSizesBytes"
>;

function newChunkColumns(size: number): ChunkColumns {
  return {
    chunkEncodings: new Uint8Array(size),
    chunkSampleCounts: new Uint16Array(size),
    chunkMinTimesMs: new Float64Array(size),
    chunkMaxTimesMs: new Float64Array(size),
    chunkFiles: new Uint32Array(size),
    chunkAddresses: new Uint32Array(size),
    chunkSizesBytes: new Uint32Array(size),
  };
}

function swap(column: Uint8Array | Uint16Array | Uint32Array | Float64Array, left: number, right: number): void {
  const kept = column[left]!;
  column[left] = column[right]!;
  column[right] = kept;
}

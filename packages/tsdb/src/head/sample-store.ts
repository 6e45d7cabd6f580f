/**
 * Samples of the head: XOR chunks. The newest chunk of a series is open and grows in slabs of the arena; the others are
 * ended and wait there until they are written to a file (see chunk-entry.ts).
 *
 * A chunk takes about 120 samples and ends at each multiple of two hours, so that a block of two hours is cut out of the
 * head without encoding anything again.
 *
 * What a reader needs is the address of the newest chunk's entry and the number of samples in it. Bits once written stay as
 * they are, entries and slabs that are dropped are left to those who may read them (see Epochs), and an entry whose
 * samples go to a file then says where they are: so the pair is a snapshot.
 *
 * Hot: `append` runs once per sample.
 */
import { assert } from "@tatou/model";
import { type ChunkEncoding, chunkEncoding } from "../chunk/chunk-encoding.ts";
import type { HistogramSample } from "../chunk/histogram-chunk-writer.ts";
import type { SampleRows } from "../wal/sample-record.ts";
import { type Arena, chunkBlockSizeMinBytes } from "./arena.ts";
import { entryFloat, entryKind, entrySizeBytes, entryWord, olderEntry } from "./chunk-entry.ts";
import { withRoomFor } from "./columns.ts";
import type { Epochs } from "./epochs.ts";
import { HistogramStore } from "./histogram-store.ts";
import { OpenChunks } from "./open-chunks.ts";
import { type SeriesTable, seriesField } from "./series-table.ts";
import { Slabs, slabSizeBytes } from "./slabs.ts";

const samplesPerChunk = 120;
/** Blocks are aligned to this, and so are chunks: the window of a block of Prometheus. */
const chunkWindowMs = 2 * 60 * 60 * 1000;
/** A chunk of values that don't compress ends before it would be larger, which bounds what open chunks take together. */
const chunkSizeMaxBytes = 512;
/** Blocks of the arena that a sample may need: an entry and a slab. */
const blocksPerSampleMax = Math.ceil((entrySizeBytes + slabSizeBytes) / chunkBlockSizeMinBytes);
/** Histogram chunks that wait for a file may take this share of what the arena may. */
const histogramShare = 1 / 4;
const field = seriesField;

/** A chunk in a file of chunks_head. */
export interface FileChunk {
  readonly file: number;
  readonly offset: number;
  readonly encoding: ChunkEncoding;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

export class SampleStore {
  readonly slabs: Slabs;
  readonly histograms: HistogramStore;
  readonly #arena: Arena;
  readonly #epochs: Epochs;
  readonly #series: SeriesTable;
  readonly #open: OpenChunks;
  #windowStartMs = 0;
  #chunkCount = 0;
  /** Series with ended chunks that are not in a file; may hold one twice. */
  #unwritten = new Uint32Array(256);
  #unwrittenCount = 0;

  constructor(
    { arena, epochs, series }: { arena: Arena; epochs: Epochs; series: SeriesTable },
    keepStartTimes: boolean,
  ) {
    this.#arena = arena;
    this.#epochs = epochs;
    this.#series = series;
    this.slabs = new Slabs(arena, epochs);
    this.#open = new OpenChunks(arena, this.slabs);
    this.histograms = new HistogramStore(keepStartTimes);
  }

  get chunkCount(): number {
    return this.#chunkCount;
  }

  /** Whether so many samples certainly fit; if not, memory has to be freed first. */
  hasRoomFor(sampleCount: number): boolean {
    if (this.histograms.endedBytes > this.#arena.sizeMaxBytes * histogramShare) return false;
    return this.#arena.chunkBlocksLeft >= sampleCount * blocksPerSampleMax;
  }

  /** Adds the sample of a row, which is newer than the series' last one. There must be room for it. */
  append(ref: number, rows: SampleRows, row: number): void {
    const record = this.#series.recordOf(ref);
    const position = this.#arena.words[record + field.bitPositionAndCount]!;
    // Without a bit position there is no chunk that is open, or one of histograms.
    if (position >>> 16 === 0 || this.#isFull(record, position, rows.timesMs[row]!)) {
      this.#beginChunk(ref, rows.timesMs[row]!);
    }
    this.#open.append(record, rows, row);
  }

  /** Adds a histogram, or the staleness marker of a series of them, that is newer than the series' last sample. */
  appendHistogram(ref: number, sample: HistogramSample): void {
    const record = this.#series.recordOf(ref);
    const { words, floats } = this.#arena;
    const position = words[record + field.bitPositionAndCount]!;
    const isOpen = position !== 0 && position >>> 16 === 0;
    const isInWindow = floats[(record >>> 1) + field.lastTime]! >= this.#windowStartOf(sample.timeMs);
    let sampleCount = isOpen && isInWindow ? this.histograms.append(ref, sample) : 0;
    if (sampleCount === 0) {
      const previousEntry = words[record + field.newestChunk]!;
      this.endChunk(ref);
      const entry = this.#addEntry(ref, sample.timeMs);
      const encoding = this.histograms.begin(ref, sample, { entry, previousEntry });
      this.#arena.words[(entry >>> 2) + entryWord.kind] = encoding | entryKind.isHistogram;
      sampleCount = 1;
    }
    this.#arena.words[record + field.bitPositionAndCount] = sampleCount;
    this.#arena.floats[(record >>> 1) + field.lastTime] = sample.timeMs;
  }

  /** Whether the last sample of a series is a histogram, or ends a series of them. */
  endsWithHistogram(ref: number): boolean {
    const { words } = this.#arena;
    const newest = words[this.#series.recordOf(ref) + field.newestChunk]!;
    if (newest === 0) return false;
    const encoding = words[(newest >>> 2) + entryWord.kind]! & entryKind.encodingMask;
    return encoding !== chunkEncoding.xor && encoding !== chunkEncoding.xor2;
  }

  /** Ends the open chunk of a series, if it has one. */
  endChunk(ref: number): void {
    const record = this.#series.recordOf(ref);
    const { words, floats, bytes } = this.#arena;
    const position = words[record + field.bitPositionAndCount]!;
    if (position === 0) return;
    const entry = words[record + field.newestChunk]!;
    floats[(entry >>> 3) + entryFloat.maxTime] = floats[(record >>> 1) + field.lastTime]!;
    if (position >>> 16 === 0) this.histograms.end(entry);
    else {
      words[(entry >>> 2) + entryWord.size] = sizeBytesOf(position);
      const slab = words[(entry >>> 2) + entryWord.place]!;
      bytes[slab] = (position & 0xffff) >>> 8;
      bytes[slab + 1] = position & 0xff;
    }
    words[record + field.bitPositionAndCount] = 0;
    this.#unwritten = withRoomFor(this.#unwritten, this.#unwrittenCount);
    this.#unwritten[this.#unwrittenCount++] = ref;
  }

  /** How many chunks have ended and are not in a file, or a few more. */
  get unwrittenCount(): number {
    return this.#unwrittenCount;
  }

  /** The series with ended chunks that are not in a file, in the order in which those ended; some may be gone. */
  takeUnwritten(countMax: number): Uint32Array {
    const taken = this.#unwritten.slice(0, Math.min(countMax, this.#unwrittenCount));
    this.#unwritten.copyWithin(0, taken.length, this.#unwrittenCount);
    this.#unwrittenCount -= taken.length;
    return taken;
  }

  /** Puts series back that were taken: their chunks could not be written. */
  giveBackUnwritten(refs: Uint32Array): void {
    this.#unwritten = withRoomFor(this.#unwritten, this.#unwrittenCount + refs.length);
    this.#unwritten.copyWithin(refs.length, 0, this.#unwrittenCount);
    this.#unwritten.set(refs);
    this.#unwrittenCount += refs.length;
  }

  /** Entries of the ended chunks of a series that are not in a file, from the oldest on. */
  unwrittenEntries(ref: number): number[] {
    const { words, floats } = this.#arena;
    const record = this.#series.recordOf(ref);
    const newest = words[record + field.newestChunk]!;
    const oldestTimeMs = floats[(record >>> 1) + field.oldestTime]!;
    const older = (entry: number): number => olderEntry(this.#arena, entry, oldestTimeMs);
    const isOpen = words[record + field.bitPositionAndCount] !== 0;
    const entries: number[] = [];
    for (let entry = isOpen ? older(newest) : newest; entry !== 0; entry = older(entry)) {
      if ((words[(entry >>> 2) + entryWord.kind]! & entryKind.inFile) !== 0) break;
      entries.push(entry);
    }
    return entries.toReversed();
  }

  /** Notes that a chunk is in a file now, and lets go of its bytes. */
  moveToFile(entry: number, file: number, offset: number): void {
    const { words } = this.#arena;
    const word = entry >>> 2;
    const kind = words[word + entryWord.kind]!;
    if ((kind & entryKind.isHistogram) !== 0) this.histograms.forget(entry);
    else this.slabs.release(words[word + entryWord.place]!);
    words[word + entryWord.kind] = (kind & entryKind.encodingMask) | entryKind.inFile;
    words[word + entryWord.place] = file;
    words[word + entryWord.size] = offset;
  }

  /** Adds a chunk that is in a file and newer than all that the series has; there must be room for an entry. */
  addFileChunk(ref: number, chunk: FileChunk): void {
    const entry = this.#addEntry(ref, chunk.minTimeMs);
    const record = this.#series.recordOf(ref);
    const { words, floats } = this.#arena;
    words[(entry >>> 2) + entryWord.kind] = chunk.encoding | entryKind.inFile;
    words[(entry >>> 2) + entryWord.place] = chunk.file;
    words[(entry >>> 2) + entryWord.size] = chunk.offset;
    floats[(entry >>> 3) + entryFloat.maxTime] = chunk.maxTimeMs;
    floats[(record >>> 1) + field.lastTime] = chunk.maxTimeMs;
  }

  /** Takes the newest chunk of a series away from it, which must have ended. @returns its entry, which may still be read */
  takeNewest(ref: number): number {
    const record = this.#series.recordOf(ref);
    const { words, floats } = this.#arena;
    const entry = words[record + field.newestChunk]!;
    const older = olderEntry(this.#arena, entry, floats[(record >>> 1) + field.oldestTime]!);
    words[record + field.newestChunk] = older;
    floats[(record >>> 1) + field.lastTime] =
      older === 0 ? Number.NEGATIVE_INFINITY : floats[(older >>> 3) + entryFloat.maxTime]!;
    if (older === 0) floats[(record >>> 1) + field.oldestTime] = Number.POSITIVE_INFINITY;
    return entry;
  }

  /** Lets go of an entry that was taken away, and of its bytes. */
  releaseTaken(entry: number): void {
    this.#release(entry);
  }

  /** Drops chunks of which every sample is older; returns whether samples are left. */
  dropBefore(record: number, minTimeMs: number): boolean {
    const { words, floats } = this.#arena;
    const oldestTimeMs = floats[(record >>> 1) + field.oldestTime]!;
    if (oldestTimeMs >= minTimeMs) return words[record + field.newestChunk] !== 0;
    if (floats[(record >>> 1) + field.lastTime]! < minTimeMs) {
      this.dropAll(record);
      return false;
    }
    let kept = words[record + field.newestChunk]!;
    let older = olderEntry(this.#arena, kept, oldestTimeMs);
    while (older !== 0 && floats[(older >>> 3) + entryFloat.maxTime]! >= minTimeMs) {
      kept = older;
      older = olderEntry(this.#arena, kept, oldestTimeMs);
    }
    this.#releaseChain(older, oldestTimeMs);
    floats[(record >>> 1) + field.oldestTime] = floats[(kept >>> 3) + entryFloat.minTime]!;
    return true;
  }

  /** Drops all samples; the last time stays, so that older ones are still refused. */
  dropAll(record: number): void {
    const { words, floats } = this.#arena;
    this.#releaseChain(words[record + field.newestChunk]!, floats[(record >>> 1) + field.oldestTime]!);
    words[record + field.newestChunk] = 0;
    words[record + field.bitPositionAndCount] = 0;
    floats[(record >>> 1) + field.oldestTime] = Number.POSITIVE_INFINITY;
  }

  #isFull(record: number, position: number, timestampMs: number): boolean {
    return (
      (position & 0xffff) >= samplesPerChunk ||
      this.#open.isFull(position, chunkSizeMaxBytes) ||
      this.#arena.floats[(record >>> 1) + field.lastTime]! < this.#windowStartOf(timestampMs)
    );
  }

  /** The multiple of two hours at or before a time; all samples of a scrape have the same one. */
  #windowStartOf(timestampMs: number): number {
    if (timestampMs < this.#windowStartMs || timestampMs >= this.#windowStartMs + chunkWindowMs) {
      this.#windowStartMs = Math.floor(timestampMs / chunkWindowMs) * chunkWindowMs;
    }
    return this.#windowStartMs;
  }

  #beginChunk(ref: number, timestampMs: number): void {
    this.endChunk(ref);
    const entry = this.#addEntry(ref, timestampMs);
    const slab = this.slabs.add();
    const { words } = this.#arena;
    words[(entry >>> 2) + entryWord.kind] = chunkEncoding.xor;
    words[(entry >>> 2) + entryWord.place] = slab;
    words[(entry >>> 2) + entryWord.size] = 0;
    this.#open.begin(this.#series.recordOf(ref), slab);
  }

  /** An entry for a chunk that comes after all others of a series. */
  #addEntry(ref: number, minTimeMs: number): number {
    const entry = this.#arena.allocateForChunk(entrySizeBytes);
    assert(entry !== 0, "there is room for a sample that is appended");
    const record = this.#series.recordOf(ref);
    const { words, floats } = this.#arena;
    const older = words[record + field.newestChunk]!;
    words[(entry >>> 2) + entryWord.older] = older;
    floats[(entry >>> 3) + entryFloat.minTime] = minTimeMs;
    if (older === 0) floats[(record >>> 1) + field.oldestTime] = minTimeMs;
    words[record + field.newestChunk] = entry;
    this.#chunkCount++;
    return entry;
  }

  #releaseChain(newest: number, oldestTimeMs: number): void {
    for (let entry = newest; entry !== 0; ) {
      const older = olderEntry(this.#arena, entry, oldestTimeMs);
      this.#release(entry);
      entry = older;
    }
  }

  #release(entry: number): void {
    const { words } = this.#arena;
    const kind = words[(entry >>> 2) + entryWord.kind]!;
    const isHistogram = (kind & entryKind.isHistogram) !== 0;
    if (isHistogram) this.#epochs.afterReaders(this.histograms.forget.bind(this.histograms, entry));
    else if ((kind & entryKind.inFile) === 0) this.slabs.release(words[(entry >>> 2) + entryWord.place]!);
    this.#epochs.release(entry, entrySizeBytes);
    this.#chunkCount--;
  }
}

/** Bytes of an open chunk, from the bit position and count in its series' record. */
export function sizeBytesOf(bitPositionAndCount: number): number {
  return ((bitPositionAndCount >>> 16) + 7) >>> 3;
}

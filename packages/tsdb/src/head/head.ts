import { compareStrings, type Labels, newSampleColumn, SeriesLimitError, type SeriesQuery } from "@tatou/model";
import type { TimeRange } from "../block/deleted-ranges.ts";
import type { HistogramSample } from "../chunk/histogram-chunk-writer.ts";
import type { SampleBatch } from "../sample-batch.ts";
import { atOnce, type Steps } from "../turns.ts";
import type { SampleRows } from "../wal/sample-record.ts";
import { Arena } from "./arena.ts";
import { EntryReader, type ReadFileChunk } from "./entry-reader.ts";
import { Epochs } from "./epochs.ts";
import { HeadSelection } from "./head-selection.ts";
import { LabelIndex, normalLabels } from "./label-index.ts";
import { LateReader } from "./late-reader.ts";
import { type LateChunk, type LateSample, LateSamples } from "./late-samples.ts";
import { matchingRefs } from "./matcher-refs.ts";
import { MetadataTable } from "./metadata-table.ts";
import { type FileChunk, SampleStore } from "./sample-store.ts";
import { labelCountMax, seriesField, seriesFlag, seriesRefMax } from "./series-table.ts";
import { type Tombstone, Tombstones } from "./tombstones.ts";
import { highWordIndex, lowWordIndex } from "./words.ts";

/** Rounds of maintenance that wait for open selections before series are dropped under them. */
const dropDelayRounds = 10;
/** What a new series needs at most besides its labels: a page of records, and first blocks of its lists. */
const seriesReserveBytes = 64 * 1024;

/** Well below a millisecond. */
const seriesPerStep = 256;
/** When memory is full, the oldest of so many equal parts of the time kept is dropped, and again until there is room. */
const dropRoundsMax = 8;

export interface HeadOptions {
  readonly memoryMaxBytes: number;
  readonly hashSeed: number;
  readonly readFileChunk: ReadFileChunk;
  /** Whether histograms keep the start times that come with them. Default: no. */
  readonly keepStartTimes?: boolean;
}

/** The newest samples, in memory: series by labels, samples by series. Knows nothing of files. */
export class Head {
  readonly arena: Arena;
  readonly epochs: Epochs;
  readonly index: LabelIndex;
  readonly store: SampleStore;
  readonly tombstones = new Tombstones();
  /** Samples that came out of order. */
  readonly late = new LateSamples();
  readonly lateReader: LateReader;
  readonly metadata: MetadataTable;
  readonly entryReader: EntryReader;
  /** How often samples had to go before their time because memory was full. */
  earlyDropCount = 0;
  /** Cuts that another thread is reading: no series is dropped under them. */
  heldCutCount = 0;
  /** Samples in order that were older when the head was truncated last are in blocks; what is left of them came since. */
  truncatedMs = Number.NEGATIVE_INFINITY;
  /** The time of the oldest sample that came since and is older nevertheless, as after a clock was set back. */
  #oldestSinceMs = Number.POSITIVE_INFINITY;
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  #dropsDelayed = 0;

  constructor(options: HeadOptions) {
    this.arena = new Arena(options.memoryMaxBytes);
    this.epochs = new Epochs(this.arena);
    this.index = new LabelIndex(this.arena, options.hashSeed);
    this.store = new SampleStore(
      { arena: this.arena, epochs: this.epochs, series: this.index.series },
      options.keepStartTimes ?? false,
    );
    this.lateReader = new LateReader(options.readFileChunk);
    this.metadata = new MetadataTable(this.arena);
    this.entryReader = new EntryReader(this.arena, this.store.histograms, options.readFileChunk);
  }

  /** Time of the oldest and of the newest sample; infinite while there is none. */
  get minTimeMs(): number {
    return this.#minTimeMs;
  }

  get maxTimeMs(): number {
    return this.#maxTimeMs;
  }

  /** Time of the oldest sample in order that may be in no block. */
  get blockStartMs(): number {
    return Math.max(this.#minTimeMs, Math.min(this.truncatedMs, this.#oldestSinceMs));
  }

  /** The series with these labels; 0 when there is none. */
  find(labels: Labels): number {
    return this.index.find(normalLabels(labels));
  }

  /** The series with these labels, made if need be. @throws {SeriesLimitError} memory is full */
  resolve(labels: Labels): number {
    const normal = normalLabels(labels);
    const known = this.index.find(normal);
    if (known !== 0) return known;
    const { series } = this.index;
    const full = this.arena.indexBytesLeft < this.#indexBytesMax(normal);
    // The count that was reached is the number to tell.
    if (full || series.nextRef > seriesRefMax || normal.length > labelCountMax)
      throw new SeriesLimitError(series.count);
    const ref = series.nextRef;
    this.index.create(ref, normal);
    return ref;
  }

  /**
   * Makes a series that a log names.
   *
   * @returns the ref, or that of the series which has these labels already
   * @throws {SeriesLimitError} the log holds more series than the limit on memory allows
   */
  restoreSeries(ref: number, labels: Labels): number {
    const normal = normalLabels(labels);
    const known = this.index.find(normal);
    if (known !== 0) return known;
    const { series } = this.index;
    if (this.arena.indexBytesLeft < this.#indexBytesMax(normal)) throw new SeriesLimitError(series.count);
    const free = series.isLive(ref) ? series.nextRef : ref;
    this.index.create(free, normal);
    return free;
  }

  isLive(ref: number): boolean {
    return this.index.series.isLive(ref);
  }

  lastTimeMs(ref: number): number {
    return this.arena.floats[(this.index.series.recordOf(ref) >>> 1) + seriesField.lastTime]!;
  }

  /** Whether the newest sample has exactly these bits. */
  hasLastValue(ref: number, high: number, low: number): boolean {
    const record = this.index.series.recordOf(ref);
    const { words } = this.arena;
    if ((words[record + seriesField.bitPositionAndCount]! & 0xffff) === 0) return this.#endsWith(record, high, low);
    return (words[record + seriesField.valueHigh]! | 0) === high && (words[record + seriesField.valueLow]! | 0) === low;
  }

  /** Whether the last sample of a series without an open chunk has these bits: such a chunk's may not be at hand. */
  #endsWith(record: number, high: number, low: number): boolean {
    const newest = this.arena.words[record + seriesField.newestChunk]!;
    if (newest === 0) return false;
    const column = newSampleColumn();
    this.entryReader.read(newest, 0, column);
    const valueWords = new Int32Array(column.values.buffer);
    const last = 2 * (column.count - 1);
    return valueWords[last + highWordIndex] === high && valueWords[last + lowWordIndex] === low;
  }

  /**
   * Adds a chunk that is in a file, if it comes after all that the series has.
   *
   * @param blocksEndMs samples of the chunk that are older are in blocks, too
   */
  addFileChunk(ref: number, chunk: FileChunk, blocksEndMs: number): boolean {
    if (chunk.minTimeMs <= this.lastTimeMs(ref) || !this.store.hasRoomFor(1)) return false;
    this.store.addFileChunk(ref, chunk);
    this.noteTimes(Math.max(chunk.minTimeMs, blocksEndMs), chunk.maxTimeMs);
    return true;
  }

  /** Takes account of samples that were added to the store. */
  noteTimes(minTimeMs: number, maxTimeMs: number): void {
    if (maxTimeMs > this.#maxTimeMs) this.#maxTimeMs = maxTimeMs;
    if (minTimeMs < this.#minTimeMs) this.#minTimeMs = minTimeMs;
    if (minTimeMs < this.truncatedMs && minTimeMs < this.#oldestSinceMs) this.#oldestSinceMs = minTimeMs;
  }

  /** Takes note that samples in order before a time are in blocks, or past retention. */
  noteTruncation(timeMs: number): void {
    this.truncatedMs = timeMs;
    this.#oldestSinceMs = Number.POSITIVE_INFINITY;
  }

  /** Whether all series of a batch are live, and its samples newer than theirs: almost always. */
  isStillNewer({ refs, timesMs, count, histograms }: SampleBatch): boolean {
    for (let row = 0; row < count; row++) {
      const ref = refs[row]!;
      if (!this.isLive(ref) || timesMs[row]! <= this.lastTimeMs(ref)) return false;
    }
    return histograms.length === 0;
  }

  /** Adds samples, each newer than the last one of its series. */
  appendRows(rows: SampleRows): void {
    const { refs, timesMs, count } = rows;
    let minTimeMs = Number.POSITIVE_INFINITY;
    let maxTimeMs = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < count; row++) {
      this.store.append(refs[row]!, rows, row);
      const timeMs = timesMs[row]!;
      if (timeMs < minTimeMs) minTimeMs = timeMs;
      if (timeMs > maxTimeMs) maxTimeMs = timeMs;
    }
    this.noteTimes(minTimeMs, maxTimeMs);
  }

  /** Adds a histogram, or the staleness marker of a series of them, that is newer than the series' last sample. */
  appendHistogram(ref: number, sample: HistogramSample): void {
    this.store.appendHistogram(ref, sample);
    this.noteTimes(sample.timeMs, sample.timeMs);
  }

  /** Adds a chunk of samples that came out of order. */
  addLateChunk(ref: number, chunk: LateChunk): void {
    this.arena.words[this.index.series.recordOf(ref) + seriesField.flags]! |= seriesFlag.late;
    this.late.addChunk(ref, chunk);
  }

  /**
   * Puts the chunks of a series with samples after a time among those out of order: after a clock that was set back, they
   * would otherwise keep all new samples from being taken.
   */
  setAsideAfter(ref: number, maxTimeMs: number): void {
    this.store.endChunk(ref);
    while (this.lastTimeMs(ref) > maxTimeMs) {
      const entry = this.store.takeNewest(ref);
      this.addLateChunk(ref, this.entryReader.chunk(entry));
      this.store.releaseTaken(entry);
    }
  }

  /** Adds a sample that is out of order. @returns false when there is one of that time already */
  insertLate(ref: number, sample: LateSample): boolean {
    this.arena.words[this.index.series.recordOf(ref) + seriesField.flags]! |= seriesFlag.late;
    return this.late.insert(ref, sample);
  }

  /**
   * Sees to it that so many samples certainly fit into memory, if need be by dropping the oldest ones early.
   *
   * @returns false when there is not enough even so
   */
  makeRoomFor(sampleCount: number): boolean {
    for (let round = 0; !this.store.hasRoomFor(sampleCount); round++) {
      const spanMs = this.#maxTimeMs - this.#minTimeMs;
      if (round === dropRoundsMax || !(spanMs > 0)) return false;
      this.dropBefore(this.#minTimeMs + Math.ceil(spanMs / dropRoundsMax));
      this.earlyDropCount++;
    }
    return true;
  }

  select(query: SeriesQuery): HeadSelection {
    const refs = this.index.sortByLabels(this.#refsInRange(query));
    const limit = query.hints?.limit ?? 0;
    return new HeadSelection(this, limit > 0 ? refs.subarray(0, limit) : refs, query);
  }

  labelNames(query: SeriesQuery): string[] {
    const names = new Set<string>();
    const seen = new Uint8Array(this.index.pairs.end);
    for (const ref of this.#refsInRange(query)) {
      for (const pair of this.index.series.pairsOf(ref)) {
        if (seen[pair] === 1) continue;
        seen[pair] = 1;
        names.add(this.index.pairs.label(pair).name);
      }
    }
    return [...names].sort(compareStrings);
  }

  labelValues(name: string, query: SeriesQuery): string[] {
    const { pairs } = this.index;
    const refs = this.#refsInRange(query);
    const values: string[] = [];
    const inRange = new Uint8Array(pairs.end);
    for (const ref of refs) for (const pair of this.index.series.pairsOf(ref)) inRange[pair] = 1;
    for (let pair = pairs.firstOf(name); pair !== -1; pair = pairs.nextOf(pair)) {
      if (inRange[pair] === 1) values.push(pairs.label(pair).value);
    }
    return values.sort(compareStrings);
  }

  /** Deletes samples in a range from the series that match. @returns what was deleted, for the log */
  delete(query: SeriesQuery): Tombstone[] {
    const made: Tombstone[] = [];
    for (const ref of this.#refsInRange(query)) {
      const record = this.index.series.recordOf(ref) >>> 1;
      const late = this.late.timesOf(ref);
      const oldestTimeMs = Math.min(late.minTimeMs, this.arena.floats[record + seriesField.oldestTime]!);
      const lastTimeMs = Math.max(late.maxTimeMs, this.arena.floats[record + seriesField.lastTime]!);
      // Only what is there now: samples that come later are not meant.
      const minTimeMs = Math.max(query.minTimeMs, oldestTimeMs);
      made.push({ ref, minTimeMs, maxTimeMs: Math.min(query.maxTimeMs, lastTimeMs) });
    }
    for (const tombstone of made) this.tombstones.add(tombstone);
    return made;
  }

  /**
   * Drops chunks of which every sample is older, and series without samples.
   *
   * @param oldestBatch number of the oldest batch that is open, see `dropIdle`
   * @returns the number of series dropped
   */
  dropBefore(minTimeMs: number, oldestBatch = 0): number {
    atOnce(this.dropChunksBefore(minTimeMs));
    const { words, floats } = this.arena;
    this.#minTimeMs = Number.POSITIVE_INFINITY;
    for (const ref of this.index.series.refs()) {
      const record = this.index.series.recordOf(ref);
      const flags = words[record + seriesField.flags]!;
      if (words[record + seriesField.newestChunk] === 0) {
        words[record + seriesField.flags] =
          flags | seriesFlag.idle | ((flags & seriesFlag.idle) !== 0 ? seriesFlag.longIdle : 0);
        continue;
      }
      words[record + seriesField.flags] = flags & ~(seriesFlag.idle | seriesFlag.longIdle);
      const oldestTimeMs = floats[(record >>> 1) + seriesField.oldestTime]!;
      if (oldestTimeMs < this.#minTimeMs) this.#minTimeMs = oldestTimeMs;
    }
    if (this.#minTimeMs === Number.POSITIVE_INFINITY) this.#maxTimeMs = Number.NEGATIVE_INFINITY;
    this.tombstones.dropBefore((ref) => this.#deletableBefore(ref, minTimeMs));
    return this.dropIdle(oldestBatch);
  }

  /** Lets go of chunks of which every sample is older, some series a step. What else it changes, `dropBefore` does after. */
  *dropChunksBefore(minTimeMs: number): Steps<void> {
    let count = 0;
    for (const ref of this.index.series.refs()) {
      if (++count % seriesPerStep === 0) yield;
      if (this.isLive(ref)) this.store.dropBefore(this.index.series.recordOf(ref), minTimeMs);
    }
  }

  /** Where the samples of a series begin that may be left when those in order before a time are dropped. */
  #deletableBefore(ref: number, minTimeMs: number): number {
    return this.isLive(ref) ? Math.min(minTimeMs, this.late.timesOf(ref).minTimeMs) : Number.POSITIVE_INFINITY;
  }

  /**
   * Drops series without samples.
   *
   * @param oldestBatch number of the oldest batch that is open: only series go that were without samples at the truncation
   *   before as well, and that no open batch has looked up or appended to; Infinity when none is open
   */
  dropIdle(oldestBatch: number): number {
    const idle: number[] = [];
    const { words } = this.arena;
    for (const ref of this.index.series.refs()) {
      const record = this.index.series.recordOf(ref);
      if (words[record + seriesField.newestChunk] !== 0 || this.late.has(ref)) continue;
      const isLongIdle = (words[record + seriesField.flags]! & seriesFlag.longIdle) !== 0;
      const isOpen = words[record + seriesField.batch]! >= oldestBatch;
      if (oldestBatch === Number.POSITIVE_INFINITY || (isLongIdle && !isOpen)) idle.push(ref);
    }
    return this.#dropSeries(idle);
  }

  #dropSeries(refs: readonly number[]): number {
    if (this.heldCutCount > 0) return 0;
    // An open selection may still ask for the labels.
    if (this.epochs.openCount > 0 && this.#dropsDelayed < dropDelayRounds) {
      this.#dropsDelayed++;
      return 0;
    }
    this.#dropsDelayed = 0;
    for (const ref of refs) this.store.histograms.forgetSeries(ref);
    this.index.remove(Uint32Array.from(refs));
    return refs.length;
  }

  /** The most that the index can need for one more series, so that it never stops halfway. */
  #indexBytesMax(labels: Labels): number {
    let units = 0;
    for (const label of labels) units += label.name.length + label.value.length;
    // UTF-8 takes three bytes for a UTF-16 unit at most, and a block is twice as large as what it holds at most. Each
    // list of refs may have to move into a block of twice its size.
    return seriesReserveBytes + units * 6 + labels.length * this.index.series.count * 16;
  }

  /** A fresh array, ascending by ref. */
  #refsInRange(query: SeriesQuery & TimeRange): Uint32Array {
    const refs = matchingRefs(this.index, query.matchers);
    const kept = new Uint32Array(refs.length);
    const { floats, words } = this.arena;
    let count = 0;
    for (const ref of refs) {
      const record = this.index.series.recordOf(ref);
      const oldestTimeMs = floats[(record >>> 1) + seriesField.oldestTime]!;
      const isInRange =
        oldestTimeMs <= query.maxTimeMs &&
        oldestTimeMs !== Number.POSITIVE_INFINITY &&
        floats[(record >>> 1) + seriesField.lastTime]! >= query.minTimeMs;
      const isLate = (words[record + seriesField.flags]! & seriesFlag.late) !== 0;
      if (isInRange || (isLate && this.#isLateInRange(ref, query))) kept[count++] = ref;
    }
    return kept.subarray(0, count);
  }

  #isLateInRange(ref: number, query: TimeRange): boolean {
    const { minTimeMs, maxTimeMs } = this.late.timesOf(ref);
    return minTimeMs <= query.maxTimeMs && maxTimeMs >= query.minTimeMs;
  }
}

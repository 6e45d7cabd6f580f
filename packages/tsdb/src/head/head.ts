import { compareStrings, type Labels, SeriesLimitError, type SeriesQuery } from "@tatou/model";
import { Arena } from "./arena.ts";
import { Epochs } from "./epochs.ts";
import { HeadSelection, type TimeRange } from "./head-selection.ts";
import { LabelIndex, normalLabels } from "./label-index.ts";
import { matchingRefs } from "./matcher-refs.ts";
import { SampleStore } from "./sample-store.ts";
import { labelCountMax, seriesField, seriesFlag, seriesRefMax } from "./series-table.ts";
import { type Tombstone, Tombstones } from "./tombstones.ts";

/** Rounds of maintenance that wait for open selections before series are dropped under them. */
const dropDelayRounds = 10;
/** What a new series needs at most besides its labels: a page of records, and first blocks of its lists. */
const seriesReserveBytes = 64 * 1024;

/** When memory is full, the oldest of so many equal parts of the time kept is dropped, and again until there is room. */
const dropRoundsMax = 8;

export interface HeadOptions {
  readonly seriesCountMax: number;
  readonly memoryMaxBytes: number;
  readonly hashSeed: number;
}

/** The newest samples, in memory: series by labels, samples by series. Knows nothing of files. */
export class Head {
  readonly arena: Arena;
  readonly epochs: Epochs;
  readonly index: LabelIndex;
  readonly store: SampleStore;
  readonly tombstones = new Tombstones();
  /** How often samples had to go before their time because memory was full. */
  earlyDropCount = 0;
  readonly #seriesCountMax: number;
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  #dropsDelayed = 0;

  constructor(options: HeadOptions) {
    this.#seriesCountMax = options.seriesCountMax;
    this.arena = new Arena(options.memoryMaxBytes);
    this.epochs = new Epochs(this.arena);
    this.index = new LabelIndex(this.arena, options.hashSeed);
    this.store = new SampleStore(this.arena, this.epochs);
  }

  /** Time of the oldest and of the newest sample; infinite while there is none. */
  get minTimeMs(): number {
    return this.#minTimeMs;
  }

  get maxTimeMs(): number {
    return this.#maxTimeMs;
  }

  /** The series with these labels, made if need be. @throws {SeriesLimitError} */
  resolve(labels: Labels): number {
    const normal = normalLabels(labels);
    const known = this.index.find(normal);
    if (known !== 0) return known;
    const { series } = this.index;
    if (series.count >= this.#seriesCountMax) throw new SeriesLimitError(this.#seriesCountMax);
    const full = this.arena.indexBytesLeft < this.#indexBytesMax(normal);
    // Memory is a limit on series too; the count reached is the number to tell.
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
    return (words[record + seriesField.valueHigh]! | 0) === high && (words[record + seriesField.valueLow]! | 0) === low;
  }

  /** Adds a sample that is newer than the series' last. */
  append(ref: number, timestampMs: number, high: number, low: number): void {
    this.store.append(this.index.series.recordOf(ref), timestampMs, high, low);
    if (timestampMs > this.#maxTimeMs) this.#maxTimeMs = timestampMs;
    if (timestampMs < this.#minTimeMs) this.#minTimeMs = timestampMs;
  }

  /**
   * Sees to it that so many samples certainly fit into memory, if need be by dropping the oldest ones early.
   *
   * @returns false when there is not enough even so
   */
  makeRoomFor(sampleCount: number): boolean {
    for (let round = 0; !this.store.reserve(sampleCount); round++) {
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
      const oldestTimeMs = this.arena.floats[record + seriesField.oldestTime]!;
      const lastTimeMs = this.arena.floats[record + seriesField.lastTime]!;
      // Only what is there now: samples that come later are not meant.
      const minTimeMs = Math.max(query.minTimeMs, oldestTimeMs);
      made.push({ ref, minTimeMs, maxTimeMs: Math.min(query.maxTimeMs, lastTimeMs) });
    }
    for (const tombstone of made) this.tombstones.add(tombstone);
    return made;
  }

  /**
   * Drops chunks of which every sample is older, and series that were without samples at two rounds in a row.
   *
   * @returns the number of series dropped
   */
  dropBefore(minTimeMs: number): number {
    const idle: number[] = [];
    const { words } = this.arena;
    this.#minTimeMs = Number.POSITIVE_INFINITY;
    for (const ref of this.index.series.refs()) {
      const record = this.index.series.recordOf(ref);
      if (this.store.dropBefore(record, minTimeMs)) {
        words[record + seriesField.flags]! &= ~seriesFlag.idle;
        const oldestTimeMs = this.arena.floats[(record >>> 1) + seriesField.oldestTime]!;
        if (oldestTimeMs < this.#minTimeMs) this.#minTimeMs = oldestTimeMs;
      } else if ((words[record + seriesField.flags]! & seriesFlag.idle) !== 0) idle.push(ref);
      else words[record + seriesField.flags]! |= seriesFlag.idle;
    }
    if (this.#minTimeMs === Number.POSITIVE_INFINITY) this.#maxTimeMs = Number.NEGATIVE_INFINITY;
    this.tombstones.dropBefore(minTimeMs, (ref) => this.isLive(ref));
    return this.#dropSeries(idle);
  }

  #dropSeries(refs: readonly number[]): number {
    // An open selection may still ask for the labels.
    if (this.epochs.openCount > 0 && this.#dropsDelayed < dropDelayRounds) {
      this.#dropsDelayed++;
      return 0;
    }
    this.#dropsDelayed = 0;
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
    const { floats } = this.arena;
    let count = 0;
    for (const ref of refs) {
      const record = this.index.series.recordOf(ref) >>> 1;
      if (floats[record + seriesField.oldestTime]! > query.maxTimeMs) continue;
      if (floats[record + seriesField.oldestTime] === Number.POSITIVE_INFINITY) continue;
      if (floats[record + seriesField.lastTime]! < query.minTimeMs) continue;
      kept[count++] = ref;
    }
    return kept.subarray(0, count);
  }
}

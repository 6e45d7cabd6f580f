import { type Labels, SeriesLimitError } from "@tatou/model";
import { WalUnsupportedError } from "./errors.ts";
import type { ExemplarStore } from "./exemplars/exemplar-store.ts";
import type { FoundChunks } from "./found-chunks.ts";
import type { Head } from "./head/head.ts";
import { seriesField, seriesRefMax } from "./head/series-table.ts";
import type { Tombstone } from "./head/tombstones.ts";
import { highWordIndex, lowWordIndex } from "./head/words.ts";
import { sampleOf } from "./histogram-rows.ts";
import { SampleBatch } from "./sample-batch.ts";
import type { Truncation } from "./truncation-file.ts";
import type { HistogramRow } from "./wal/histogram-record.ts";
import type { RecordSamples } from "./wal/sample-record.ts";
import type { ExemplarRow, MetadataRow } from "./wal/series-record.ts";
import type { ReplayVisitor } from "./wal/wal.ts";

/** How often room is checked for, in samples. */
const roomCheckInterval = 1024;

/**
 * Where the time of a series' newest sample in the log is kept while it is read: two words of its record that only batches
 * use. The first samples count as newer than 0.
 */
const seenFloat = seriesField.batch / 2;

/** Where a sample of the log goes. */
const inOrder = 0;
const late = 1;
const nowhere = 2;

export interface HeadReplayOptions {
  /** What counts no more; null when that was not noted. */
  readonly truncation: Truncation | null;
  /** Then, older samples are in blocks. */
  readonly minTimeMs: number;
  readonly exemplars: ExemplarStore;
  /** What chunks_head holds. */
  readonly chunks: FoundChunks;
}

/** Puts what a log and chunks_head hold into the head. */
export class HeadReplay implements ReplayVisitor {
  sampleCount = 0;
  /** Samples of series whose record is not there: expired ones, or lost with a part of the log. */
  unknownSampleCount = 0;
  /** Samples that are older than one that stands before them in the log. */
  readonly late = new SampleBatch(0);
  /** Samples that are in a chunk of chunks_head or in a block. */
  knownSampleCount = 0;
  /** Series for which there is no room. */
  refusedSeriesCount = 0;
  /** What is not kept, in words. */
  readonly skippedCounts = new Map<string, number>();
  readonly #head: Head;
  /** Refs whose labels were already there under another one: log to head. */
  readonly #aliases = new Map<number, number>();
  /** In the segment at hand, older samples are in blocks. */
  #minTimeMs = Number.NEGATIVE_INFINITY;
  /** What counts no more. */
  #truncation: Truncation;
  readonly #options: HeadReplayOptions;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  readonly #scratch = new Float64Array(1);

  constructor(head: Head, options: HeadReplayOptions) {
    this.#head = head;
    this.#options = options;
    const all = Number.POSITIVE_INFINITY;
    const { truncation, minTimeMs } = options;
    this.#truncation = truncation ?? { timeMs: minTimeMs, segment: all, chunkFile: all, lateChunkFile: 0 };
    head.noteTruncation(this.#truncation.timeMs);
  }

  /** What counted no more. */
  get truncation(): Truncation {
    return this.#truncation;
  }

  /** Refs that stand for the series of another one: log to head. */
  get aliases(): ReadonlyMap<number, number> {
    return this.#aliases;
  }

  beginSegment(index: number): void {
    const { timeMs, segment } = this.#truncation;
    this.#minTimeMs = index < segment ? timeMs : Number.NEGATIVE_INFINITY;
  }

  takeMaxTimeMs(): number {
    const maxTimeMs = this.#maxTimeMs;
    this.#maxTimeMs = Number.NEGATIVE_INFINITY;
    return maxTimeMs;
  }

  onSeries(ref: number, labels: Labels): void {
    if (ref > seriesRefMax) {
      const hint = "Start with an empty data directory; the samples of this one can be read by Prometheus";
      throw new WalUnsupportedError(`found series number ${ref}, expected at most ${seriesRefMax}`, hint);
    }
    try {
      const known = this.#head.restoreSeries(ref, labels);
      if (known === ref) this.#aliases.delete(ref);
      else {
        this.#aliases.set(ref, known);
        // The log names a series by this number: no other may get it.
        this.#head.index.series.skipTo(ref);
      }
      this.#takeChunks(ref, known);
    } catch (error) {
      if (!(error instanceof SeriesLimitError)) throw error;
      this.refusedSeriesCount++;
    }
  }

  onSamples(samples: RecordSamples): void {
    for (let start = 0; start < samples.count; start += roomCheckInterval) {
      const end = Math.min(samples.count, start + roomCheckInterval);
      this.#head.makeRoomFor(end - start);
      this.#addRows(samples, start, end);
    }
  }

  /** Hot: runs once per sample of the log. */
  #addRows(samples: RecordSamples, start: number, end: number): void {
    const { refs, timesMs } = samples;
    const { index, store } = this.#head;
    const hasAliases = this.#aliases.size > 0;
    let addedMinTimeMs = Number.POSITIVE_INFINITY;
    let addedMaxTimeMs = Number.NEGATIVE_INFINITY;
    for (let row = start; row < end; row++) {
      const logRef = refs[row]!;
      const ref = hasAliases ? (this.#aliases.get(logRef) ?? logRef) : logRef;
      const record = index.series.liveRecordOf(ref);
      const place = record === 0 ? this.#noteUnknown(logRef, timesMs[row]!) : this.#placeOf(record, timesMs, row);
      if (place === inOrder) {
        store.append(ref, samples, row);
        const timeMs = timesMs[row]!;
        if (timeMs < addedMinTimeMs) addedMinTimeMs = timeMs;
        if (timeMs > addedMaxTimeMs) addedMaxTimeMs = timeMs;
      } else if (place === late) this.#addLate(ref, samples, row);
    }
    this.#head.noteTimes(addedMinTimeMs, addedMaxTimeMs);
  }

  #addLate(ref: number, { timesMs, valueWords }: RecordSamples, row: number): void {
    const high = valueWords[2 * row + highWordIndex]!;
    this.late.add(ref, timesMs[row]!, high, valueWords[2 * row + lowWordIndex]!);
  }

  onHistogram(row: HistogramRow): void {
    this.#head.makeRoomFor(1);
    const ref = this.refOf(row.ref);
    if (ref === 0) {
      this.#noteUnknown(row.ref, row.timestampMs);
      return;
    }
    this.#scratch[0] = row.timestampMs;
    const place = this.#placeOf(this.#head.index.series.recordOf(ref), this.#scratch, 0);
    const sample = sampleOf(row);
    if (place === inOrder) this.#head.appendHistogram(ref, sample);
    else if (place === late) this.late.histograms.push({ ...sample, ref });
  }

  onExemplar({ ref: logRef, exemplar }: ExemplarRow): void {
    const ref = this.refOf(logRef);
    if (ref !== 0) this.#options.exemplars.add(ref, exemplar);
  }

  onMetadata({ ref: logRef, metadata }: MetadataRow): void {
    const ref = this.refOf(logRef);
    if (ref !== 0) this.#head.metadata.set(this.#head.index.series.recordOf(ref), metadata);
  }

  onMmapMarker(): void {
    this.onSkipped("marks of chunks_head");
  }

  /** Says less than what is noted beside the log, and stands for it where that is not there. */
  onMinValidTime(timeMs: number): void {
    if (this.#options.truncation !== null || timeMs <= this.#truncation.timeMs) return;
    this.#truncation = { ...this.#truncation, timeMs };
    this.#head.noteTruncation(timeMs);
    this.#minTimeMs = timeMs;
  }

  /** The series that a number in the log stands for; 0 when it is not there. */
  refOf(logRef: number): number {
    const ref = this.#aliases.size === 0 ? logRef : (this.#aliases.get(logRef) ?? logRef);
    return this.#head.isLive(ref) ? ref : 0;
  }

  /** Takes out of the series' records what only the replay needs. */
  end(): void {
    const { words } = this.#head.arena;
    for (const ref of this.#head.index.series.refs()) {
      const record = this.#head.index.series.recordOf(ref);
      words.fill(0, record + seriesField.batch, record + seriesField.batch + 2);
    }
  }

  /** Counts a sample whose series is not there, unless it would be too old in any case. */
  #noteUnknown(logRef: number, timeMs: number): typeof nowhere {
    // Its number must not be given to another series as long as the log names it.
    if (logRef <= seriesRefMax) this.#head.index.series.skipTo(logRef);
    if (timeMs < this.#minTimeMs) this.knownSampleCount++;
    else this.unknownSampleCount++;
    return nowhere;
  }

  /**
   * Where a sample is to go. What is not newer than all that its series has is in a chunk of chunks_head, unless the log goes
   * back in time at it: because the clock did, or because Prometheus wrote it, which logs samples out of order twice.
   */
  #placeOf(seriesRecord: number, timesMs: Float64Array, row: number): typeof inOrder | typeof late | typeof nowhere {
    const timeMs = timesMs[row]!;
    const { floats } = this.#head.arena;
    const record = seriesRecord >>> 1;
    const seenMs = floats[record + seenFloat]!;
    if (timeMs > this.#maxTimeMs) this.#maxTimeMs = timeMs;
    if (timeMs < this.#minTimeMs) {
      this.knownSampleCount++;
      return nowhere;
    }
    if (timeMs > seenMs) floats[record + seenFloat] = timeMs;
    if (timeMs > floats[record + seriesField.lastTime]!) {
      this.sampleCount++;
      return inOrder;
    }
    // A series of which none was seen, or none after 1970, has a zero there.
    if (timeMs < seenMs && seenMs > 0) return late;
    this.knownSampleCount++;
    return nowhere;
  }

  /** A chunk that begins before the one in front of it ended was written after the clock was set back. */
  #takeChunks(logRef: number, ref: number): void {
    const { timeMs, chunkFile, lateChunkFile } = this.#truncation;
    for (const chunk of this.#options.chunks.take(logRef)) {
      const blocksEndMs = chunk.file < chunkFile ? timeMs : Number.NEGATIVE_INFINITY;
      if (chunk.isOutOfOrder ? chunk.file < lateChunkFile : chunk.maxTimeMs < blocksEndMs) continue;
      if (chunk.isOutOfOrder || !this.#head.addFileChunk(ref, chunk, blocksEndMs)) this.#head.addLateChunk(ref, chunk);
    }
  }

  onTombstone(tombstone: Tombstone): void {
    const ref = this.#aliases.get(tombstone.ref) ?? tombstone.ref;
    if (this.#head.isLive(ref)) this.#head.tombstones.add({ ...tombstone, ref });
  }

  onSkipped(what: string): void {
    this.skippedCounts.set(what, (this.skippedCounts.get(what) ?? 0) + 1);
  }
}

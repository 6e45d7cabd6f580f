import { ByteWriter } from "@tatou/kernels";
import { type Appender, type Clock, formatDurationMs, type Labels, type Log, StorageWriteError } from "@tatou/model";
import type { ExemplarStore } from "./exemplars/exemplar-store.ts";
import type { ChunkFlush } from "./head/chunk-flush.ts";
import type { Head } from "./head/head.ts";
import type { Tombstone } from "./head/tombstones.ts";
import { type AppendBounds, HeadAppender, type OpenedBatch, type RefusalCounts } from "./head-appender.ts";
import { rowOf } from "./histogram-rows.ts";
import type { LateLog } from "./late-log.ts";
import { type AppendBatch, newAppendBatch, type SampleBatch } from "./sample-batch.ts";
import { stageSeries } from "./series-staging.ts";
import type { TsdbHealth } from "./tsdb-status.ts";
import { stageHistograms } from "./wal/histogram-record.ts";
import { writeSamples } from "./wal/sample-record.ts";
import { writeExemplars, writeMetadata, writeTombstones } from "./wal/series-record.ts";
import type { Wal } from "./wal/wal.ts";

/** Samples in one record of the log; a scrape almost always fits into one. */
const samplesPerRecord = 50_000;
/** Batches kept for reuse, and the most samples one of them may have room for. */
const idleBatchCountMax = 16;
const idleBatchCapacityMax = 100_000;

export interface HeadWriterOptions {
  readonly head: Head;
  readonly wal: Wal;
  readonly lateLog: LateLog;
  readonly flush: ChunkFlush;
  readonly exemplars: ExemplarStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds: () => AppendBounds;
  /** The series with these labels, or one that they are folded into. @throws {SeriesLimitError} */
  readonly resolve: (labels: Labels) => number;
}

/**
 * The way of a batch: into the log by one write, then into the head. When the log cannot be written, the batch goes into
 * the head all the same: alerts go on to see the world, while `health` says that a crash would lose it. Each commit tries
 * the log again, so writing resumes by itself.
 */
export class HeadWriter {
  readonly refusals: RefusalCounts = { outOfOrder: 0, duplicate: 0, outOfBounds: 0, tooOld: 0, futureSetAside: 0 };
  samplesAppended = 0;
  /** Those of them that are native histograms. */
  histogramsAppended = 0;
  lateSamplesAppended = 0;
  readonly #options: HeadWriterOptions;
  readonly #head: Head;
  /** Series from this ref on are not in the log: new ones, and those of batches whose write failed. */
  #unloggedRef: number;
  readonly #record = new ByteWriter(64 * 1024);
  readonly #idleBatches: AppendBatch[] = [];
  #batchNumber = 0;
  /** Numbers of the batches that were opened and neither committed nor dropped. */
  readonly #openBatches = new Set<number>();
  #samplesNotWritten = 0;
  #failingSinceMs: number | null = null;
  #problem: string | null = null;
  #chunkProblem: string | null = null;
  #chunksFailingSinceMs: number | null = null;

  constructor(options: HeadWriterOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#unloggedRef = options.head.index.series.nextRef;
  }

  appender(): Appender {
    // Batch numbers live in 32 bits; 0 means "none".
    this.#batchNumber = this.#batchNumber === 0xffff_ffff ? 1 : this.#batchNumber + 1;
    this.#openBatches.add(this.#batchNumber);
    return new HeadAppender({
      head: this.#head,
      batchNumber: this.#batchNumber,
      batch: this.#idleBatches.pop() ?? newAppendBatch(),
      bounds: this.#options.bounds(),
      refusals: this.refusals,
      resolve: this.#options.resolve,
      commit: (opened) => this.#commit(opened),
      rollback: (opened) => this.#giveBack(opened),
    });
  }

  /** Number of the oldest batch that is open; Infinity when none is. */
  get oldestBatch(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#openBatches);
  }

  /** @throws {StorageWriteError} */
  logTombstones(tombstones: readonly Tombstone[]): void {
    this.#write(Number.NEGATIVE_INFINITY, (stage) => {
      this.#record.length = 0;
      writeTombstones(this.#record, tombstones);
      stage(this.#record.written());
    });
  }

  /** Writes the chunks that ended. What the disk refuses stays in memory. */
  flushChunks(): void {
    try {
      this.#options.flush.flush();
      this.#chunkProblem = null;
      this.#chunksFailingSinceMs = null;
    } catch (error) {
      if (!(error instanceof StorageWriteError)) throw error;
      if (this.#chunkProblem === null) this.#options.log.error(`Chunks stay in memory: ${error.message}`);
      this.#chunkProblem = error.message;
      this.#chunksFailingSinceMs ??= this.#options.clock.nowMs();
    }
  }

  health(): TsdbHealth {
    const failingSinceMs = this.#failingSinceMs ?? this.#chunksFailingSinceMs;
    return {
      durable: failingSinceMs === null,
      problem: this.#problem ?? this.#chunkProblem,
      failingSinceMs,
      samplesNotWritten: this.#samplesNotWritten,
    };
  }

  #commit(opened: OpenedBatch): void {
    const { batch } = opened;
    try {
      // Before the samples are looked at, because making room may drop series.
      const hasRoom = this.#head.makeRoomFor(batch.inOrder.sampleCount);
      this.#dropOvertaken(batch);
      this.#dropCut(opened);
      if (!hasRoom) throw new StorageWriteError("Cannot add samples: the limit on memory is reached");
      try {
        this.#logAndAdd(batch);
      } finally {
        if (batch.late.sampleCount > 0) this.#logAndAddLate(batch.late);
      }
    } finally {
      this.#giveBack(opened);
    }
  }

  #logAndAdd(batch: AppendBatch): void {
    const { inOrder, metadata } = batch;
    try {
      this.#write(inOrder.maxTimeMs(), (stage) => this.#stageBatch(batch, stage));
    } catch (error) {
      this.#samplesNotWritten += inOrder.sampleCount;
      throw error;
    } finally {
      this.#head.appendRows(inOrder);
      for (const sample of inOrder.histograms) this.#head.appendHistogram(sample.ref, sample);
      for (const row of metadata) this.#head.metadata.set(this.#head.index.series.recordOf(row.ref), row.metadata);
      this.samplesAppended += inOrder.sampleCount;
      this.histogramsAppended += inOrder.histograms.length;
      if (this.#options.flush.isDue) this.flushChunks();
    }
  }

  #stageBatch({ inOrder, exemplars, metadata }: AppendBatch, stage: (record: Uint8Array) => void): void {
    const record = this.#record;
    for (let start = 0; start < inOrder.count; start += samplesPerRecord) {
      record.length = 0;
      writeSamples(record, inOrder, start, Math.min(inOrder.count, start + samplesPerRecord));
      stage(record.written());
    }
    if (inOrder.histograms.length > 0) stageHistograms(inOrder.histograms.map(rowOf), record, stage);
    if (metadata.length > 0) {
      record.length = 0;
      writeMetadata(record, metadata);
      stage(record.written());
    }
    if (exemplars.length === 0) return;
    record.length = 0;
    writeExemplars(record, exemplars);
    stage(record.written());
  }

  /** Into a log of their own. Their series are in the main one by now. */
  #logAndAddLate(late: SampleBatch): void {
    try {
      this.#keepAccount(() => this.#options.lateLog.write(late));
    } catch (error) {
      this.#samplesNotWritten += late.sampleCount;
      throw error;
    } finally {
      this.lateSamplesAppended += this.#options.lateLog.add(late);
      if (this.#options.flush.isDue) this.flushChunks();
    }
  }

  /** Writes what is staged, behind the series that are not in the log yet. */
  #write(maxTimeMs: number, stageRecords: (stage: (record: Uint8Array) => void) => void): void {
    this.#keepAccount(() =>
      this.#options.wal.write((stage) => {
        stageSeries(this.#head, this.#unloggedRef, stage);
        stageRecords(stage);
      }, maxTimeMs),
    );
    this.#unloggedRef = this.#head.index.series.nextRef;
  }

  /** Keeps account of success and failure. */
  #keepAccount(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#noteFailure(error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.#noteSuccess();
  }

  #noteFailure(problem: string): void {
    this.#problem = problem;
    if (this.#failingSinceMs !== null) return;
    this.#failingSinceMs = this.#options.clock.nowMs();
    this.#options.log.error(`Samples are kept in memory only: ${problem}`);
  }

  #noteSuccess(): void {
    if (this.#failingSinceMs === null) return;
    const forMs = this.#options.clock.nowMs() - this.#failingSinceMs;
    const lost = `a crash would lose ${this.#samplesNotWritten} samples`;
    this.#options.log.info(
      `The write-ahead log is written again after ${formatDurationMs(Math.round(forMs))}: ${lost}`,
    );
    this.#failingSinceMs = null;
    this.#problem = null;
  }

  /**
   * Takes out samples that another batch has overtaken since they were checked, and those of series that are gone. What
   * exemplars are left has been added.
   */
  #dropOvertaken(batch: AppendBatch): void {
    const head = this.#head;
    if (!head.isStillNewer(batch.inOrder)) {
      batch.inOrder.retain((ref, timeMs) => {
        if (!head.isLive(ref)) return false;
        const isNewer = timeMs > head.lastTimeMs(ref);
        if (!isNewer) this.refusals.outOfOrder++;
        return isNewer;
      });
    }
    if (batch.late.sampleCount > 0) batch.late.retain((ref) => head.isLive(ref));
    if (batch.exemplars.length > 0) {
      batch.exemplars = batch.exemplars.filter(
        ({ ref, exemplar }) => head.isLive(ref) && this.#options.exemplars.add(ref, exemplar),
      );
    }
    if (batch.metadata.length > 0) batch.metadata = batch.metadata.filter(({ ref }) => head.isLive(ref));
  }

  /** Takes out samples that would come into a part of the head that was cut or truncated since they were checked. */
  #dropCut({ batch: { inOrder, late }, bounds }: OpenedBatch): void {
    const now = this.#options.bounds();
    if (now.cutCount === bounds.cutCount) return;
    const { refusals } = this;
    const { histograms } = inOrder;
    for (let row = 0; row < inOrder.count; row++) {
      const timeMs = inOrder.timesMs[row]!;
      if (timeMs >= now.minTimeMs) continue;
      if (timeMs >= now.lateMinTimeMs) late.add(inOrder.refs[row]!, timeMs, inOrder.high(row), inOrder.low(row));
      else refusals.outOfBounds++;
    }
    for (const sample of histograms) {
      if (sample.timeMs >= now.minTimeMs) continue;
      if (sample.timeMs >= now.lateMinTimeMs) late.histograms.push(sample);
      else refusals.outOfBounds++;
    }
    inOrder.retain((_ref, timeMs) => timeMs >= now.minTimeMs);
  }

  #giveBack({ batch, batchNumber }: OpenedBatch): void {
    this.#openBatches.delete(batchNumber);
    batch.inOrder.clear();
    batch.late.clear();
    batch.exemplars = [];
    batch.metadata = [];
    if (this.#idleBatches.length === idleBatchCountMax || batch.inOrder.refs.length > idleBatchCapacityMax) return;
    this.#idleBatches.push(batch);
  }
}

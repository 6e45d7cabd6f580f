import {
  type Appendable,
  type Appender,
  type ExemplarQuery,
  type ExemplarQueryable,
  type Labels,
  type Queryable,
  type SeriesExemplars,
  type SeriesMetadata,
  type SeriesQuery,
  type SeriesSelection,
} from "@tatou/model";
import { ChunkFlush } from "./head/chunk-flush.ts";
import type { Head } from "./head/head.ts";
import type { HeadCut } from "./head/head-cut.ts";
import { HeadCuts } from "./head/head-cuts.ts";
import type { AppendBounds } from "./head-appender.ts";
import type { HeadStoreOptions } from "./head-store-options.ts";
import { HeadTruncation } from "./head-truncation.ts";
import { HeadWriter } from "./head-writer.ts";
import { LateLog } from "./late-log.ts";
import { type OpenedStore, openHeadStore } from "./open-head-store.ts";
import { SeriesFold } from "./series-fold.ts";
import type { TsdbHealth, TsdbStats, WalReplayStatus } from "./tsdb-status.ts";
import { atOnce, inTurns } from "./turns.ts";

/** What can be changed while a store is open. */
export interface HeadStoreSettings {
  readonly retentionMs?: number;
  readonly outOfOrderWindowMs?: number;
  readonly exemplarCountMax?: number;
}

const minBlockDurationMsDefault = 2 * 60 * 60 * 1000;
/** A series with newer samples than this after now was written with another clock. */
const aheadMaxMs = 60_000;
/** Chunks of samples out of order that wait for a file may take this share of what the rest may. */
const lateShare = 1 / 4;
const retentionMsDefault = 24 * 60 * 60 * 1000;

/**
 * The newest samples: in memory and in the files of chunks_head (the head), and in the write-ahead log; opening reads both
 * back. Whoever opens it has locked the directory.
 */
export class HeadStore implements Queryable, Appendable, ExemplarQueryable {
  /** How the replay at the start ended. */
  readonly walReplayStatus: WalReplayStatus;
  readonly #store: OpenedStore;
  readonly #head: Head;
  readonly #writer: HeadWriter;
  readonly #lateLog: LateLog;
  readonly #cuts: HeadCuts;
  readonly #truncation: HeadTruncation;
  readonly #fold: SeriesFold;
  readonly #firstRef: number;
  readonly #injectsZeros: boolean;
  #retentionMs: number;
  #outOfOrderWindowMs: number;
  /** Half of the smallest block, as in Prometheus: what is older may be in one. */
  readonly #appendWindowMs: number;
  #isTruncating = false;
  /** The file of chunks_head that comes after all that are in the cut of samples out of order. */
  #lateCutFile = 0;
  #closed = false;

  private constructor(store: OpenedStore, options: HeadStoreOptions) {
    const { head, clock, log, exemplars, wal } = store;
    this.#store = store;
    this.#head = head;
    this.#retentionMs = options.retentionMs ?? retentionMsDefault;
    this.#appendWindowMs = (options.minBlockDurationMs ?? minBlockDurationMsDefault) / 2;
    this.#outOfOrderWindowMs = options.outOfOrderWindowMs ?? 0;
    this.#injectsZeros = options.injectsZeros ?? false;
    this.#cuts = new HeadCuts(head, store.chunksHeadDirectory);
    this.#fold = new SeriesFold(head, options.seriesCountMax ?? Number.POSITIVE_INFINITY, log);
    this.#lateLog = new LateLog(head, store.lateWal);
    this.#writer = new HeadWriter({
      ...{ head, wal, exemplars, clock, log },
      lateLog: this.#lateLog,
      flush: new ChunkFlush(head, { files: store.chunkFiles, lateLog: this.#lateLog, clock }),
      bounds: () => this.#appendBounds(),
      resolve: (labels) => this.#fold.resolve(labels),
    });
    this.#truncation = new HeadTruncation(store, this.#writer);
    this.#firstRef = head.index.series.nextRef;
    this.walReplayStatus = store.walReplayStatus;
  }

  /**
   * Reads the logs.
   *
   * @throws {WalUnsupportedError} the log is sound, but this store cannot read it; nothing was changed
   * @throws {HeadChunksUnsupportedError} likewise chunks_head
   */
  static async open(options: HeadStoreOptions): Promise<HeadStore> {
    return new HeadStore(await openHeadStore(options, options.retentionMs ?? retentionMsDefault), options);
  }

  /** Time of the oldest and of the newest sample that came in order; infinite while there is none. */
  get minTimeMs(): number {
    return this.#head.minTimeMs;
  }

  get maxTimeMs(): number {
    return this.#head.maxTimeMs;
  }

  /** Time of the oldest sample in order that may be in no block: where the next one is to begin. */
  get blockStartMs(): number {
    return this.#head.blockStartMs;
  }

  /** Whether there are samples that came out of order; they may be older than minTimeMs. */
  get hasOutOfOrder(): boolean {
    return this.#head.late.seriesCount > 0;
  }

  configure({ retentionMs, outOfOrderWindowMs, exemplarCountMax }: HeadStoreSettings): void {
    if (retentionMs !== undefined) this.#retentionMs = retentionMs;
    if (outOfOrderWindowMs !== undefined) this.#outOfOrderWindowMs = outOfOrderWindowMs;
    const { exemplars } = this.#store;
    if (exemplarCountMax !== undefined && exemplarCountMax !== exemplars.countMax) exemplars.resize(exemplarCountMax);
  }

  appender(): Appender {
    return this.#writer.appender();
  }

  async select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection> {
    signal?.throwIfAborted();
    return this.#head.select(query);
  }

  async labelNames(query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    signal?.throwIfAborted();
    return this.#head.labelNames(query);
  }

  async labelValues(name: string, query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    signal?.throwIfAborted();
    return this.#head.labelValues(name, query);
  }

  selectExemplars(query: ExemplarQuery): readonly SeriesExemplars[] {
    const head = this.#head;
    return this.#store.exemplars.select(query, (ref) => (head.isLive(ref) ? head.index.labelsOf(ref) : null));
  }

  /** What the target of a series said about it last; null when it said nothing or there is no such series. */
  metadataOf(labels: Labels): SeriesMetadata | null {
    const ref = this.#head.find(labels);
    return ref === 0 ? null : this.#head.metadata.get(this.#head.index.series.recordOf(ref));
  }

  /**
   * Deletes samples of the series that match, within the query's range. New samples of the same series are kept.
   *
   * @throws {StorageWriteError} they are deleted from memory, but come back with the next start
   */
  deleteSamples(query: SeriesQuery): void {
    const tombstones = this.#head.delete(query);
    if (tombstones.length > 0) this.#writer.logTombstones(tombstones);
  }

  /**
   * Takes the samples in [startMs, endMs) for another thread, which reads them by `headCutStream`. Until `release`, they
   * stay where they are; and unless the newest sample is among them, new samples before endMs are refused.
   */
  cut(startMs: number, endMs: number): HeadCut {
    return this.#cuts.make(startMs, endMs);
  }

  /** The same, while others have their turns. */
  cutInTurns(startMs: number, endMs: number): Promise<HeadCut> {
    return this.#cuts.makeInTurns(startMs, endMs);
  }

  /** Takes all samples that came out of order, likewise. Chunks of one series may overlap. One such cut at a time. */
  cutOutOfOrder(): HeadCut {
    this.#writer.flushChunks();
    const cut = this.#cuts.makeLate(this.#lateLog, () => this.#writer.flushChunks());
    this.#lateCutFile = this.#truncation.nextLateFile();
    return cut;
  }

  /** Ends the use of a cut; exactly once for each. Before it, the samples are dropped that are in a block now. */
  release(cut: HeadCut): void {
    this.#cuts.release(cut);
    if (this.#cuts.count === 0) this.#truncation.dropIdle();
  }

  /**
   * Drops samples in order that are older, which are in blocks or past retention: chunks, series without samples, files, a
   * part of the log.
   */
  truncateBefore(minTimeMs: number): void {
    if (!this.#isTruncating) atOnce(this.#truncation.before(minTimeMs));
  }

  /** The same, while others have their turns. */
  async truncateInTurns(minTimeMs: number): Promise<void> {
    this.#isTruncating = true;
    try {
      await inTurns(this.#truncation.before(minTimeMs));
    } finally {
      this.#isTruncating = false;
    }
  }

  /** Drops what went into a cut of samples out of order, which are in a block now, and their part of the log. */
  truncateOutOfOrder(cut: HeadCut): void {
    this.#truncation.write({ lateChunkFile: this.#lateCutFile });
    const firstSegment = this.#cuts.dropLate(cut);
    try {
      this.#lateLog.dropSegmentsBelow(firstSegment);
    } catch (error) {
      this.#store.log.warn(`The out-of-order log could not be shortened: ${messageOf(error)}`);
    }
  }

  /** Whether acknowledged samples reach the disk. */
  health(): TsdbHealth {
    return this.#writer.health();
  }

  stats(): TsdbStats {
    const { arena, epochs, index, late, store, minTimeMs, maxTimeMs, earlyDropCount } = this.#head;
    const { wal, chunkFiles, exemplars, samplesReplayed } = this.#store;
    const { outOfOrder, duplicate, outOfBounds, tooOld, futureSetAside } = this.#writer.refusals;
    return {
      seriesCount: index.series.count,
      chunkCount: store.chunkCount,
      labelPairCount: index.pairs.count,
      minTimeMs: Number.isFinite(minTimeMs) ? minTimeMs : null,
      maxTimeMs: Number.isFinite(maxTimeMs) ? maxTimeMs : null,
      samplesAppended: this.#writer.samplesAppended,
      histogramsAppended: this.#writer.histogramsAppended,
      outOfOrderSamplesAppended: this.#writer.lateSamplesAppended,
      outOfOrderSeriesCount: late.seriesCount,
      samplesReplayed,
      samplesRefused: { outOfOrder, duplicate, outOfBounds, tooOld },
      futureSetAside,
      seriesCreated: index.series.nextRef - this.#firstRef,
      seriesRemoved: this.#truncation.seriesRemoved,
      seriesFolded: this.#fold.foldedCount,
      earlyDropCount,
      walBytes: wal.sizeBytes,
      walSegmentFirst: wal.segmentFirst,
      walSegmentLast: wal.segmentLast,
      walWriteFailures: wal.writeFailureCount,
      walCorruptions: wal.corruptionCount,
      checkpoints: wal.checkpointCount,
      checkpointFailures: wal.checkpointFailureCount,
      headTruncations: this.#truncation.count,
      outOfOrderLogBytes: this.#lateLog.sizeBytes,
      headChunkBytes: chunkFiles.sizeBytes,
      headChunkWriteFailures: chunkFiles.writeFailureCount,
      exemplars: exemplars.stats(),
      memoryUsedBytes: arena.usedBytes,
      memoryReservedBytes: arena.reservedBytes,
      openSelections: epochs.openCount,
    };
  }

  /** Writes what is left to write, and syncs. Open selections stay readable, but for what is in files. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#truncation.close();
    this.#writer.flushChunks();
    this.#store.wal.close();
    this.#lateLog.close();
    this.#store.chunkFiles.close();
  }

  /**
   * Older samples are refused: those past retention, those that a cut may already have passed over, and those more than an
   * hour older than the newest one, as in Prometheus. A newest sample from the future does not count there.
   */
  #appendBounds(): AppendBounds {
    const nowMs = this.#store.clock.nowMs();
    const newestMs = Math.min(this.#head.maxTimeMs, nowMs);
    const retainedMs = nowMs - this.#retentionMs;
    // What waits for a disk that is full has a limit here, too.
    const isFull = this.#head.late.unwrittenBytes > this.#head.arena.sizeMaxBytes * lateShare;
    const windowMs = isFull ? 0 : this.#outOfOrderWindowMs;
    return {
      minTimeMs: Math.max(retainedMs, newestMs - this.#appendWindowMs, this.#cuts.refusedBeforeMs),
      lateMinTimeMs: windowMs > 0 ? Math.max(retainedMs, newestMs - windowMs) : Number.POSITIVE_INFINITY,
      futureMs: nowMs + aheadMaxMs,
      cutCount: this.#cuts.madeCount + this.#truncation.count,
      injectsZeros: this.#injectsZeros,
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

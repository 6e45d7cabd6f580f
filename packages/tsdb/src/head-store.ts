import { randomInt } from "node:crypto";
import { join } from "node:path";
import {
  type Appendable,
  type Appender,
  type Clock,
  formatDurationMs,
  type Log,
  type Queryable,
  type SeriesQuery,
  type SeriesSelection,
  StorageWriteError,
  silentLog,
} from "@tatou/model";
import { DirectoryLock } from "./directory-lock.ts";
import { Head } from "./head/head.ts";
import { HeadWriter } from "./head-writer.ts";
import { HeadReplay } from "./replay.ts";
import { stageSeries } from "./series-staging.ts";
import type { TsdbHealth, TsdbStats, WalReplayStatus } from "./tsdb-status.ts";
import { nodeFiles, type WalFiles } from "./wal/files.ts";
import { Wal } from "./wal/wal.ts";
import { segmentSizeMaxBytes } from "./wal/wal-format.ts";

export interface TsdbOptions {
  /** A Prometheus data directory; made if it is not there. */
  readonly directory: string;
  readonly clock: Clock;
  /** Samples older than this are dropped by `maintain` and refused by `append`. Default: 24 hours. */
  readonly retentionMs?: number;
  /** Above this many series, new ones are refused. Default: 2 000 000. */
  readonly seriesCountMax?: number;
  /** Limit of the memory for samples and labels; when it is full, the oldest samples go early. Default and most: 4 GiB. */
  readonly memoryMaxBytes?: number;
  readonly log?: Log;
  /** Called at the start of replay, before each segment, and at the end. */
  readonly onReplayProgress?: (status: WalReplayStatus) => void;
  /** The system calls of the log, for tests of failing disks. */
  readonly files?: WalFiles;
  /** A segment of the log is ended at this size. Default: 128 MiB, as in Prometheus. */
  readonly segmentSizeMaxBytes?: number;
}

const retentionMsDefault = 24 * 60 * 60 * 1000;
const seriesCountMaxDefault = 2_000_000;
const memoryMaxBytesDefault = 4 * 1024 ** 3;

/**
 * A time-series database on one directory in Prometheus' format. The newest samples are in memory (the head) and in the
 * write-ahead log; opening reads the log back.
 */
export class Tsdb implements Queryable, Appendable {
  /** How the replay at the start ended. */
  readonly walReplayStatus: WalReplayStatus;
  readonly #lock: DirectoryLock;
  readonly #store: OpenedStore;
  readonly #head: Head;
  readonly #writer: HeadWriter;
  readonly #firstRef: number;
  #seriesRemoved = 0;
  #closed = false;

  private constructor(lock: DirectoryLock, store: OpenedStore) {
    this.#lock = lock;
    this.#store = store;
    this.#head = store.head;
    this.#writer = new HeadWriter(store);
    this.#firstRef = store.head.index.series.nextRef;
    this.walReplayStatus = store.walReplayStatus;
  }

  /**
   * Takes the directory and reads its log.
   *
   * @throws {DirectoryLockedError} another process has it
   * @throws {WalUnsupportedError} the log is sound, but this store cannot read it; nothing was changed
   * @throws {StorageWriteError} the system refuses: a full disk, a file in the way, no permission
   */
  static async open(options: TsdbOptions): Promise<Tsdb> {
    try {
      const lock = DirectoryLock.acquire(options.directory);
      try {
        return new Tsdb(lock, await openStore(options));
      } catch (error) {
        lock.release();
        throw error;
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const message = `Cannot open data directory ${JSON.stringify(options.directory)}: ${error.message}`;
      throw new StorageWriteError(message, { cause: error });
    }
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

  /**
   * Deletes samples of the series that match, within the query's range. New samples of the same series are kept.
   *
   * @throws {StorageWriteError} they are deleted from memory, but come back with the next start
   */
  deleteSamples(query: SeriesQuery): void {
    const tombstones = this.#head.delete(query);
    if (tombstones.length > 0) this.#writer.logTombstones(tombstones);
  }

  /** Drops samples past retention and series without samples, and shortens the log. Call it every few minutes. */
  maintain(nowMs: number): void {
    const head = this.#head;
    const minTimeMs = nowMs - this.#store.retentionMs;
    this.#seriesRemoved += head.dropBefore(minTimeMs);
    try {
      this.#store.wal.shorten(minTimeMs, {
        stageSeries: (stage) => stageSeries(head, 0, stage),
        isLive: (ref) => head.isLive(ref),
        tombstones: () => head.tombstones.all(),
      });
    } catch (error) {
      // The log stays as it is, and the next round tries again.
      this.#store.log.warn(`The write-ahead log could not be shortened: ${messageOf(error)}`);
    }
  }

  /** Whether acknowledged samples reach the disk. */
  health(): TsdbHealth {
    return this.#writer.health();
  }

  stats(): TsdbStats {
    const { arena, epochs, index, store, minTimeMs, maxTimeMs, earlyDropCount } = this.#head;
    const { wal } = this.#store;
    return {
      seriesCount: index.series.count,
      chunkCount: store.chunkCount,
      labelPairCount: index.pairs.count,
      minTimeMs: Number.isFinite(minTimeMs) ? minTimeMs : null,
      maxTimeMs: Number.isFinite(maxTimeMs) ? maxTimeMs : null,
      samplesAppended: this.#writer.samplesAppended,
      samplesReplayed: this.#store.samplesReplayed,
      samplesRefused: { ...this.#writer.refusals },
      seriesCreated: index.series.nextRef - this.#firstRef,
      seriesRemoved: this.#seriesRemoved,
      earlyDropCount,
      walBytes: wal.sizeBytes,
      walSegmentFirst: wal.segmentFirst,
      walSegmentLast: wal.segmentLast,
      walWriteFailures: wal.writeFailureCount,
      walCorruptions: wal.corruptionCount,
      memoryUsedBytes: arena.usedBytes,
      memoryReservedBytes: arena.reservedBytes,
      openSelections: epochs.openCount,
    };
  }

  /** Syncs the log and lets go of the directory. Open selections stay readable. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#store.wal.close();
    } finally {
      this.#lock.release();
    }
  }
}

/** The parts of a store whose log was read. */
interface OpenedStore {
  readonly head: Head;
  readonly wal: Wal;
  readonly clock: Clock;
  readonly log: Log;
  readonly retentionMs: number;
  readonly samplesReplayed: number;
  readonly walReplayStatus: WalReplayStatus;
}

async function openStore(options: TsdbOptions): Promise<OpenedStore> {
  const log = options.log ?? silentLog;
  const { clock } = options;
  const head = new Head({
    seriesCountMax: options.seriesCountMax ?? seriesCountMaxDefault,
    memoryMaxBytes: Math.min(options.memoryMaxBytes ?? memoryMaxBytesDefault, memoryMaxBytesDefault),
    hashSeed: randomInt(2 ** 32),
  });
  const wal = new Wal({
    directory: join(options.directory, "wal"),
    files: options.files ?? nodeFiles,
    segmentSizeMaxBytes: options.segmentSizeMaxBytes ?? segmentSizeMaxBytes,
    clock,
    log,
  });
  const replay = new HeadReplay(head, clock.nowMs());
  const startedMs = clock.monotonicMs();
  let walReplayStatus: WalReplayStatus = { state: "replaying", min: 0, max: 0, current: 0 };
  await wal.replay(replay, (status) => {
    walReplayStatus = status;
    options.onReplayProgress?.(status);
  });
  logReplay(log, replay, clock.monotonicMs() - startedMs);
  const retentionMs = options.retentionMs ?? retentionMsDefault;
  return { head, wal, clock, log, retentionMs, samplesReplayed: replay.sampleCount, walReplayStatus };
}

function logReplay(log: Log, replay: HeadReplay, durationMs: number): void {
  const { sampleCount, unknownSampleCount, oldSampleCount, futureSampleCount, refusedSeriesCount } = replay;
  const parts = [`${sampleCount} samples in ${formatDurationMs(Math.round(durationMs))}`];
  if (unknownSampleCount > 0) parts.push(`${unknownSampleCount} samples of unknown series were left out`);
  if (oldSampleCount > 0) parts.push(`${oldSampleCount} samples out of order were left out`);
  for (const [type, count] of replay.otherRecordCounts) parts.push(`${count} records of type ${type} were read over`);
  log.info(`The write-ahead log was read: ${parts.join(", ")}`);
  if (futureSampleCount > 0)
    log.warn(`The clock was set back: ${futureSampleCount} samples from the future were left out`);
  if (refusedSeriesCount > 0) log.error(`Memory is full: ${refusedSeriesCount} series were left out`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

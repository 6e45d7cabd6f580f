import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Appendable,
  type Appender,
  type Clock,
  type ExemplarQuery,
  type ExemplarQueryable,
  type Labels,
  type Queryable,
  type SeriesExemplars,
  type SeriesMetadata,
  type SeriesQuery,
  type SeriesSelection,
  StorageWriteError,
  silentLog,
} from "@tatou/model";
import type { BlockMeta } from "./block/block-meta.ts";
import { inOrderEndMs } from "./block/in-order-end.ts";
import { BlockSet, type BlockTrouble } from "./block-set.ts";
import { InlineRunner, WorkerRunner } from "./compaction/compaction-runner.ts";
import { Compactor } from "./compaction/compactor.ts";
import { Maintenance } from "./compaction/maintenance.ts";
import { blockDurationMaxMs, blockDurationMinMs, blockRanges } from "./compaction/planner.ts";
import type { Retention } from "./compaction/retention.ts";
import { RetentionKeeper } from "./compaction/retention-keeper.ts";
import { copyBlock, snapshotName } from "./compaction/snapshot.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { HeadStore } from "./head-store.ts";
import type { HeadStoreOptions } from "./head-store-options.ts";
import { closingSelection } from "./query/closing-selection.ts";
import { selectFromAll, textsFromAll } from "./query/merge-queryable.ts";
import type { TsdbHealth, TsdbStats, WalReplayStatus } from "./tsdb-status.ts";

export interface TsdbOptions extends Omit<HeadStoreOptions, "minValidTimeMs"> {
  /** What is not said is without limit; without any, 15 days. */
  readonly retention?: Partial<Retention>;
  /** The longest block. Default: a tenth of the retention, 31 days at most. */
  readonly maxBlockDurationMs?: number;
  /** Whether blocks that are merged get longer chunks in a better encoding. Default: yes. */
  readonly isRecompressed?: boolean;
  /** The thread that writes blocks, `compactionWorkerUrl`. Absent: this thread does it, as virtual time needs. */
  readonly compactionWorkerUrl?: URL;
  /** Hears how long each compaction took, failed ones too. */
  readonly onCompaction?: (durationMs: number) => void;
}

/** See TsdbOptions. */
export interface TsdbSettings {
  readonly retention?: Partial<Retention>;
  readonly outOfOrderWindowMs?: number;
  readonly exemplarCountMax?: number;
}

/** Figures for status pages and metrics; counters count from open. */
export interface StorageStats extends TsdbStats {
  readonly blockCount: number;
  readonly blockBytes: number;
  /** End of the oldest data; null without any. */
  readonly oldestTimeMs: number | null;
  readonly blockTroubles: readonly BlockTrouble[];
  readonly blockReloads: number;
  readonly maintenanceFailures: number;
  readonly compactions: number;
  readonly compactionFailures: number;
  /** Chunks of the head that were damaged, and are in no block. */
  readonly headChunksLeftOut: number;
  readonly compactionsVertical: number;
  readonly compactionDurationMs: number;
  readonly isCompacting: boolean;
  readonly timeRetentions: number;
  readonly sizeRetentions: number;
}

const retentionMsDefault = 15 * 24 * 3_600_000;

/** A time-series database on one directory in Prometheus' format. */
export class Tsdb implements Queryable, Appendable, ExemplarQueryable {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #lock: DirectoryLock;
  readonly #head: HeadStore;
  readonly #blocks: BlockSet;
  readonly #compactor: Compactor;
  readonly #retention: RetentionKeeper;
  readonly #maintenance: Maintenance;
  #closing: Promise<void> | null = null;

  private constructor(options: TsdbOptions, { lock, head, blocks }: OpenedParts) {
    const { directory, clock, log = silentLog, compactionWorkerUrl } = options;
    const retention = retentionOf(options);
    const { minBlockDurationMs: minMs = blockDurationMinMs } = options;
    this.#directory = directory;
    this.#clock = clock;
    this.#lock = lock;
    this.#head = head;
    this.#blocks = blocks;
    this.#compactor = new Compactor({
      directory,
      head,
      blocks,
      clock,
      log,
      runner: compactionWorkerUrl === undefined ? new InlineRunner() : new WorkerRunner(compactionWorkerUrl, clock),
      ranges: blockRanges(minMs, options.maxBlockDurationMs ?? blockDurationMaxMs(retention.timeMs, minMs)),
      isRecompressed: options.isRecompressed ?? true,
      onCompaction: options.onCompaction,
    });
    this.#retention = new RetentionKeeper(
      { directory, blocks, clock, log, headSizeBytes: () => sizeOf(head) },
      retention,
    );
    this.#maintenance = new Maintenance({ clock, log, round: (nowMs, signal) => this.#round(nowMs, signal) });
    this.#maintenance.start();
  }

  /**
   * Takes the directory, opens its blocks and reads its log.
   *
   * @throws {DirectoryLockedError} another process has it
   * @throws {WalUnsupportedError} the log is sound, but this store cannot read it; nothing was changed
   * @throws {HeadChunksUnsupportedError} likewise chunks_head
   * @throws {BlockUnsupportedError} likewise a block
   * @throws {StorageWriteError} the system refuses: a full disk, a file in the way, no permission
   */
  static async open(options: TsdbOptions): Promise<Tsdb> {
    try {
      const lock = DirectoryLock.acquire(options.directory);
      try {
        return await openParts(options, lock, (parts) => new Tsdb(options, parts));
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

  /** How the replay at the start ended. */
  get walReplayStatus(): WalReplayStatus {
    return this.#head.walReplayStatus;
  }

  /** Of the blocks that serve, by time. */
  get blockMetas(): readonly BlockMeta[] {
    return this.#blocks.blocks.map(({ meta }) => meta);
  }

  appender(): Appender {
    return this.#head.appender();
  }

  async select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection> {
    const lease = this.#blocks.acquire(query);
    try {
      const selection = await selectFromAll([...lease.blocks, this.#head], query, signal);
      return closingSelection(selection, () => lease.release());
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  selectExemplars(query: ExemplarQuery): readonly SeriesExemplars[] {
    return this.#head.selectExemplars(query);
  }

  /** What the target of a series said about it last; null when it said nothing. */
  metadataOf(labels: Labels): SeriesMetadata | null {
    return this.#head.metadataOf(labels);
  }

  labelNames(query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#texts(query, (source) => source.labelNames(query, signal));
  }

  labelValues(name: string, query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#texts(query, (source) => source.labelValues(name, query, signal));
  }

  /**
   * Deletes samples of the series that match, within the query's range. New samples of the same series are kept. Waits
   * for a compaction that is under way.
   *
   * @throws {StorageWriteError} they are deleted from memory, but come back with the next start
   * @throws {StoreClosingError}
   */
  deleteSamples(query: SeriesQuery): Promise<void> {
    return this.#exclusive(async () => {
      for (const block of this.#blocks.blocks) block.deleteSamples(query);
      this.#head.deleteSamples(query);
    });
  }

  /** Takes what was deleted off the disk, too: writes the blocks that hold such samples anew. */
  cleanTombstones(): Promise<void> {
    return this.#exclusive((signal) => this.#compactor.cleanTombstones(signal));
  }

  /**
   * Puts a copy of all data into the data directory, below `snapshots`: itself a data directory.
   *
   * @returns its name
   */
  snapshot({ skipHead }: { readonly skipHead: boolean }): Promise<string> {
    return this.#exclusive(async (signal) => {
      const name = snapshotName(this.#clock.nowMs(), randomBytes(8).toString("hex"));
      const target = join(this.#directory, "snapshots", name);
      mkdirSync(target, { recursive: true });
      for (const { directory, meta } of this.#blocks.blocks) copyBlock(directory, join(target, meta.ulid));
      if (!skipHead) await this.#compactor.copyHead(target, signal);
      return name;
    });
  }

  /**
   * One round of what is also done in the background, every minute: cuts blocks from the head, merges blocks, drops
   * what retention does not keep, and looks for blocks that others put into the directory.
   */
  tick(nowMs: number): Promise<void> {
    return this.#clock.track(this.#maintenance.round(nowMs));
  }

  /** Changes what can be changed while the store is open. */
  configure({ retention, ...settings }: TsdbSettings): void {
    if (retention !== undefined) this.#retention.retention = { ...noRetention, ...retention };
    this.#head.configure({ ...settings, ...(retention !== undefined && { retentionMs: takenForMs(retention) }) });
  }

  /** Whether acknowledged samples reach the disk. */
  health(): TsdbHealth {
    return this.#head.health();
  }

  stats(): StorageStats {
    const head = this.#head.stats();
    const times = [head.minTimeMs, ...this.#blocks.blocks.map(({ meta }) => meta.minTime)].filter((ms) => ms !== null);
    return {
      ...head,
      blockCount: this.#blocks.blocks.length,
      blockBytes: this.#blocks.sizeBytes,
      oldestTimeMs: times.length === 0 ? null : Math.min(...times),
      blockTroubles: this.#blocks.troubles,
      blockReloads: this.#blocks.reloadCount,
      maintenanceFailures: this.#maintenance.failureCount,
      compactions: this.#compactor.compactionCount,
      compactionFailures: this.#compactor.failureCount,
      headChunksLeftOut: this.#compactor.leftOutCount,
      compactionsVertical: this.#compactor.verticalCount,
      compactionDurationMs: this.#compactor.durationMs,
      isCompacting: this.#compactor.isWriting,
      timeRetentions: this.#retention.timeCount,
      sizeRetentions: this.#retention.sizeCount,
    };
  }

  /** Ends a compaction early, syncs the log and lets go of the directory. Open selections stay readable. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#maintenance.close();
      await this.#head.close();
    } finally {
      await this.#blocks.close();
      this.#lock.release();
    }
  }

  async #round(nowMs: number, signal: AbortSignal): Promise<void> {
    await this.#blocks.reload();
    this.#retention.removeExpired(this.#newestMs(nowMs));
    let headFailure: unknown = null;
    try {
      if (await this.#compactor.compactHead(signal)) await this.#compactor.compactOutOfOrder(signal);
    } catch (error) {
      headFailure = error;
    }
    // What keeps the head from being written does not keep blocks from being merged.
    await this.#compactor.compactBlocks(signal, { waitsForHead: headFailure === null });
    this.#retention.removeExpired(this.#newestMs(nowMs));
    await this.#blocks.removed();
    if (headFailure !== null) throw headFailure;
  }

  /** Of a clock and a sample that are ahead of the other, the other is right. */
  #newestMs(nowMs: number): number {
    const { maxTimeMs } = this.#head;
    return Number.isFinite(maxTimeMs) ? Math.min(nowMs, maxTimeMs) : nowMs;
  }

  #exclusive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#clock.track(this.#maintenance.exclusive(work));
  }

  async #texts(query: SeriesQuery, ask: (source: Queryable) => Promise<readonly string[]>): Promise<readonly string[]> {
    const lease = this.#blocks.acquire(query);
    try {
      return await textsFromAll([...lease.blocks, this.#head], query, ask);
    } finally {
      lease.release();
    }
  }
}

interface OpenedParts {
  readonly lock: DirectoryLock;
  readonly head: HeadStore;
  readonly blocks: BlockSet;
}

async function openParts(options: TsdbOptions, lock: DirectoryLock, open: (parts: OpenedParts) => Tsdb): Promise<Tsdb> {
  const blocks = await BlockSet.open({ directory: options.directory, log: options.log ?? silentLog });
  try {
    const retentionMs = takenForMs(retentionOf(options));
    const head = await HeadStore.open({
      ...options,
      retentionMs,
      minValidTimeMs: headStartMs(blocks, options.clock.nowMs()),
    });
    return open({ lock, head, blocks });
  } catch (error) {
    await blocks.close();
    throw error;
  }
}

/** Blocks from after now, as they are when the clock was set back, would keep all new samples from being taken. */
function headStartMs({ blocks }: BlockSet, nowMs: number): number {
  return inOrderEndMs(blocks, nowMs);
}

function retentionOf({ retention, retentionMs = retentionMsDefault }: TsdbOptions): Retention {
  if (retention === undefined) return { ...noRetention, timeMs: retentionMs };
  return { ...noRetention, ...retention };
}

const noRetention: Retention = { timeMs: null, sizeBytes: null, percentage: null };

/** Samples that are older would go at once. */
function takenForMs({ timeMs = null }: Partial<Retention>): number {
  return timeMs ?? Number.POSITIVE_INFINITY;
}

/** What of the head counts for the limit on size. */
function sizeOf(head: HeadStore): number {
  const { walBytes, outOfOrderLogBytes, headChunkBytes } = head.stats();
  return walBytes + outOfOrderLogBytes + headChunkBytes;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

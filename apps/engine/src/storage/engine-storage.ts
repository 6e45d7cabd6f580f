import type { StorageConfig } from "@tatou/config";
import {
  type Appendable,
  type Appender,
  assert,
  type Clock,
  type ExemplarQuery,
  type ExemplarQueryable,
  type Log,
  type Queryable,
  type SeriesExemplars,
  type SeriesQuery,
  type SeriesSelection,
} from "@tatou/model";
import { Tsdb, type WalReplayStatus } from "@tatou/tsdb";
import { exemplarCountMaxOf, type Retention, retentionOf, type StorageFlags } from "./storage-flags.ts";

export interface EngineStorageOptions {
  /** A Prometheus data directory. */
  readonly directory: string;
  readonly flags: StorageFlags;
  /** The thread that writes blocks; absent: this thread does it, as virtual time needs. */
  readonly compactionWorkerUrl?: URL | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears how long each compaction took. */
  readonly onCompaction?: (durationMs: number) => void;
  /** Hears how far reading the log has come. */
  readonly onReplayProgress: (status: WalReplayStatus) => void;
}

/**
 * The storage as the other parts of the engine know it from the start on. It takes a while to open, since a log is read:
 * until then the door answers what needs no samples, and lets nothing else through to here.
 */
export class EngineStorage implements Queryable, Appendable, ExemplarQueryable {
  readonly #options: EngineStorageOptions;
  #tsdb: Tsdb | null = null;
  #replayMs = 0;
  #retention: Retention = { timeMs: null, sizeBytes: null, percentage: null };
  #replay: WalReplayStatus = { state: "replaying", min: 0, max: 0, current: 0 };

  constructor(options: EngineStorageOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#tsdb !== null;
  }

  get replay(): WalReplayStatus {
    return this.#replay;
  }

  /** How long opening took. */
  get replayMs(): number {
    return this.#replayMs;
  }

  get retention(): Retention {
    return this.#retention;
  }

  /** From so many series on, new ones are folded; null without a limit. */
  get seriesCountMax(): number | null {
    return this.#options.flags.seriesCountMax;
  }

  /** What is behind; to be asked for only when it is open. */
  get tsdb(): Tsdb {
    assert(this.#tsdb !== null, "nothing reaches the storage before it is open");
    return this.#tsdb;
  }

  /** @throws {DirectoryLockedError | WalUnsupportedError | StorageWriteError} the data directory cannot be used */
  async open(config: StorageConfig): Promise<void> {
    const { directory, clock, log, flags, compactionWorkerUrl, onCompaction, onReplayProgress } = this.#options;
    const { maxBlockDurationMs, walSegmentSizeBytes, seriesCountMax } = flags;
    this.#retention = retentionOf(flags, config);
    const startedMs = clock.monotonicMs();
    this.#tsdb = await Tsdb.open({
      ...{ directory, clock, log, retention: this.#retention },
      minBlockDurationMs: flags.minBlockDurationMs,
      ...(maxBlockDurationMs !== null && { maxBlockDurationMs }),
      ...(walSegmentSizeBytes !== null && { segmentSizeMaxBytes: walSegmentSizeBytes }),
      ...(seriesCountMax !== null && { seriesCountMax }),
      ...(compactionWorkerUrl !== undefined && { compactionWorkerUrl }),
      ...(onCompaction !== undefined && { onCompaction }),
      outOfOrderWindowMs: config.outOfOrderTimeWindowMs,
      exemplarCountMax: exemplarCountMaxOf(flags, config),
      injectsZeros: flags.injectsZeros,
      onReplayProgress: (status) => {
        this.#replay = status;
        onReplayProgress(status);
      },
    });
    this.#replay = this.#tsdb.walReplayStatus;
    this.#replayMs = clock.monotonicMs() - startedMs;
  }

  /** Puts what prometheus.yml says of the storage in force, as far as that can be done while it is open. */
  apply(config: StorageConfig): void {
    const { flags } = this.#options;
    this.#retention = retentionOf(flags, config);
    this.tsdb.configure({
      retention: this.#retention,
      outOfOrderWindowMs: config.outOfOrderTimeWindowMs,
      exemplarCountMax: exemplarCountMaxOf(flags, config),
    });
  }

  appender(): Appender {
    return this.tsdb.appender();
  }

  select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection> {
    return this.tsdb.select(query, signal);
  }

  labelNames(query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    return this.tsdb.labelNames(query, signal);
  }

  labelValues(name: string, query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]> {
    return this.tsdb.labelValues(name, query, signal);
  }

  selectExemplars(query: ExemplarQuery): readonly SeriesExemplars[] {
    return this.tsdb.selectExemplars(query);
  }

  async close(): Promise<void> {
    await this.#tsdb?.close();
  }
}

import type { Clock, Log } from "@tatou/model";
import type { WalReplayStatus } from "./tsdb-status.ts";
import type { WalFiles } from "./wal/files.ts";

export interface HeadStoreOptions {
  /** A Prometheus data directory; made if it is not there. */
  readonly directory: string;
  readonly clock: Clock;
  /** Samples older than this are refused. Default: 24 hours. */
  readonly retentionMs?: number;
  /**
   * Older samples are in blocks and are not read from the log: where the newest block ends that was cut from a head, blocks
   * from after now not counted. Default: all are read.
   */
  readonly minValidTimeMs?: number;
  /** Length of the blocks that are cut from it; samples older by half of that are late. Default: 2 hours. */
  readonly minBlockDurationMs?: number;
  /** Above this many series, new ones are folded into sums, see docs/decisions. Default: no limit but memory. */
  readonly seriesCountMax?: number;
  /**
   * Limit of the memory for labels, and for samples that are not on disk yet; when it is full, because the disk is, the
   * oldest samples go. Default and most: 4 GiB.
   */
  readonly memoryMaxBytes?: number;
  /** So much older than the newest sample may come what comes out of order. Default: 0, nothing may. */
  readonly outOfOrderWindowMs?: number;
  /** How many exemplars are kept. Default: 0. */
  readonly exemplarCountMax?: number;
  /** Whether a start time that comes with a sample puts a zero in front of it. Default: no. */
  readonly injectsZeros?: boolean;
  readonly log?: Log;
  /** Called at the start of replay, before each segment, and at the end. */
  readonly onReplayProgress?: (status: WalReplayStatus) => void;
  /** The system calls that write, for tests of failing disks. */
  readonly files?: WalFiles;
  /** A segment of the log is ended at this size. Default: 128 MiB, as in Prometheus. */
  readonly segmentSizeMaxBytes?: number;
}

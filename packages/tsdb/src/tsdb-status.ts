/** How far reading the write-ahead log has come; segment numbers, `min` to `max` inclusive. */
export interface WalReplayStatus {
  readonly state: "replaying" | "done";
  readonly min: number;
  readonly max: number;
  readonly current: number;
}

/** Whether acknowledged samples reach the disk. */
export interface TsdbHealth {
  /** False while writes to the log fail: samples are then kept in memory only. */
  readonly durable: boolean;
  /** The message of the last failed write, null while durable. */
  readonly problem: string | null;
  /** When writes began to fail; null while durable. */
  readonly failingSinceMs: number | null;
  /** Samples that were kept in memory only, since the store was opened. */
  readonly samplesNotWritten: number;
}

/** Figures for status pages and metrics; counters count from open. */
export interface TsdbStats {
  readonly seriesCount: number;
  readonly chunkCount: number;
  readonly labelPairCount: number;
  /** Null while there are no samples. */
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly samplesAppended: number;
  readonly samplesReplayed: number;
  readonly samplesRefused: { readonly outOfOrder: number; readonly duplicate: number; readonly outOfBounds: number };
  readonly seriesCreated: number;
  readonly seriesRemoved: number;
  /** How often samples went before their time because memory was full. */
  readonly earlyDropCount: number;
  /** Bytes of segments and checkpoints on disk. */
  readonly walBytes: number;
  readonly walSegmentFirst: number;
  readonly walSegmentLast: number;
  readonly walWriteFailures: number;
  readonly walCorruptions: number;
  /** Bytes of shared memory in use, and obtained from the system. */
  readonly memoryUsedBytes: number;
  readonly memoryReservedBytes: number;
  readonly openSelections: number;
}

/** How far reading the write-ahead log has come; segment numbers, `min` to `max` inclusive. */
export interface WalReplayStatus {
  readonly state: "replaying" | "done";
  readonly min: number;
  readonly max: number;
  readonly current: number;
  /** What could not be read and was taken out; left out while everything could be read. */
  readonly repairs?: WalRepairs;
}

/** What could not be read of the logs and of chunks_head, in numbers. */
export interface WalRepairs {
  /** Files that were damaged or set aside. */
  readonly segmentCount: number;
  /** Stretches in them without a sound record: at least so many records are lost. */
  readonly gapCount: number;
  readonly cutBytes: number;
  /** The first thing that was wrong, in words; null if nothing was. */
  readonly problem: string | null;
}

/** Whether acknowledged samples reach the disk. */
export interface TsdbHealth {
  /** False while writes to the log or of chunks fail: samples are then kept in memory, as far as that goes. */
  readonly durable: boolean;
  /** The message of the last failed write, to the log or of chunks; null while all is written. */
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
  /** Those of them that are native histograms. */
  readonly histogramsAppended: number;
  readonly samplesReplayed: number;
  /** Besides these: samples that came out of order, within the window in which they are taken. */
  readonly outOfOrderSamplesAppended: number;
  readonly outOfOrderSeriesCount: number;
  readonly samplesRefused: {
    readonly outOfOrder: number;
    readonly duplicate: number;
    readonly outOfBounds: number;
    readonly tooOld: number;
  };
  /** How often samples from the future were put aside, so that those of now could be taken: the clock was set back. */
  readonly futureSetAside: number;
  readonly seriesCreated: number;
  readonly seriesRemoved: number;
  /** How often a new series was folded into a sum, because the limit on series was reached. */
  readonly seriesFolded: number;
  /** How often samples went before their time because memory was full. */
  readonly earlyDropCount: number;
  /** Bytes of segments and checkpoints on disk. */
  readonly walBytes: number;
  readonly walSegmentFirst: number;
  readonly walSegmentLast: number;
  readonly walWriteFailures: number;
  readonly walCorruptions: number;
  /** How often the log was to be shortened, and how often that failed. */
  readonly checkpoints: number;
  readonly checkpointFailures: number;
  /** How often the head dropped what is in blocks or past retention. */
  readonly headTruncations: number;
  /** Bytes of the log of samples that came out of order. */
  readonly outOfOrderLogBytes: number;
  readonly headChunkBytes: number;
  readonly headChunkWriteFailures: number;
  readonly exemplars: ExemplarStats;
  /** Bytes of shared memory in use, and obtained from the system. */
  readonly memoryUsedBytes: number;
  readonly memoryReservedBytes: number;
  readonly openSelections: number;
}

export interface ExemplarStats {
  readonly appended: number;
  /** Left out because they were out of order, or their labels too long. */
  readonly refused: number;
  readonly count: number;
  readonly countMax: number;
  readonly seriesCount: number;
  /** Of the oldest that is kept; null without any. */
  readonly minTimeMs: number | null;
}

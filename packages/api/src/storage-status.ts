/** The answer to /api/tatou/v1/storage: what a page says about the storage. Times are RFC 3339, sizes bytes. */
export interface StorageStatusAnswer {
  /** Before it is ready, all below but `replay` is null. */
  readonly state: "starting" | "ready";
  /** Segments of the log that are read at the start; `repairs` is null when all of it could be read. */
  readonly replay: {
    readonly min: number;
    readonly max: number;
    readonly current: number;
    readonly repairs: StorageRepairs | null;
  };
  readonly storage: StorageFacts | null;
}

/** What was taken out of the log, because it could not be read. */
export interface StorageRepairs {
  readonly segmentCount: number;
  readonly gapCount: number;
  readonly cutBytes: number;
  readonly problem: string | null;
}

export interface StorageFacts {
  /** Null while every sample reaches the disk. */
  readonly writeProblem: StorageWriteProblem | null;
  readonly head: {
    readonly seriesCount: number;
    readonly chunkCount: number;
    readonly minTime: string | null;
    readonly maxTime: string | null;
    readonly memoryBytes: number;
    readonly logBytes: number;
    readonly chunkBytes: number;
  };
  /** Null without a limit on series. */
  readonly seriesCountMax: number | null;
  /** New series that were folded into one that stands for others, since the start. */
  readonly seriesFolded: number;
  readonly blocks: readonly StorageBlock[];
  readonly blockBytes: number;
  /** Such as "15d or 512MiB". */
  readonly retention: string;
  /** Blocks that cannot be read. */
  readonly unusableBlocks: readonly UnusableBlock[];
}

export interface StorageWriteProblem {
  readonly reason: string;
  readonly since: string;
  /** Samples that are in memory only, since the start. */
  readonly samplesNotWritten: number;
}

export interface StorageBlock {
  readonly ulid: string;
  /** It covers [minTime, maxTime). */
  readonly minTime: string;
  readonly maxTime: string;
  readonly level: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
}

export interface UnusableBlock {
  readonly ulid: string;
  readonly reason: string;
  /** The name its directory has now; null when it was left where it is. */
  readonly movedTo: string | null;
}

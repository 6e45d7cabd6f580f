/** The file meta.json of a block, with the names that stand in it. Times in milliseconds. */
export interface BlockMeta {
  readonly ulid: string;
  /** The block covers [minTime, maxTime). */
  readonly minTime: number;
  readonly maxTime: number;
  readonly stats: BlockStats;
  readonly compaction: BlockCompaction;
  readonly version: 1;
}

export interface BlockStats {
  readonly numSamples: number;
  readonly numSeries: number;
  readonly numChunks: number;
  readonly numTombstones?: number;
  readonly numFloatSamples?: number;
  readonly numHistogramSamples?: number;
}

export interface BlockCompaction {
  /** 1 for blocks cut from a head. */
  readonly level: number;
  /** The blocks of level 1 that went into it. */
  readonly sources: readonly string[];
  readonly parents?: readonly BlockDescription[];
  readonly hints?: readonly string[];
  readonly failed?: boolean;
  /** No samples were left: to be deleted at the next opportunity. */
  readonly deletable?: boolean;
}

export interface BlockDescription {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
}

import { formatBase2Bytes, type StorageConfig } from "@tatou/config";
import { formatDurationMs } from "@tatou/model";

/** Parts of the storage that are off by default. */
export interface StorageFeatures {
  /** Exemplars are kept in memory: exemplar-storage. */
  readonly hasExemplars: boolean;
  /** A zero stands where a counter began: created-timestamp-zero-ingestion. */
  readonly injectsZeros: boolean;
}

/** What the flags say of the storage; null is "not given". What prometheus.yml says of the same goes before it. */
export interface StorageFlags extends StorageFeatures {
  readonly retentionTimeMs: number | null;
  readonly retentionSizeBytes: number | null;
  /** Of the disk, 0 to 100. */
  readonly retentionPercentage: number | null;
  /** Of blocks cut from the head. */
  readonly minBlockDurationMs: number;
  /** Of merged blocks; by default a tenth of the retention, and at most 31 days. */
  readonly maxBlockDurationMs: number | null;
  readonly walSegmentSizeBytes: number | null;
  /** From so many series on, new ones are folded. */
  readonly seriesCountMax: number | null;
}

/** A storage that no flag was given for. */
export const storageFlagDefaults: StorageFlags = {
  retentionTimeMs: null,
  retentionSizeBytes: null,
  retentionPercentage: null,
  minBlockDurationMs: 2 * 3_600_000,
  maxBlockDurationMs: null,
  walSegmentSizeBytes: null,
  seriesCountMax: null,
  hasExemplars: false,
  injectsZeros: false,
};

/** How long samples stay; null is no limit of that kind. */
export interface Retention {
  readonly timeMs: number | null;
  readonly sizeBytes: number | null;
  readonly percentage: number | null;
}

/** As in Prometheus, where neither a time nor a size is given. */
const retentionDefaultMs = 15 * 86_400_000;

/** Each limit of the file replaces the flag of its kind. */
export function retentionOf(flags: StorageFlags, config: StorageConfig): Retention {
  const timeMs = config.retentionTimeMs ?? flags.retentionTimeMs;
  const sizeBytes = config.retentionSizeBytes ?? flags.retentionSizeBytes;
  const percentage = config.retentionPercentage ?? flags.retentionPercentage;
  const hasLimit = timeMs !== null || sizeBytes !== null || percentage !== null;
  return { timeMs: hasLimit ? timeMs : retentionDefaultMs, sizeBytes, percentage };
}

/** Settings of prometheus.yml that are read, but that nothing runs here, to be named in a log line. */
export function unusedStorageSettings(config: StorageConfig): readonly string[] {
  const { chunkEncodingFloats, staleSeriesCompactionThresholdRatio } = config;
  return [
    ...(chunkEncodingFloats === "xor2" ? ["storage.tsdb.chunk_encoding"] : []),
    ...(staleSeriesCompactionThresholdRatio > 0 ? ["storage.tsdb.stale_series_compaction_threshold"] : []),
  ];
}

const exemplarCountMaxDefault = 100_000;

/** How many exemplars are kept; none unless the feature is on. */
export function exemplarCountMaxOf({ hasExemplars }: StorageFlags, { maxExemplars }: StorageConfig): number {
  return hasExemplars ? Math.max(0, maxExemplars ?? exemplarCountMaxDefault) : 0;
}

/** As Prometheus writes it in /api/v1/status/runtimeinfo: "15d or 512MiB". */
export function retentionText({ timeMs, sizeBytes, percentage }: Retention): string {
  const limits = [
    timeMs === null ? "" : formatDurationMs(timeMs),
    sizeBytes === null ? "" : formatBase2Bytes(sizeBytes),
    percentage === null ? "" : `${percentage}%`,
  ];
  return limits.filter((text) => text !== "").join(" or ");
}

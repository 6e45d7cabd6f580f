/** The metrics of the storage: names and texts are Prometheus', so that public dashboards and alerts about it work. */
import type { StorageStats, TsdbHealth } from "@tatou/tsdb";
import type { Retention } from "./storage-flags.ts";

/** What the figures are taken from. */
export interface StorageFigures {
  readonly stats: StorageStats;
  readonly health: TsdbHealth;
  readonly retention: Retention;
  /** How long reading the log took at the start. */
  readonly replayMs: number;
}

type Read = (figures: StorageFigures) => number;

export interface StorageMetric {
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  /** Of a counter with a label `type`: one for each of its values. */
  readonly read: Read | Readonly<Record<string, Read>>;
}

const headMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_head_series",
    help: "Total number of series in the head block.",
    kind: "gauge",
    read: ({ stats }) => stats.seriesCount,
  },
  {
    name: "prometheus_tsdb_head_chunks",
    help: "Total number of chunks in the head block.",
    kind: "gauge",
    read: ({ stats }) => stats.chunkCount,
  },
  {
    name: "prometheus_tsdb_head_min_time",
    help: "Minimum time bound of the head block. The unit is decided by the library consumer.",
    kind: "gauge",
    read: ({ stats }) => stats.minTimeMs ?? 0,
  },
  {
    name: "prometheus_tsdb_head_min_time_seconds",
    help: "Minimum time bound of the head block.",
    kind: "gauge",
    read: ({ stats }) => wholeSeconds(stats.minTimeMs),
  },
  {
    name: "prometheus_tsdb_head_max_time",
    help: "Maximum timestamp of the head block. The unit is decided by the library consumer.",
    kind: "gauge",
    read: ({ stats }) => stats.maxTimeMs ?? 0,
  },
  {
    name: "prometheus_tsdb_head_max_time_seconds",
    help: "Maximum timestamp of the head block.",
    kind: "gauge",
    read: ({ stats }) => wholeSeconds(stats.maxTimeMs),
  },
  {
    name: "prometheus_tsdb_head_series_created_total",
    help: "Total number of series created in the head",
    kind: "counter",
    read: ({ stats }) => stats.seriesCreated,
  },
  {
    name: "prometheus_tsdb_head_series_removed_total",
    help: "Total number of series removed in the head",
    kind: "counter",
    read: ({ stats }) => stats.seriesRemoved,
  },
  {
    name: "prometheus_tsdb_head_chunks_storage_size_bytes",
    help: "Size of the chunks_head directory.",
    kind: "gauge",
    read: ({ stats }) => stats.headChunkBytes,
  },
];

const sampleMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_head_samples_appended_total",
    help: "Total number of appended samples.",
    kind: "counter",
    read: {
      float: ({ stats }) => stats.samplesAppended - stats.histogramsAppended,
      histogram: ({ stats }) => stats.histogramsAppended,
    },
  },
  {
    name: "prometheus_tsdb_head_out_of_order_samples_appended_total",
    help: "Total number of appended out of order samples.",
    kind: "counter",
    read: { float: ({ stats }) => stats.outOfOrderSamplesAppended },
  },
  {
    name: "prometheus_tsdb_out_of_order_samples_total",
    help: "Total number of out of order samples ingestion failed attempts due to out of order being disabled.",
    kind: "counter",
    read: { float: ({ stats }) => stats.samplesRefused.outOfOrder },
  },
  {
    name: "prometheus_tsdb_out_of_bound_samples_total",
    help: "Total number of out of bound samples ingestion failed attempts with out of order support disabled.",
    kind: "counter",
    read: { float: ({ stats }) => stats.samplesRefused.outOfBounds },
  },
  {
    name: "prometheus_tsdb_too_old_samples_total",
    help: "Total number of out of order samples ingestion failed attempts with out of support enabled, but sample outside of time window.",
    kind: "counter",
    read: { float: ({ stats }) => stats.samplesRefused.tooOld },
  },
];

const logMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_wal_storage_size_bytes",
    help: "Size of the write log directory.",
    kind: "gauge",
    read: ({ stats }) => stats.walBytes,
  },
  {
    name: "prometheus_tsdb_wal_segment_current",
    help: "Write log segment index that TSDB is currently writing to.",
    kind: "gauge",
    read: ({ stats }) => stats.walSegmentLast,
  },
  {
    name: "prometheus_tsdb_wal_writes_failed_total",
    help: "Total number of write log writes that failed.",
    kind: "counter",
    read: ({ stats }) => stats.walWriteFailures,
  },
  {
    name: "prometheus_tsdb_wal_corruptions_total",
    help: "Total number of WAL corruptions.",
    kind: "counter",
    read: ({ stats }) => stats.walCorruptions,
  },
];

const replayMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_data_replay_duration_seconds",
    help: "Time taken to replay the data on disk.",
    kind: "gauge",
    read: ({ replayMs }) => replayMs / 1000,
  },
];

const truncationMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_head_truncations_total",
    help: "Total number of head truncations attempted.",
    kind: "counter",
    read: ({ stats }) => stats.headTruncations,
  },
  {
    name: "prometheus_tsdb_wal_truncations_total",
    help: "Total number of write log truncations attempted.",
    kind: "counter",
    read: ({ stats }) => stats.checkpoints,
  },
  {
    name: "prometheus_tsdb_wal_truncations_failed_total",
    help: "Total number of write log truncations that failed.",
    kind: "counter",
    read: ({ stats }) => stats.checkpointFailures,
  },
  {
    name: "prometheus_tsdb_checkpoint_creations_total",
    help: "Total number of checkpoint creations attempted.",
    kind: "counter",
    read: ({ stats }) => stats.checkpoints,
  },
  {
    name: "prometheus_tsdb_checkpoint_creations_failed_total",
    help: "Total number of checkpoint creations that failed.",
    kind: "counter",
    read: ({ stats }) => stats.checkpointFailures,
  },
];

const blockMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_blocks_loaded",
    help: "Number of currently loaded data blocks",
    kind: "gauge",
    read: ({ stats }) => stats.blockCount,
  },
  {
    name: "prometheus_tsdb_storage_blocks_bytes",
    help: "The number of bytes that are currently used for local storage by all blocks.",
    kind: "gauge",
    read: ({ stats }) => stats.blockBytes,
  },
  {
    name: "prometheus_tsdb_lowest_timestamp",
    help: "Lowest timestamp value stored in the database. The unit is decided by the library consumer.",
    kind: "gauge",
    read: ({ stats }) => stats.oldestTimeMs ?? 0,
  },
  {
    name: "prometheus_tsdb_lowest_timestamp_seconds",
    help: "Lowest timestamp value stored in the database.",
    kind: "gauge",
    read: ({ stats }) => wholeSeconds(stats.oldestTimeMs),
  },
  {
    name: "prometheus_tsdb_reloads_total",
    help: "Number of times the database reloaded block data from disk.",
    kind: "counter",
    read: ({ stats }) => stats.blockReloads,
  },
  {
    name: "prometheus_tsdb_compactions_total",
    help: "Total number of compactions that were executed for the partition.",
    kind: "counter",
    read: ({ stats }) => stats.compactions,
  },
  {
    name: "prometheus_tsdb_compactions_failed_total",
    help: "Total number of compactions that failed for the partition.",
    kind: "counter",
    read: ({ stats }) => stats.compactionFailures,
  },
  {
    name: "prometheus_tsdb_vertical_compactions_total",
    help: "Total number of compactions done on overlapping blocks.",
    kind: "counter",
    read: ({ stats }) => stats.compactionsVertical,
  },
  {
    name: "prometheus_tsdb_compaction_populating_block",
    help: "Set to 1 when a block is currently being written to the disk.",
    kind: "gauge",
    read: ({ stats }) => Number(stats.isCompacting),
  },
  {
    name: "prometheus_tsdb_time_retentions_total",
    help: "The number of times that blocks were deleted because the maximum time limit was exceeded.",
    kind: "counter",
    read: ({ stats }) => stats.timeRetentions,
  },
  {
    name: "prometheus_tsdb_size_retentions_total",
    help: "The number of times that blocks were deleted because the maximum number of bytes was exceeded.",
    kind: "counter",
    read: ({ stats }) => stats.sizeRetentions,
  },
  {
    name: "prometheus_tsdb_retention_limit_bytes",
    help: "Max number of bytes to be retained in the tsdb blocks, configured 0 means disabled",
    kind: "gauge",
    read: ({ retention }) => retention.sizeBytes ?? 0,
  },
  {
    name: "prometheus_tsdb_retention_limit_seconds",
    help: "How long to retain samples in storage.",
    kind: "gauge",
    read: ({ retention }) => (retention.timeMs ?? 0) / 1000,
  },
];

const exemplarMetrics: readonly StorageMetric[] = [
  {
    name: "prometheus_tsdb_exemplar_exemplars_appended_total",
    help: "Total number of appended exemplars.",
    kind: "counter",
    read: ({ stats }) => stats.exemplars.appended,
  },
  {
    name: "prometheus_tsdb_exemplar_exemplars_in_storage",
    help: "Number of exemplars currently in circular storage.",
    kind: "gauge",
    read: ({ stats }) => stats.exemplars.count,
  },
  {
    name: "prometheus_tsdb_exemplar_series_with_exemplars_in_storage",
    help: "Number of series with exemplars currently in circular storage.",
    kind: "gauge",
    read: ({ stats }) => stats.exemplars.seriesCount,
  },
  {
    name: "prometheus_tsdb_exemplar_last_exemplars_timestamp_seconds",
    help: "The timestamp of the oldest exemplar stored in circular storage. Useful to check for what timerange the current exemplar buffer limit allows. This usually means the last timestampfor all exemplars for a typical setup. This is not true though if one of the series timestamp is in future compared to rest series.",
    kind: "gauge",
    read: ({ stats }) => (stats.exemplars.minTimeMs ?? 0) / 1000,
  },
  {
    name: "prometheus_tsdb_exemplar_max_exemplars",
    help: "Total number of exemplars the exemplar storage can store, resizeable.",
    kind: "gauge",
    read: ({ stats }) => stats.exemplars.countMax,
  },
  {
    name: "prometheus_tsdb_exemplar_out_of_order_exemplars_total",
    help: "Total number of out of order exemplar ingestion failed attempts.",
    kind: "counter",
    read: ({ stats }) => stats.exemplars.refused,
  },
];

/** What Prometheus has no name for. */
const ownMetrics: readonly StorageMetric[] = [
  {
    name: "tatou_tsdb_durable",
    help: "Whether appended samples reach the disk.",
    kind: "gauge",
    read: ({ health }) => Number(health.durable),
  },
  {
    name: "tatou_tsdb_samples_not_written_total",
    help: "Total number of samples that were kept in memory only, because the disk refused them.",
    kind: "counter",
    read: ({ health }) => health.samplesNotWritten,
  },
  {
    name: "tatou_tsdb_series_folded_total",
    help: "Total number of new series that were folded into the series of their metric and job that stands for others.",
    kind: "counter",
    read: ({ stats }) => stats.seriesFolded,
  },
  {
    name: "tatou_tsdb_blocks_unusable",
    help: "Number of blocks that could not be opened since the start and do not serve.",
    kind: "gauge",
    read: ({ stats }) => stats.blockTroubles.length,
  },
  {
    name: "tatou_tsdb_head_chunks_lost_total",
    help: "Chunks of the head that were damaged on disk; blocks were written without them.",
    kind: "counter",
    read: ({ stats }) => stats.headChunksLeftOut,
  },
  {
    name: "tatou_tsdb_maintenance_failures_total",
    help: "Total number of rounds of compaction, retention and clean-up that failed.",
    kind: "counter",
    read: ({ stats }) => stats.maintenanceFailures,
  },
  {
    name: "tatou_tsdb_memory_used_bytes",
    help: "Bytes of memory that hold series and young samples.",
    kind: "gauge",
    read: ({ stats }) => stats.memoryUsedBytes,
  },
  {
    name: "tatou_tsdb_future_set_aside_total",
    help: "Total number of times that samples from after now were put aside to let new ones in: the clock was set back.",
    kind: "counter",
    read: ({ stats }) => stats.futureSetAside,
  },
  {
    name: "tatou_tsdb_early_drops_total",
    help: "Total number of times that samples went before their time, because memory was full.",
    kind: "counter",
    read: ({ stats }) => stats.earlyDropCount,
  },
];

export const storageMetrics: readonly StorageMetric[] = [
  ...headMetrics,
  ...sampleMetrics,
  ...logMetrics,
  ...replayMetrics,
  ...truncationMetrics,
  ...blockMetrics,
  ...exemplarMetrics,
  ...ownMetrics,
];

function wholeSeconds(timeMs: number | null): number {
  return Math.trunc((timeMs ?? 0) / 1000);
}

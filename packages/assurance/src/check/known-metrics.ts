/** Metrics that no code of a project declares: those of scrapes, of the engine, and of libraries and exporters. */
import type { MetricKind } from "./scan/declared-metric.ts";

export interface KnownMetric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly labels: readonly string[];
}

function gauges(labels: readonly string[], names: string): readonly KnownMetric[] {
  return names.split(" ").map((name) => ({ name, kind: name.endsWith("_total") ? "counter" : "gauge", labels }));
}

/** What every scrape writes about itself. */
export const scrapeMetrics: readonly KnownMetric[] = gauges(
  [],
  "up scrape_duration_seconds scrape_samples_scraped scrape_samples_post_metric_relabeling scrape_series_added scrape_timeout_seconds scrape_sample_limit scrape_body_size_bytes",
);

const processMetrics =
  "process_cpu_seconds_total process_start_time_seconds process_resident_memory_bytes process_virtual_memory_bytes process_open_fds process_max_fds";

/** What a library exports without a declaration in the code that uses it. */
export const libraryMetrics: Readonly<Record<string, readonly KnownMetric[]>> = {
  "prom-client defaults": [
    ...gauges(
      [],
      `${processMetrics} process_cpu_user_seconds_total process_cpu_system_seconds_total process_heap_bytes`,
    ),
    ...gauges(
      [],
      "nodejs_eventloop_lag_seconds nodejs_eventloop_lag_min_seconds nodejs_eventloop_lag_max_seconds nodejs_eventloop_lag_mean_seconds nodejs_eventloop_lag_stddev_seconds nodejs_eventloop_lag_p50_seconds nodejs_eventloop_lag_p90_seconds nodejs_eventloop_lag_p99_seconds nodejs_active_resources_total nodejs_active_handles_total nodejs_active_requests_total nodejs_heap_size_total_bytes nodejs_heap_size_used_bytes nodejs_external_memory_bytes",
    ),
    ...gauges(["type"], "nodejs_active_resources nodejs_active_handles nodejs_active_requests"),
    ...gauges(
      ["space"],
      "nodejs_heap_space_size_total_bytes nodejs_heap_space_size_used_bytes nodejs_heap_space_size_available_bytes",
    ),
    ...gauges(["version", "major", "minor", "patch"], "nodejs_version_info"),
    { name: "nodejs_gc_duration_seconds", kind: "histogram", labels: ["kind"] },
  ],
  prometheus_client: [
    ...gauges([], processMetrics),
    ...gauges(
      ["generation"],
      "python_gc_objects_collected_total python_gc_objects_uncollectable_total python_gc_collections_total",
    ),
    ...gauges(["implementation", "major", "minor", "patchlevel", "version"], "python_info"),
  ],
  prometheus_flask_exporter: [
    { name: "flask_http_request_duration_seconds", kind: "histogram", labels: ["method", "path", "status"] },
    ...gauges(["method", "status"], "flask_http_request_total flask_http_request_exceptions_total"),
    ...gauges(["version"], "flask_exporter_info"),
  ],
  prometheus_fastapi_instrumentator: [
    ...gauges(["handler", "method", "status"], "http_requests_total"),
    { name: "http_request_duration_seconds", kind: "histogram", labels: ["handler", "method", "status"] },
    { name: "http_request_duration_highr_seconds", kind: "histogram", labels: [] },
    { name: "http_request_size_bytes", kind: "summary", labels: ["handler"] },
    { name: "http_response_size_bytes", kind: "summary", labels: ["handler"] },
  ],
  "express-prom-bundle": [
    { name: "http_request_duration_seconds", kind: "histogram", labels: ["status_code", "method", "path"] },
    ...gauges([], "up"),
  ],
};

/** Of Prometheus itself and of our engine, those that alerts are written about. */
export const engineMetrics: readonly string[] = (
  "prometheus_build_info prometheus_ready prometheus_config_last_reload_successful prometheus_config_last_reload_success_timestamp_seconds " +
  "prometheus_rule_evaluations_total prometheus_rule_evaluation_failures_total prometheus_rule_evaluation_duration_seconds " +
  "prometheus_rule_group_duration_seconds prometheus_rule_group_interval_seconds prometheus_rule_group_iterations_total " +
  "prometheus_rule_group_iterations_missed_total prometheus_rule_group_last_duration_seconds " +
  "prometheus_rule_group_last_evaluation_timestamp_seconds prometheus_rule_group_rules prometheus_notifications_sent_total " +
  "prometheus_notifications_errors_total prometheus_notifications_dropped_total prometheus_notifications_latency_seconds " +
  "prometheus_notifications_queue_length prometheus_notifications_queue_capacity prometheus_notifications_alertmanagers_discovered " +
  "prometheus_http_requests_total prometheus_http_request_duration_seconds prometheus_http_response_size_bytes " +
  "prometheus_engine_queries prometheus_engine_query_duration_seconds prometheus_target_interval_length_seconds " +
  "prometheus_target_metadata_cache_entries prometheus_target_scrape_pool_reloads_total " +
  "prometheus_target_scrape_pool_reloads_failed_total prometheus_target_scrape_pool_targets prometheus_target_sync_length_seconds " +
  "prometheus_target_scrapes_exceeded_sample_limit_total prometheus_target_scrapes_sample_duplicate_timestamp_total " +
  "prometheus_target_scrapes_sample_out_of_order_total prometheus_sd_discovered_targets prometheus_sd_refresh_failures_total " +
  "prometheus_tsdb_head_series prometheus_tsdb_head_chunks prometheus_tsdb_head_samples_appended_total " +
  "prometheus_tsdb_head_series_created_total prometheus_tsdb_head_series_removed_total prometheus_tsdb_head_min_time_seconds " +
  "prometheus_tsdb_head_max_time_seconds prometheus_tsdb_compactions_total prometheus_tsdb_compactions_failed_total " +
  "prometheus_tsdb_reloads_total prometheus_tsdb_reloads_failures_total prometheus_tsdb_wal_corruptions_total " +
  "prometheus_tsdb_wal_truncations_failed_total prometheus_tsdb_wal_writes_failed_total prometheus_tsdb_wal_storage_size_bytes " +
  "prometheus_tsdb_checkpoint_creations_failed_total prometheus_tsdb_checkpoint_deletions_failed_total " +
  "prometheus_tsdb_storage_blocks_bytes prometheus_tsdb_lowest_timestamp_seconds prometheus_tsdb_out_of_order_samples_total " +
  "prometheus_tsdb_blocks_loaded prometheus_tsdb_symbol_table_size_bytes prometheus_remote_storage_samples_failed_total " +
  "prometheus_remote_storage_samples_total prometheus_remote_storage_samples_pending prometheus_remote_storage_shards " +
  "tatou_tsdb_durable tatou_tsdb_samples_not_written_total tatou_tsdb_series_folded_total tatou_tsdb_blocks_unusable " +
  "tatou_tsdb_head_chunks_lost_total tatou_tsdb_early_drops_total tatou_tsdb_maintenance_failures_total tatou_tsdb_memory_used_bytes"
).split(" ");

/**
 * Exporters by the beginning of their metrics' names, and what a job or target of theirs is called. Their metrics are
 * believed when somebody scrapes them, for no code of the project tells which there are.
 */
export const exporters: readonly { readonly prefix: RegExp; readonly job: RegExp }[] = [
  { prefix: /^prometheus_/, job: /prometheus|:9090/ },
  { prefix: /^(?:alertmanager|go|process|promhttp|net_conntrack)_/, job: /./ },
  { prefix: /^grafana_/, job: /grafana|:3000/ },
  { prefix: /^node_/, job: /node|:9100/ },
  { prefix: /^(?:container|machine|cadvisor)_/, job: /cadvisor|kubelet|:8080/ },
  { prefix: /^kube_/, job: /kube/ },
  { prefix: /^(?:mysql|mysqld)_/, job: /mysql|maria|:9104/ },
  { prefix: /^pg_/, job: /postgres|pg|:9187/ },
  { prefix: /^redis_/, job: /redis|:9121/ },
  { prefix: /^nginx/, job: /nginx|:9113/ },
  { prefix: /^probe_/, job: /blackbox|probe|:9115/ },
  { prefix: /^(?:push|pushgateway)_/, job: /push/ },
  { prefix: /^loki_/, job: /loki/ },
];

import type { Labels, RelabelRule, SourcePosition } from "@tatou/model";
import type { HttpClientConfig } from "../http/http-client-config.ts";
import type { DiscoveryConfig, ScrapeConfig, ScrapeSettings } from "./scrape-config.ts";

/**
 * A whole prometheus.yml, defaults filled in as Prometheus does. Paths in it are relative to the directory of the file
 * in the text and joined with that directory here.
 */
export interface PrometheusConfig {
  readonly file: string;
  readonly global: GlobalConfig;
  readonly runtime: RuntimeConfig;
  readonly alerting: AlertingConfig;
  /** Paths whose last element may hold `*`. */
  readonly ruleFiles: readonly string[];
  /** Paths as above; what they hold is already in `scrapeConfigs`. */
  readonly scrapeConfigFiles: readonly string[];
  /** In the order of the file, then those of scrape_config_files. Job names are unique. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly storage: StorageConfig;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  /** Sections that are valid but that nothing here runs, such as tracing and otlp: to be named in a log line. */
  readonly unusedSections: readonly UnusedSection[];
}

export interface GlobalConfig extends ScrapeSettings {
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  readonly queryLogFile: string | null;
  readonly externalLabels: Labels;
}

export interface RuntimeConfig {
  readonly goGcPercent: number;
}

export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelRule[];
  readonly alertmanagers: readonly AlertmanagerTargetConfig[];
}

/** One entry of alerting.alertmanagers: where alerts are sent to. */
export interface AlertmanagerTargetConfig {
  readonly position: SourcePosition;
  readonly scheme: "http" | "https";
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  readonly apiVersion: "v2";
  readonly httpClient: HttpClientConfig;
  readonly discovery: DiscoveryConfig;
  /** Applied to the discovered Alertmanagers. */
  readonly relabelConfigs: readonly RelabelRule[];
  /** Applied to the alerts for these Alertmanagers, after alerting.alert_relabel_configs. */
  readonly alertRelabelConfigs: readonly RelabelRule[];
}

export interface StorageConfig {
  readonly outOfOrderTimeWindowMs: number;
  /** null leaves it to the flags, as each of the following. */
  readonly retentionTimeMs: number | null;
  readonly retentionSizeBytes: number | null;
  /** Of the disk, 0 to 100. */
  readonly retentionPercentage: number | null;
  readonly staleSeriesCompactionThresholdRatio: number;
  readonly chunkEncodingFloats: "xor" | "xor2" | null;
  readonly maxExemplars: number | null;
}

export interface RemoteWriteConfig {
  readonly position: SourcePosition;
  readonly url: string;
  readonly name: string;
  readonly remoteTimeoutMs: number;
  readonly protobufMessage: "prometheus.WriteRequest" | "io.prometheus.write.v2.Request";
  readonly headers: Readonly<Record<string, string>>;
  readonly writeRelabelConfigs: readonly RelabelRule[];
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
  readonly roundRobinDns: boolean;
  readonly httpClient: HttpClientConfig;
  readonly queue: RemoteWriteQueueConfig;
  readonly metadata: { readonly send: boolean; readonly sendIntervalMs: number; readonly maxSamplesPerSend: number };
}

export interface RemoteWriteQueueConfig {
  readonly capacity: number;
  readonly maxShards: number;
  readonly minShards: number;
  readonly maxSamplesPerSend: number;
  readonly batchSendDeadlineMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly retryOnRateLimit: boolean;
  readonly sampleAgeLimitMs: number;
}

export interface RemoteReadConfig {
  readonly position: SourcePosition;
  readonly url: string;
  readonly name: string;
  readonly remoteTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly readRecent: boolean;
  readonly chunkedReadLimitBytes: number;
  readonly requiredMatchers: Readonly<Record<string, string>>;
  readonly filterExternalLabels: boolean;
  readonly httpClient: HttpClientConfig;
}

export interface UnusedSection {
  readonly key: string;
  readonly position: SourcePosition;
}

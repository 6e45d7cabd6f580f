import type { RelabelRule, SourcePosition } from "@tatou/model";
import type { HttpClientConfig } from "../http/http-client-config.ts";

export type ScrapeProtocol =
  | "PrometheusProto"
  | "PrometheusText0.0.4"
  | "PrometheusText1.0.0"
  | "OpenMetricsText0.0.1"
  | "OpenMetricsText1.0.0";

export type NameValidationScheme = "utf8" | "legacy";

export type NameEscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** What bounds one scrape; 0 means no limit. Every scrape job has its own, the defaults come from `global`. */
export interface ScrapeLimits {
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly targetLimit: number;
  readonly keepDroppedTargets: number;
}

/** What `global` and a scrape job have in common. */
export interface ScrapeSettings extends ScrapeLimits {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Preferred first. */
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly extraScrapeMetrics: boolean;
  readonly scrapeFailureLogFile: string | null;
  readonly metricNameValidationScheme: NameValidationScheme;
  readonly metricNameEscapingScheme: NameEscapingScheme;
}

/** One entry of scrape_configs, with what it takes over from `global` filled in. */
export interface ScrapeConfig extends ScrapeSettings {
  readonly jobName: string;
  /** Where the entry begins. */
  readonly position: SourcePosition;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** The parser for an answer whose Content-Type is missing or unknown; null refuses such an answer. */
  readonly fallbackScrapeProtocol: ScrapeProtocol | null;
  readonly enableCompression: boolean;
  readonly metricsPath: string;
  readonly scheme: "http" | "https";
  /** Query parameters; one name may have several values. */
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly nativeHistogramBucketLimit: number;
  readonly nativeHistogramMinBucketFactor: number;
  readonly httpClient: HttpClientConfig;
  readonly discovery: DiscoveryConfig;
  readonly relabelConfigs: readonly RelabelRule[];
  readonly metricRelabelConfigs: readonly RelabelRule[];
}

/** Where targets come from; the same in a scrape job and for Alertmanagers. */
export interface DiscoveryConfig {
  readonly staticConfigs: readonly StaticTargetGroup[];
  readonly fileSdConfigs: readonly FileDiscoveryConfig[];
  readonly httpSdConfigs: readonly HttpDiscoveryConfig[];
  readonly dnsSdConfigs: readonly DnsDiscoveryConfig[];
  /** Kinds that are valid in the file but are not run here, such as consul_sd_configs: one entry per configuration. */
  readonly unsupportedDiscovery: readonly UnsupportedDiscovery[];
}

export interface StaticTargetGroup {
  /** host:port, as written; `__address__` of each target. */
  readonly targets: readonly string[];
  /** On every target of the group, before relabelling. Empty values are kept. */
  readonly labels: Readonly<Record<string, string>>;
  /** Says where the group came from, unique within the file: what Prometheus calls the source of a target group. */
  readonly source: string;
}

export interface FileDiscoveryConfig {
  /** Paths whose last element may hold `*`. */
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

export interface HttpDiscoveryConfig {
  readonly url: string;
  readonly refreshIntervalMs: number;
  readonly httpClient: HttpClientConfig;
}

export interface DnsDiscoveryConfig {
  readonly names: readonly string[];
  readonly type: "A" | "AAAA" | "SRV" | "MX" | "NS";
  /** Of every target; 0 only for SRV, whose records bring their own. */
  readonly port: number;
  readonly refreshIntervalMs: number;
}

export interface UnsupportedDiscovery {
  /** The key in the file, such as "consul_sd_configs". */
  readonly kind: string;
  readonly position: SourcePosition;
}

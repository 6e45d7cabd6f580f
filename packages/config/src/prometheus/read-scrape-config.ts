import { readDiscovery, refuseUrlTargets } from "../discovery/read-discovery.ts";
import { readHttpClient } from "../http/read-http-client.ts";
import { relabelRules } from "../relabel/read-relabel-rule.ts";
import { type Fields, type Located, listOf, mapOf, positionOf, readFields } from "../yaml/fields.ts";
import { boolean, float, integer, oneOf, text } from "../yaml/scalars.ts";
import { defaultScrapeProtocols, type GlobalDraft } from "./read-global.ts";
import { readScrapeSettings, type ScrapeSettingsDraft, scrapeProtocol } from "./read-scrape-settings.ts";
import type { NameEscapingScheme, NameValidationScheme, ScrapeConfig, ScrapeSettings } from "./scrape-config.ts";

export function readScrapeConfig(at: Located, global: GlobalDraft): ScrapeConfig | undefined {
  return readFields(at, (fields) => {
    const jobName = fields.get("job_name", text) ?? "";
    if (jobName === "") fields.fault("job_name is empty", "job_name");
    const settings = inherit(fields, readScrapeSettings(fields), { global, jobName });
    const scheme = settings.metricNameValidationScheme;
    const emptyRule = (kind: string) => `empty or null ${kind} relabeling rule in scrape config`;
    const relabelConfigs = fields.get("relabel_configs", relabelRules(scheme, emptyRule("target"))) ?? [];
    const config: ScrapeConfig = {
      ...settings,
      jobName,
      position: positionOf(at),
      honorLabels: fields.get("honor_labels", boolean) ?? false,
      honorTimestamps: fields.get("honor_timestamps", boolean) ?? true,
      trackTimestampsStaleness: fields.get("track_timestamps_staleness", boolean) ?? false,
      fallbackScrapeProtocol: fields.get("fallback_scrape_protocol", fallbackProtocol) ?? null,
      enableCompression: fields.get("enable_compression", boolean) ?? true,
      metricsPath: fields.get("metrics_path", text) ?? "/metrics",
      scheme: fields.get("scheme", oneOf(["http", "https"])) ?? "http",
      params: fields.get("params", mapOf(listOf(text))) ?? {},
      nativeHistogramBucketLimit: fields.get("native_histogram_bucket_limit", integer()) ?? 0,
      nativeHistogramMinBucketFactor: fields.get("native_histogram_min_bucket_factor", float) ?? 0,
      httpClient: readHttpClient(fields, { enableHttp2: true }),
      discovery: readDiscovery(fields),
      relabelConfigs,
      metricRelabelConfigs: fields.get("metric_relabel_configs", relabelRules(scheme, emptyRule("metric"))) ?? [],
    };
    if (relabelConfigs.length === 0) refuseUrlTargets(fields);
    return config;
  });
}

function fallbackProtocol(at: Located) {
  return at.node.kind === "null" || (at.node.kind === "scalar" && at.node.text === "") ? undefined : scrapeProtocol(at);
}

interface Inheritance {
  readonly global: GlobalDraft;
  readonly jobName: string;
}

/** Fills in from `global` what the job leaves open, and checks what only the two together can get wrong. */
function inherit(fields: Fields, draft: ScrapeSettingsDraft, { global, jobName }: Inheritance): ScrapeSettings {
  const { config } = global;
  const scrapeIntervalMs = draft.scrapeIntervalMs || config.scrapeIntervalMs;
  if (draft.scrapeTimeoutMs > scrapeIntervalMs) {
    const job = `scrape config with job name ${JSON.stringify(jobName)}`;
    fields.fault(`scrape timeout greater than scrape interval for ${job}`, "scrape_timeout");
  }
  const scrapeNativeHistograms = draft.scrapeNativeHistograms ?? config.scrapeNativeHistograms;
  const protocolsDefault = global.scrapeProtocolsGiven
    ? config.scrapeProtocols
    : defaultScrapeProtocols(scrapeNativeHistograms);
  return {
    scrapeIntervalMs,
    scrapeTimeoutMs: draft.scrapeTimeoutMs || Math.min(config.scrapeTimeoutMs, scrapeIntervalMs),
    scrapeProtocols: draft.scrapeProtocols ?? protocolsDefault,
    scrapeNativeHistograms,
    alwaysScrapeClassicHistograms: draft.alwaysScrapeClassicHistograms ?? config.alwaysScrapeClassicHistograms,
    convertClassicHistogramsToNhcb: draft.convertClassicHistogramsToNhcb ?? config.convertClassicHistogramsToNhcb,
    extraScrapeMetrics: draft.extraScrapeMetrics ?? config.extraScrapeMetrics,
    scrapeFailureLogFile: draft.scrapeFailureLogFile ?? config.scrapeFailureLogFile,
    bodySizeLimitBytes: draft.bodySizeLimitBytes || config.bodySizeLimitBytes,
    sampleLimit: draft.sampleLimit || config.sampleLimit,
    labelLimit: draft.labelLimit || config.labelLimit,
    labelNameLengthLimit: draft.labelNameLengthLimit || config.labelNameLengthLimit,
    labelValueLengthLimit: draft.labelValueLengthLimit || config.labelValueLengthLimit,
    targetLimit: draft.targetLimit || config.targetLimit,
    keepDroppedTargets: draft.keepDroppedTargets || config.keepDroppedTargets,
    ...nameSchemes(fields, draft, global),
  };
}

function nameSchemes(
  fields: Fields,
  draft: ScrapeSettingsDraft,
  { config }: GlobalDraft,
): { metricNameValidationScheme: NameValidationScheme; metricNameEscapingScheme: NameEscapingScheme } {
  const own = draft.metricNameValidationScheme;
  const validation = own ?? config.metricNameValidationScheme;
  const ofValidation = validation === "legacy" ? "underscores" : "allow-utf-8";
  const escaping =
    draft.metricNameEscapingScheme ?? (own === undefined ? config.metricNameEscapingScheme : ofValidation);
  if (escaping === "allow-utf-8" && validation !== "utf8")
    fields.fault("utf8 metric names requested but validation scheme is not set to UTF8");
  return { metricNameValidationScheme: validation, metricNameEscapingScheme: escaping };
}

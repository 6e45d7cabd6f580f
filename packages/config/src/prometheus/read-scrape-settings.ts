import { type Fields, fault, type Located, listOf } from "../yaml/fields.ts";
import { base2Bytes, boolean, durationMs, integer, oneOf, path, text } from "../yaml/scalars.ts";
import type { NameEscapingScheme, NameValidationScheme, ScrapeProtocol } from "./scrape-config.ts";

/** The keys that `global` and a scrape job share, as written: 0, null and undefined are "take the next default". */
export interface ScrapeSettingsDraft {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly scrapeNativeHistograms: boolean | undefined;
  readonly alwaysScrapeClassicHistograms: boolean | undefined;
  readonly convertClassicHistogramsToNhcb: boolean | undefined;
  readonly extraScrapeMetrics: boolean | undefined;
  readonly scrapeFailureLogFile: string | null;
  readonly metricNameValidationScheme: NameValidationScheme | undefined;
  readonly metricNameEscapingScheme: NameEscapingScheme | undefined;
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly targetLimit: number;
  readonly keepDroppedTargets: number;
}

export function readScrapeSettings(fields: Fields): ScrapeSettingsDraft {
  const limit = (key: string) => fields.get(key, integer()) ?? 0;
  const flag = (key: string) => fields.get(key, boolean);
  return {
    scrapeIntervalMs: fields.get("scrape_interval", durationMs) ?? 0,
    scrapeTimeoutMs: fields.get("scrape_timeout", durationMs) ?? 0,
    scrapeProtocols: fields.get("scrape_protocols", protocolList),
    scrapeNativeHistograms: flag("scrape_native_histograms"),
    alwaysScrapeClassicHistograms: flag("always_scrape_classic_histograms"),
    convertClassicHistogramsToNhcb: flag("convert_classic_histograms_to_nhcb"),
    extraScrapeMetrics: flag("extra_scrape_metrics"),
    scrapeFailureLogFile: fields.get("scrape_failure_log_file", path) || null,
    metricNameValidationScheme: fields.get("metric_name_validation_scheme", validationScheme) || undefined,
    metricNameEscapingScheme: fields.get("metric_name_escaping_scheme", escapingScheme) || undefined,
    bodySizeLimitBytes: fields.get("body_size_limit", base2Bytes) ?? 0,
    sampleLimit: limit("sample_limit"),
    labelLimit: limit("label_limit"),
    labelNameLengthLimit: limit("label_name_length_limit"),
    labelValueLengthLimit: limit("label_value_length_limit"),
    targetLimit: limit("target_limit"),
    keepDroppedTargets: limit("keep_dropped_targets"),
  };
}

const validationScheme = oneOf(["", "utf8", "legacy"]);
const escapingScheme = oneOf(["", "allow-utf-8", "underscores", "dots", "values"]);

/** In the order of Prometheus' message. */
const scrapeProtocols: readonly ScrapeProtocol[] = [
  "OpenMetricsText0.0.1",
  "OpenMetricsText1.0.0",
  "PrometheusProto",
  "PrometheusText0.0.4",
  "PrometheusText1.0.0",
];

export function scrapeProtocol(at: Located): ScrapeProtocol | undefined {
  const written = text(at);
  if (written === undefined) return undefined;
  const protocol = scrapeProtocols.find((each) => each === written);
  return protocol ?? fault(at, `unknown scrape protocol ${written}, supported: [${scrapeProtocols.join(" ")}]`);
}

function protocolList(at: Located): readonly ScrapeProtocol[] | undefined {
  if (at.node.kind === "null") return undefined;
  const protocols = listOf(scrapeProtocol)(at);
  if (protocols === undefined) return undefined;
  if (at.node.kind === "list" && at.node.items.length === 0) return fault(at, "scrape_protocols cannot be empty");
  if (new Set(protocols).size < protocols.length)
    return fault(at, `duplicated protocol in scrape_protocols, got [${protocols.join(" ")}]`);
  return protocols;
}

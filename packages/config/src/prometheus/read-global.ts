import { isLegacyLabelName, type Labels, labelsOf } from "@tatou/model";
import { expandEnvironment } from "../yaml/expand-environment.ts";
import { type Fields, fault, type Located, mapOf } from "../yaml/fields.ts";
import { durationMs, path, text } from "../yaml/scalars.ts";
import type { GlobalConfig } from "./prometheus-config.ts";
import { readScrapeSettings } from "./read-scrape-settings.ts";
import type { NameValidationScheme, ScrapeProtocol } from "./scrape-config.ts";

const scrapeIntervalDefaultMs = 60_000;
const scrapeTimeoutDefaultMs = 10_000;
const evaluationIntervalDefaultMs = 60_000;

/** Newest first; protobuf leads where native histograms are scraped, as only it carries them. */
export function defaultScrapeProtocols(scrapeNativeHistograms: boolean): readonly ScrapeProtocol[] {
  const texts: readonly ScrapeProtocol[] = [
    "OpenMetricsText1.0.0",
    "OpenMetricsText0.0.1",
    "PrometheusText1.0.0",
    "PrometheusText0.0.4",
  ];
  return scrapeNativeHistograms ? ["PrometheusProto", ...texts] : texts;
}

/** `global` with its defaults, and which of them a scrape job may choose by itself. */
export interface GlobalDraft {
  readonly config: GlobalConfig;
  readonly scrapeProtocolsGiven: boolean;
}

/** @param environment for $VAR and ${VAR} in external label values */
export function readGlobal(fields: Fields, environment: Readonly<Record<string, string>>): GlobalDraft {
  const draft = readScrapeSettings(fields);
  const scrapeIntervalMs = draft.scrapeIntervalMs || scrapeIntervalDefaultMs;
  if (draft.scrapeTimeoutMs > scrapeIntervalMs)
    fields.fault("global scrape timeout greater than scrape interval", "scrape_timeout");
  const validation = draft.metricNameValidationScheme ?? "utf8";
  const scrapeNativeHistograms = draft.scrapeNativeHistograms ?? false;
  const config: GlobalConfig = {
    ...draft,
    scrapeIntervalMs,
    scrapeTimeoutMs: draft.scrapeTimeoutMs || Math.min(scrapeTimeoutDefaultMs, scrapeIntervalMs),
    scrapeProtocols: draft.scrapeProtocols ?? defaultScrapeProtocols(scrapeNativeHistograms),
    scrapeNativeHistograms,
    alwaysScrapeClassicHistograms: draft.alwaysScrapeClassicHistograms ?? false,
    convertClassicHistogramsToNhcb: draft.convertClassicHistogramsToNhcb ?? false,
    extraScrapeMetrics: draft.extraScrapeMetrics ?? false,
    metricNameValidationScheme: validation,
    metricNameEscapingScheme:
      draft.metricNameEscapingScheme ?? (validation === "legacy" ? "underscores" : "allow-utf-8"),
    evaluationIntervalMs: fields.get("evaluation_interval", durationMs) || evaluationIntervalDefaultMs,
    ruleQueryOffsetMs: fields.get("rule_query_offset", durationMs) ?? 0,
    queryLogFile: fields.get("query_log_file", path) || null,
    externalLabels: fields.get("external_labels", (at) => readExternalLabels(at, validation, environment)) ?? [],
  };
  return { config, scrapeProtocolsGiven: draft.scrapeProtocols !== undefined };
}

function readExternalLabels(
  at: Located,
  scheme: NameValidationScheme,
  environment: Readonly<Record<string, string>>,
): Labels | undefined {
  const labels = mapOf(text)(at);
  if (labels === undefined) return undefined;
  for (const name of Object.keys(labels))
    if (name === "" || (scheme === "legacy" && !isLegacyLabelName(name)))
      fault(at, `${JSON.stringify(name)} is not a valid label name`);
  return labelsOf(
    Object.entries(labels).map(([name, value]) => [
      name,
      expandEnvironment(value, (key) => (key === "$" ? "$" : environment[key])),
    ]),
  );
}

import type { ConfigFiles } from "../config-files.ts";
import { ConfigSource } from "../yaml/config-source.ts";
import { type Decode, Fields, fault, type Located, listOf, listWithoutEmpty, readFields } from "../yaml/fields.ts";
import { firstDouble } from "../yaml/first-double.ts";
import { openDocument } from "../yaml/open-document.ts";
import { integer, path } from "../yaml/scalars.ts";
import { checkOtlp, checkTracing } from "./check-unused-sections.ts";
import type { AlertingConfig, PrometheusConfig, RuntimeConfig, UnusedSection } from "./prometheus-config.ts";
import { readAlerting } from "./read-alerting.ts";
import { type GlobalDraft, readGlobal } from "./read-global.ts";
import { readRemoteRead, readRemoteWrite } from "./read-remote.ts";
import { readScrapeConfig } from "./read-scrape-config.ts";
import { readStorage, storageDefaults } from "./read-storage.ts";
import type { ScrapeConfig } from "./scrape-config.ts";

export interface LoadPrometheusConfigOptions {
  /** For $VAR and ${VAR} in external_labels; empty unless given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For scrape_config_files; without it those are not read. */
  readonly files?: ConfigFiles;
  /** Refuses what an agent does not do: alerting, rules, remote read. */
  readonly agentMode?: boolean;
}

/**
 * Reads a prometheus.yml, with Prometheus' defaults, checks and wording.
 * @param file its path: stands in positions, and relative paths in the text are joined with its directory
 * @throws {ConfigError} with every fault and its place
 */
export function loadPrometheusConfig(
  text: string,
  file: string,
  options: LoadPrometheusConfigOptions = {},
): PrometheusConfig {
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  const config = at && readFields(at, (fields) => readConfig(fields, options));
  source.throwFaults();
  return config!;
}

const noAlerting: AlertingConfig = { alertRelabelConfigs: [], alertmanagers: [] };
/** What Prometheus sets for its own collector. */
const runtimeDefaults: RuntimeConfig = { goGcPercent: 75 };

function readConfig(fields: Fields, options: LoadPrometheusConfigOptions): PrometheusConfig {
  const global = fields.get("global", (at) => readFields(at, (inner) => readGlobal(inner, options.environment ?? {})));
  const globalDraft = global ?? readGlobal(emptyFieldsOf(fields), {});
  const scheme = globalDraft.config.metricNameValidationScheme;
  const remoteWrites = listWithoutEmpty(
    (at) => readRemoteWrite(at, scheme),
    "empty or null remote write config section",
  );
  const remoteReads = listWithoutEmpty(readRemoteRead, "empty or null remote read config section");
  const scrapeConfigFiles = fields.get("scrape_config_files", patterns("scrape config")) ?? [];
  const config: PrometheusConfig = {
    file: fields.at.source.file,
    global: globalDraft.config,
    runtime: fields.get("runtime", readRuntime) ?? runtimeDefaults,
    alerting: fields.get("alerting", (at) => readAlerting(at, scheme)) ?? noAlerting,
    ruleFiles: fields.get("rule_files", patterns("rule")) ?? [],
    scrapeConfigFiles,
    scrapeConfigs: readScrapeConfigs(fields, { global: globalDraft, scrapeConfigFiles, files: options.files }),
    storage: fields.get("storage", readStorage) ?? storageDefaults,
    remoteWrite: fields.get("remote_write", remoteWrites) ?? [],
    remoteRead: fields.get("remote_read", remoteReads) ?? [],
    unusedSections: readUnusedSections(fields, globalDraft),
  };
  refuseSameNames(fields, "remote_write", config.remoteWrite);
  refuseSameNames(fields, "remote_read", config.remoteRead);
  if (options.agentMode === true) refuseInAgentMode(fields, config);
  return config;
}

/** A map without keys at the place of another: for sections that are not there and have defaults all the same. */
function emptyFieldsOf(fields: Fields): Fields {
  return new Fields(fields.at, new Map());
}

/** Only the last element may hold a star. */
function patterns(kind: string): Decode<readonly string[]> {
  return listOf((at) => {
    const pattern = path(at);
    if (pattern === undefined || /^[^*]*(\*[^/]*)?$/.test(pattern)) return pattern;
    return fault(at, `invalid ${kind} file path ${JSON.stringify(pattern)}`);
  });
}

function readRuntime(at: Located): RuntimeConfig | undefined {
  return readFields(at, (fields) => {
    const goGcPercent = fields.get("gogc", integer(Number.MIN_SAFE_INTEGER)) ?? 0;
    return goGcPercent === 0 ? runtimeDefaults : { goGcPercent };
  });
}

interface ScrapeConfigSources {
  readonly global: GlobalDraft;
  readonly scrapeConfigFiles: readonly string[];
  readonly files: ConfigFiles | undefined;
}

function readScrapeConfigs(fields: Fields, { global, scrapeConfigFiles, files }: ScrapeConfigSources): ScrapeConfig[] {
  const list = listWithoutEmpty((at) => readScrapeConfig(at, global), "empty or null scrape config section");
  const configs: ScrapeConfig[] = [];
  const firstFiles = new Map<string, string>();
  const add = (owner: Fields, found: readonly ScrapeConfig[]): void => {
    for (const config of found) {
      const first = firstFiles.get(config.jobName);
      if (first === undefined) configs.push(config);
      else refuseSameJob(owner, config, first === owner.at.source.file ? "" : `, first found in ${first}`);
      firstFiles.set(config.jobName, first ?? owner.at.source.file);
    }
  };
  add(fields, fields.get("scrape_configs", list) ?? []);
  if (files !== undefined)
    for (const file of scrapeConfigFiles.flatMap((pattern) => files.glob(pattern)))
      readScrapeConfigFile(fields, file, {
        files,
        read: (inner) => add(inner, inner.get("scrape_configs", list) ?? []),
      });
  return configs;
}

function refuseSameJob(fields: Fields, config: ScrapeConfig, place: string): void {
  const name = JSON.stringify(config.jobName);
  fields.at.source.faultAt(
    config.position,
    `Cannot load scrape_configs: found multiple scrape configs with job name ${name}${place}`,
  );
}

interface ScrapeConfigFileReader {
  readonly files: ConfigFiles;
  readonly read: (fields: Fields) => void;
}

function readScrapeConfigFile(fields: Fields, file: string, { files, read }: ScrapeConfigFileReader): void {
  let text: string;
  try {
    text = files.read(file);
  } catch (error) {
    fields.fault(
      `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
      "scrape_config_files",
    );
    return;
  }
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  if (at !== null) readFields(at, read);
  fields.at.source.adopt(source.diagnostics);
}

function readUnusedSections(fields: Fields, global: GlobalDraft): readonly UnusedSection[] {
  const tracing = fields.value("tracing");
  if (tracing !== undefined) checkTracing(tracing);
  const otlp = fields.value("otlp");
  if (otlp !== undefined) checkOtlp(otlp, global.config.metricNameValidationScheme);
  return ["tracing", "otlp"]
    .filter((key) => fields.has(key))
    .map((key) => ({ key, position: fields.keyPosition(key) }));
}

function refuseSameNames(fields: Fields, key: string, configs: readonly { readonly name: string }[]): void {
  const double = firstDouble(configs.map((config) => config.name).filter((name) => name !== ""));
  if (double === undefined) return;
  fields.fault(`found multiple ${key.replace("_", " ")} configs with job name ${JSON.stringify(double)}`, key);
}

function refuseInAgentMode(fields: Fields, config: PrometheusConfig): void {
  if (config.alerting.alertmanagers.length > 0 || config.alerting.alertRelabelConfigs.length > 0)
    fields.fault("field alerting is not allowed in agent mode", "alerting");
  if (config.ruleFiles.length > 0) fields.fault("field rule_files is not allowed in agent mode", "rule_files");
  if (config.remoteRead.length > 0) fields.fault("field remote_read is not allowed in agent mode", "remote_read");
}

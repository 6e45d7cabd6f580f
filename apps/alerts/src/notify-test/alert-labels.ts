import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { loadPrometheusConfig, loadRuleFile, type PrometheusConfig, type RuleFile } from "@tatou/config";
import { labelsOf, labelsToObject, labelValue, nearestName, relabel } from "@tatou/model";
import { ConfigurationFileError, UnknownAlertError } from "../errors.ts";

export interface AlertLabelsOptions {
  readonly alert: string;
  /** Path of prometheus.yml. */
  readonly prometheusFile: string;
  /** Labels that the data would give, such as client_ip. */
  readonly labels: Readonly<Record<string, string>>;
  /** For $VAR and ${VAR} in external_labels. */
  readonly environment: Readonly<Record<string, string>>;
  /** The paths that a pattern of rule_files stands for. */
  readonly expandPattern: (pattern: string) => readonly string[];
}

/** An alert as its rule makes it, as far as the rule alone says. */
export interface RuleAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** Labels whose value comes from the data; they are left out unless they were given. */
  readonly unknownLabels: readonly string[];
  /** alert_relabel_configs drop it: no Alertmanager hears of it. */
  readonly isDropped: boolean;
}

/**
 * The labels that alerts of a name have when they are sent: those of each rule of the name, of its group, and external
 * ones, after alert_relabel_configs. Rules whose alerts are the same count once.
 * @throws {ConfigurationFileError} a file cannot be read @throws {ConfigError} a file is wrong
 * @throws {UnknownAlertError} no rule has the name
 */
export async function readAlertLabels(options: AlertLabelsOptions): Promise<readonly RuleAlert[]> {
  const { prometheusFile, alert, expandPattern, environment } = options;
  const config = loadPrometheusConfig(await readText(prometheusFile), prometheusFile, { environment });
  const paths = new Set(config.ruleFiles.flatMap((pattern) => expandPattern(pattern)));
  const rules: RuleLabels[] = [];
  for (const path of paths) rules.push(...alertRules(loadRuleFile(await readText(path), path)));
  const found = rules.filter(({ name }) => name === alert).map(({ labels }) => sentAlert(config, options, labels));
  if (found.length === 0) throw unknownAlert(options, rules);
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigurationFileError("rules", path, error);
  }
}

interface RuleLabels {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

function alertRules({ groups }: RuleFile): readonly RuleLabels[] {
  return groups.flatMap((group) =>
    group.rules
      .filter((rule) => rule.kind === "alerting")
      .map((rule) => ({ name: rule.alert, labels: { ...group.labels, ...rule.labels } })),
  );
}

function unknownAlert({ alert, prometheusFile }: AlertLabelsOptions, rules: readonly RuleLabels[]): UnknownAlertError {
  const near = nearestName(
    alert,
    rules.map(({ name }) => name),
  );
  const hint =
    near === null
      ? "Give the name of an alert of its rule_files, or another prometheus.yml with --prometheus.config"
      : `Did you mean ${JSON.stringify(near)}?`;
  return new UnknownAlertError(alert, prometheusFile, hint);
}

function sentAlert(
  config: PrometheusConfig,
  { alert, labels: given }: AlertLabelsOptions,
  ruleLabels: Readonly<Record<string, string>>,
): RuleAlert {
  const isTemplate = (value: string): boolean => value.includes("{{");
  const known = Object.entries(ruleLabels).filter(([, value]) => !isTemplate(value));
  const unknownLabels = Object.keys(ruleLabels).filter((name) => isTemplate(ruleLabels[name]!) && !(name in given));
  const own = labelsOf({ ...Object.fromEntries(known), ...given, alertname: alert });
  const external = config.global.externalLabels.filter(({ name }) => labelValue(own, name) === "");
  const complete = labelsOf({ ...labelsToObject(external), ...labelsToObject(own) });
  const sent = relabel(complete, config.alerting.alertRelabelConfigs, md5);
  return { labels: labelsToObject(sent ?? complete), unknownLabels, isDropped: sent === null };
}

function md5(text: string): Uint8Array {
  return createHash("md5").update(text).digest();
}

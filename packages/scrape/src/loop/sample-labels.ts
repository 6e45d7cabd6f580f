import type { ScrapeConfig } from "@tatou/config";
import {
  isLegacyLabelName,
  isLegacyMetricName,
  type Labels,
  labelsOf,
  labelValue,
  metricNameLabel,
  relabel,
} from "@tatou/model";
import { ScrapeError } from "../errors.ts";
import { md5 } from "../target/target.ts";

/**
 * The labels a scraped series is stored under: joined with the target's, then relabelled; null when a rule drops it.
 * @throws {ScrapeError} no metric name is left, a name is not allowed, or a label limit is exceeded
 */
export function storedLabels(scraped: Labels, target: Labels, config: ScrapeConfig): Labels | null {
  const joined = config.honorLabels ? honoured(scraped, target) : overridden(scraped, target);
  const labels = config.metricRelabelConfigs.length === 0 ? joined : relabel(joined, config.metricRelabelConfigs, md5);
  if (labels === null) return null;
  checkNames(labels, config);
  checkLimits(labels, config);
  return labels;
}

/** The scrape's own labels win. */
function honoured(scraped: Labels, target: Labels): Labels {
  return labelsOf([...pairs(target), ...pairs(scraped)]);
}

/** The target's labels win; what they displace is kept under exported_<name>, with as many prefixes as it takes. */
function overridden(scraped: Labels, target: Labels): Labels {
  const targetNames = new Set(target.map(({ name }) => name));
  const taken = new Set([...targetNames, ...scraped.map(({ name }) => name)]);
  const kept = pairs(scraped).map(([name, value]): [string, string] => {
    if (!targetNames.has(name)) return [name, value];
    let exported = `exported_${name}`;
    while (taken.has(exported)) exported = `exported_${exported}`;
    taken.add(exported);
    return [exported, value];
  });
  return labelsOf([...kept, ...pairs(target)]);
}

function pairs(labels: Labels): [string, string][] {
  return labels.map(({ name, value }) => [name, value]);
}

function checkNames(labels: Labels, config: ScrapeConfig): void {
  const metricName = labelValue(labels, metricNameLabel);
  if (metricName === "") throw new ScrapeError("invalid_labels", "missing metric name (__name__ label)");
  if (config.metricNameValidationScheme !== "legacy") return;
  const allowed = isLegacyMetricName(metricName) && labels.every(({ name }) => isLegacyLabelName(name));
  if (!allowed)
    throw new ScrapeError("invalid_labels", `invalid metric name or label names: ${JSON.stringify(metricName)}`);
}

function checkLimits(labels: Labels, config: ScrapeConfig): void {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = config;
  if (labelLimit === 0 && labelNameLengthLimit === 0 && labelValueLengthLimit === 0) return;
  const metric = `metric: ${labelValue(labels, metricNameLabel).slice(0, shownCharacters)}`;
  if (labelLimit > 0 && labels.length > labelLimit)
    throw limitError("label_limit", [metric, `number of labels: ${labels.length}`, `limit: ${labelLimit}`]);
  for (const { name, value } of labels) {
    const label = `label name: ${name.slice(0, shownCharacters)}`;
    if (labelNameLengthLimit > 0 && byteLength(name) > labelNameLengthLimit)
      throw limitError("label_name_length_limit", [
        metric,
        label,
        `length: ${byteLength(name)}`,
        `limit: ${labelNameLengthLimit}`,
      ]);
    if (labelValueLengthLimit > 0 && byteLength(value) > labelValueLengthLimit)
      throw limitError("label_value_length_limit", [
        metric,
        label,
        `value: ${JSON.stringify(value.slice(0, shownCharacters))}`,
        `length: ${byteLength(value)}`,
        `limit: ${labelValueLengthLimit}`,
      ]);
  }
}

/** In messages, names and values are cut to this. */
const shownCharacters = 50;

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function limitError(setting: string, parts: readonly string[]): ScrapeError {
  return new ScrapeError("label_limit", `${setting} exceeded (${parts.join(", ")})`);
}

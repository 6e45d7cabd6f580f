import { formatLabels, labelsOf, metricNameLabel } from "@tatou/model";

type LabelMap = Readonly<Record<string, string>>;

/** Fills "{{label}}" from the labels; a label that is not there leaves its own name, so that the mistake shows. */
export function formatLegend(format: string, labels: LabelMap): string {
  return format.replaceAll(/\{\{\s*(.+?)\s*\}\}/g, (_whole, name: string) => labels[name] ?? name);
}

/**
 * The names of the series of one query.
 * @param format "" writes the whole label set, "__auto" only what tells the series apart
 * @param expression names a series that has no labels at all
 */
export function seriesNames(series: readonly LabelMap[], format: string, expression: string): string[] {
  if (format !== "" && format !== "__auto") return series.map((labels) => formatLegend(format, labels));
  if (format === "") return series.map((labels) => wholeName(labels, expression));
  const varying = varyingLabels(series);
  return series.map((labels) => shortName(labels, varying, expression));
}

function shortName(labels: LabelMap, varying: readonly string[], expression: string): string {
  const names = Object.keys(labels).filter((name) => name !== metricNameLabel);
  if (names.length === 0) return labels[metricNameLabel] ?? expression;
  // One label says it all by its value; of several, only those that differ from series to series are worth the room.
  const shown = varying.length > 0 ? varying : names.length === 1 ? names : [];
  if (shown.length === 0) return wholeName(labels, expression);
  if (shown.length === 1) return labels[shown[0] ?? ""] ?? "";
  return shown.map((name) => `${name}="${labels[name] ?? ""}"`).join(", ");
}

function varyingLabels(series: readonly LabelMap[]): string[] {
  const values = new Map<string, Set<string>>();
  for (const labels of series)
    for (const name of Object.keys(labels)) if (!values.has(name)) values.set(name, new Set());
  for (const labels of series) for (const [name, seen] of values) seen.add(labels[name] ?? "");
  return [...values].filter(([, seen]) => seen.size > 1).map(([name]) => name);
}

function wholeName(labels: LabelMap, expression: string): string {
  const set = labelsOf(labels);
  return set.length === 0 ? expression : formatLabels(set);
}

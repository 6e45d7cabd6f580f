import { isLegacyLabelName, isLegacyMetricName, type Labels, labelValue, metricNameLabel, quote } from "@tatou/model";

/** Labels as Prometheus prints a series in a dump: {__name__="up", job="app"}. */
export function labelsText(labels: Labels): string {
  return `{${labels.map(({ name, value }) => `${nameText(name)}=${quote(value)}`).join(", ")}}`;
}

/** A series as OpenMetrics writes it: up{job="app"}; names beyond the old charset stand in the braces, in quotes. */
export function openMetricsSeriesText(labels: Labels): string {
  const metricName = labelValue(labels, metricNameLabel);
  const pairs = labels
    .filter(({ name }) => name !== metricNameLabel)
    .map(({ name, value }) => `${nameText(name)}=${quoteOpenMetrics(value)}`);
  if (isLegacyMetricName(metricName)) return `${metricName}{${pairs.join(",")}}`;
  const name = metricName === "" ? [] : [quoteOpenMetrics(metricName)];
  return `{${[...name, ...pairs].join(",")}}`;
}

function nameText(name: string): string {
  return isLegacyLabelName(name) ? name : quote(name);
}

/** The format knows three escapes; all other characters stand for themselves. */
function quoteOpenMetrics(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

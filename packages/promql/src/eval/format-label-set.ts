import { isLegacyLabelName, type Labels, quote } from "@tatou/model";

/** A label set with the metric name among the labels, as messages show it: `{__name__="up", job="api"}`. */
export function formatLabelSet(labels: Labels): string {
  const pairs = labels.map(({ name, value }) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`);
  return `{${pairs.join(", ")}}`;
}

import { ExpositionParser } from "@tatou/exposition";
import { labelValue, metricNameLabel } from "@tatou/model";
import type { MetricKind } from "./scan/declared-metric.ts";

/** What a target exports right now. */
export interface LiveMetrics {
  /** By the name that `# TYPE` gives; the labels of one without series are not known. */
  readonly metrics: ReadonlyMap<string, { readonly kind: MetricKind; readonly labels: ReadonlySet<string> | null }>;
  /** All words in the values of labels. */
  readonly words: ReadonlySet<string>;
  /** The values by label. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Reads the answer of a target.
 * @throws {ExpositionSyntaxError} the text is no exposition
 */
export function readLiveMetrics(exposition: Uint8Array): LiveMetrics {
  const parser = new ExpositionParser(exposition, "text");
  const kinds = new Map<string, MetricKind>();
  const labels = new Map<string, Set<string>>();
  const words = new Set<string>();
  const values = new Map<string, Set<string>>();
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    if (entry === "type") kinds.set(parser.metricName(), kindOf(parser.metricType()));
    if (entry !== "series") continue;
    const series = parser.labels();
    const family = familyOf(labelValue(series, metricNameLabel), kinds);
    const names = labels.get(family) ?? new Set();
    labels.set(family, names);
    for (const { name, value } of series) {
      if (name === metricNameLabel || isPartLabel(name, kinds.get(family))) continue;
      names.add(name);
      const own = values.get(name) ?? new Set();
      values.set(name, own.add(value));
      for (const [word] of value.matchAll(/[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*/g)) words.add(word);
    }
  }
  const names = new Set([...kinds.keys(), ...labels.keys()]);
  const metrics = new Map(
    [...names].map((name) => [name, { kind: kinds.get(name) ?? "gauge", labels: labels.get(name) ?? null }]),
  );
  return { metrics, words, values };
}

function kindOf(type: string): MetricKind {
  return type === "counter" || type === "histogram" || type === "summary" ? type : "gauge";
}

/** http_seconds_bucket belongs to http_seconds, if that was said to be a histogram. */
function familyOf(name: string, kinds: ReadonlyMap<string, MetricKind>): string {
  const family = name.replace(/_(?:bucket|sum|count)$/, "");
  const kind = kinds.get(family);
  return kind === "histogram" || kind === "summary" ? family : name;
}

function isPartLabel(label: string, kind: MetricKind | undefined): boolean {
  return (label === "le" && kind === "histogram") || (label === "quantile" && kind === "summary");
}

import type { PrometheusConfig, RuleConfig } from "@tatou/config";
import { editDistance, nearestName } from "@tatou/model";
import type { Expr } from "@tatou/promql";
import { certainName } from "./certain-name.ts";
import { engineMetrics, exporters, libraryMetrics, scrapeMetrics } from "./known-metrics.ts";
import type { LiveMetrics } from "./live-metrics.ts";
import type { CatalogMetric, MetricLookup } from "./metric-lookup.ts";
import { outputLabels } from "./output-labels.ts";
import type { SourceFacts } from "./scan/scan-sources.ts";

export interface RecordedMetric {
  readonly rule: Extract<RuleConfig, { kind: "recording" }>;
  readonly expr: Expr;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly intervalMs: number;
}

export interface CatalogSources {
  readonly sources: SourceFacts;
  readonly live: LiveMetrics | null;
  readonly prometheus: PrometheusConfig | null;
  readonly recorded: readonly RecordedMetric[];
}

const endings = /_(?:total|count|sum|bucket|seconds|bytes)$/;

/** Which metrics there are, whoever makes them. */
export class MetricCatalog implements MetricLookup {
  readonly #metrics = new Map<string, CatalogMetric>();
  readonly #recorded = new Map<string, RecordedMetric[]>();
  readonly #underWay = new Set<string>();
  readonly #prometheus: PrometheusConfig | null;
  readonly #targetLabels: ReadonlySet<string> | null;
  /** The first words of the names that a target shows: of those programs it shows all. */
  readonly #shownPrograms: ReadonlySet<string>;
  /** Whether what is not here can be said not to exist. */
  readonly isComplete: boolean;

  constructor({ sources, live, prometheus, recorded }: CatalogSources) {
    this.#prometheus = prometheus;
    this.#targetLabels = prometheus === null ? null : targetLabels(prometheus);
    this.#shownPrograms = new Set([...(live?.metrics.keys() ?? [])].map(programOf));
    this.isComplete = sources.metrics.length > 0 || live !== null;
    for (const metric of scrapeMetrics) this.#add(metric.name, { kind: "scrape", labels: metric.labels });
    for (const library of sources.libraries)
      for (const metric of libraryMetrics[library] ?? []) this.#add(metric.name, metric);
    for (const metric of sources.metrics) this.#add(metric.name, metric);
    for (const [name, { kind, labels }] of live?.metrics ?? [])
      this.#add(name, { kind, labels: labels === null ? null : [...labels] });
    for (const name of engineMetrics)
      if (!this.#metrics.has(name) && !this.#shownPrograms.has(programOf(name))) this.#addUnknown(name);
    for (const name of ["ALERTS", "ALERTS_FOR_STATE"]) this.#addUnknown(name);
    for (const metric of recorded) {
      const sameName = this.#recorded.get(metric.rule.record) ?? [];
      this.#recorded.set(metric.rule.record, [...sameName, metric]);
    }
  }

  find(name: string): CatalogMetric | null {
    const known = this.#metrics.get(name);
    if (known !== undefined) return known;
    if (this.#recorded.has(name)) return { kind: "recorded", labels: this.#recordedLabels(name) };
    return this.#isOfExporter(name) ? { kind: "unknown", labels: null } : null;
  }

  /** The rules that record a metric. */
  recordedAs(name: string): readonly RecordedMetric[] {
    return this.#recorded.get(name) ?? [];
  }

  nearest(name: string): string | null {
    const names = [...this.#metrics.keys(), ...this.#recorded.keys()];
    // Most often it is the ending that is missing or wrong.
    const stem = name.replace(endings, "");
    const sameStem = names.find((known) => known !== name && known.replace(endings, "") === stem);
    return sameStem ?? nearestName(name, names);
  }

  /** The only one that can have been meant; null when there is a choice. */
  certain(name: string): string | null {
    return certainName(name, [...this.#metrics.keys(), ...this.#recorded.keys()]);
  }

  #add(name: string, { kind, labels }: { kind: CatalogMetric["kind"]; labels: readonly string[] | null }): void {
    const put = (part: string, more: readonly string[]): void => {
      const own = labels === null || this.#targetLabels === null ? null : [...labels, ...more, ...this.#targetLabels];
      const before = this.#metrics.get(part);
      // Two declarations of one name: each may be the one that runs.
      const isUnknown = own === null || before?.labels === null;
      this.#metrics.set(part, { kind, labels: isUnknown ? null : new Set([...(before?.labels ?? []), ...own]) });
    };
    if (kind !== "histogram" && kind !== "summary") return put(name, []);
    put(`${name}_sum`, []);
    put(`${name}_count`, []);
    if (kind === "histogram") put(`${name}_bucket`, ["le"]);
    else put(name, ["quantile"]);
  }

  #addUnknown(name: string): void {
    const parts = name.endsWith("_seconds") || name.endsWith("_bytes") ? ["", "_sum", "_count", "_bucket"] : [""];
    for (const part of parts) this.#metrics.set(`${name}${part}`, { kind: "unknown", labels: null });
  }

  /** Two rules that read each other have labels that only running them tells. */
  #recordedLabels(name: string): ReadonlySet<string> | null {
    if (this.#underWay.has(name)) return null;
    this.#underWay.add(name);
    const all = new Set<string>();
    let isKnown = true;
    for (const { rule, expr, groupLabels } of this.#recorded.get(name) ?? []) {
      const labels = outputLabels(expr, this);
      if (labels === null) isKnown = false;
      for (const label of [...(labels ?? []), ...Object.keys(rule.labels), ...Object.keys(groupLabels)]) all.add(label);
    }
    this.#underWay.delete(name);
    return isKnown ? all : null;
  }

  /** An exporter's metric, unless it is nearly one of those that are known by name. */
  #isOfExporter(name: string): boolean {
    const prefix = exporters.find((exporter) => exporter.prefix.test(name));
    if (prefix === undefined || this.#prometheus === null) return false;
    if (this.#shownPrograms.has(programOf(name)) && !commonPrograms.has(programOf(name))) return false;
    const jobs = this.#prometheus.scrapeConfigs.flatMap(({ jobName, discovery }) => [
      jobName,
      ...discovery.staticConfigs.flatMap(({ targets }) => targets),
    ]);
    if (!jobs.some((job) => prefix.job.test(job))) return false;
    return ![...this.#metrics.keys()].some((known) => editDistance(known, name) <= 2);
  }
}

/** Every program that is built with a client library has some of these; which, depends on the library. */
const commonPrograms = new Set(["go", "process", "promhttp", "net"]);

/** The first word of a name: `node` of node_load1. */
function programOf(name: string): string {
  return name.split("_", 1)[0] ?? name;
}

/** What a target gives all its series; null when only a discovery at run time knows. */
function targetLabels(config: PrometheusConfig): ReadonlySet<string> | null {
  const labels = new Set(["job", "instance", "__name__"]);
  for (const job of config.scrapeConfigs) {
    const { discovery, relabelConfigs, metricRelabelConfigs } = job;
    if (discovery.fileSdConfigs.length + discovery.httpSdConfigs.length + discovery.unsupportedDiscovery.length > 0)
      return null;
    for (const { labels: own } of discovery.staticConfigs) for (const label of Object.keys(own)) labels.add(label);
    for (const rule of [...relabelConfigs, ...metricRelabelConfigs]) {
      if (rule.action === "labelmap" || metricRelabelConfigs.includes(rule)) return null;
      if ("targetLabel" in rule) labels.add(rule.targetLabel);
    }
  }
  return labels;
}

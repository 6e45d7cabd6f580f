import type { ExpositionParser } from "@tatou/exposition";
import type { MetricType } from "@tatou/model";

/** What a target says about one of its metrics. */
export interface MetricDescription {
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** Metrics of one target that are remembered; the rest goes without description. */
const metricsMax = 10_000;
/** Longer texts are cut; a metric with a longer name goes without description. */
const textMaxCharacters = 1024;

/** What the name of a series may add to that of its metric. */
const seriesSuffixes = ["_bucket", "_count", "_sum", "_total", "_created", "_info", "_gcount", "_gsum"];

/** Type, help and unit of the metrics of one target, as it last said them. */
export class MetricMetadata {
  readonly #byMetric = new Map<string, MetricDescription>();
  /** Metrics of which the body at hand says something else than was known. */
  readonly #changed = new Set<string>();

  take(parser: ExpositionParser, entry: "type" | "help" | "unit"): void {
    const metric = parser.metricName();
    if (metric.length > textMaxCharacters) return;
    const known = this.#byMetric.get(metric) ?? { metric, type: "unknown", help: "", unit: "" };
    if (this.#byMetric.size >= metricsMax && !this.#byMetric.has(metric)) return;
    const now = { ...known, ...said(parser, entry) };
    if (now.type === known.type && now.help === known.help && now.unit === known.unit && this.#byMetric.has(metric))
      return;
    this.#byMetric.set(metric, now);
    this.#changed.add(metric);
  }

  list(): MetricDescription[] {
    return [...this.#byMetric.values()];
  }

  /** What is said about the metric of a series; undefined when nothing is. */
  ofSeries(seriesName: string): MetricDescription | undefined {
    const own = this.#byMetric.get(seriesName);
    if (own !== undefined) return own;
    const suffix = seriesSuffixes.find((each) => seriesName.endsWith(each));
    return suffix === undefined ? undefined : this.#byMetric.get(seriesName.slice(0, -suffix.length));
  }

  /** Whether the body at hand has changed what is said about a metric; `settle` ends the body. */
  isChanged(metric: string): boolean {
    return this.#changed.has(metric);
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  settle(): void {
    this.#changed.clear();
  }
}

function said(parser: ExpositionParser, entry: "type" | "help" | "unit"): Partial<MetricDescription> {
  switch (entry) {
    case "type":
      return { type: parser.metricType() };
    case "help":
      return { help: cut(parser.text()) };
    case "unit":
      return { unit: cut(parser.text()) };
  }
}

/** A slice of a string keeps all of it in memory, so what is cut is copied. */
function cut(text: string): string {
  if (text.length <= textMaxCharacters) return text;
  return Buffer.from(text.slice(0, textMaxCharacters), "utf16le").toString("utf16le");
}

import type { ExpositionParser, MetricType } from "@tatou/exposition";

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

/** Type, help and unit of the metrics of one target, as it last said them. */
export class MetricMetadata {
  readonly #byMetric = new Map<string, MetricDescription>();

  take(parser: ExpositionParser, entry: "type" | "help" | "unit"): void {
    const metric = parser.metricName();
    if (metric.length > textMaxCharacters) return;
    const known = this.#byMetric.get(metric) ?? { metric, type: "unknown", help: "", unit: "" };
    if (this.#byMetric.size >= metricsMax && !this.#byMetric.has(metric)) return;
    this.#byMetric.set(metric, { ...known, ...said(parser, entry) });
  }

  list(): MetricDescription[] {
    return [...this.#byMetric.values()];
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

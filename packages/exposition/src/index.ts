export { type ExposedFormat, formatOfContentType, textContentType } from "./content-type.ts";
export { ExpositionSyntaxError } from "./errors.ts";
export { lintOpenMetrics } from "./lint/lint-open-metrics.ts";
export {
  type Exemplar,
  type ExpositionEntry,
  ExpositionParser,
  type KnownSeries,
} from "./parse/exposition-parser.ts";
export { type LineTemplate, readTemplateValues } from "./parse/line-template.ts";
export { type ExpositionFormat, parseSeries } from "./parse/series-text.ts";
export { ExpositionWriter, formatSeries } from "./write/exposition-writer.ts";
export {
  Counter,
  Gauge,
  Histogram,
  type HistogramOptions,
  type LabelValues,
  MetricFamily,
  type MetricOptions,
  MetricRegistry,
} from "./write/metric-registry.ts";

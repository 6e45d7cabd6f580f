/** What a target says about a metric. */
export interface SeriesMetadata {
  readonly type: MetricType;
  /** "" where none is given. */
  readonly unit: string;
  readonly help: string;
}

export type MetricType =
  | "unknown"
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset";

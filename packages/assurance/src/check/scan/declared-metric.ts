import type { SourcePosition } from "@tatou/model";

export type MetricKind = "counter" | "gauge" | "histogram" | "summary";

/** A metric that code declares. */
export interface DeclaredMetric {
  readonly name: string;
  readonly kind: MetricKind;
  /** All that it can have; null when the code does not say so in so many words. */
  readonly labels: readonly string[] | null;
  readonly position: SourcePosition;
}

export const metricNamePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** "Counter" and "counter" make counters. */
export function metricKindOf(maker: string): MetricKind | null {
  const word = /^(counter|gauge|histogram|summary)$/i.exec(maker)?.[1]?.toLowerCase();
  return word === undefined ? null : (word as MetricKind);
}

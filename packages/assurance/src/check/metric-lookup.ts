import type { MetricKind } from "./scan/declared-metric.ts";

/** What is known about a metric by its full name, such as `http_request_duration_seconds_bucket`. */
export interface CatalogMetric {
  /** All that its series can have, those of the target included; null when it cannot be told. */
  readonly labels: ReadonlySet<string> | null;
  readonly kind: MetricKind | "recorded" | "scrape" | "unknown";
}

/** Where metrics are looked up. */
export interface MetricLookup {
  /** null: nothing produces it. */
  find(name: string): CatalogMetric | null;
}

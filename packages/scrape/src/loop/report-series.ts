import type { ScrapeConfig } from "@tatou/config";
import { type Appender, type Labels, metricNameLabel, SeriesLimitError, type SeriesRef, withLabel } from "@tatou/model";

/** What a scrape tells of itself. */
export interface ScrapeReport {
  readonly isUp: boolean;
  readonly durationMs: number;
  readonly scraped: number;
  readonly kept: number;
  readonly seriesAdded: number;
  /** -1 when the body was larger than allowed. */
  readonly bodySizeBytes: number;
}

/** The series that every target has besides its own: `up` and its siblings. */
export class ReportSeries {
  readonly #targetLabels: Labels;
  readonly #config: ScrapeConfig;
  readonly #timeoutMs: number;
  readonly #refs = new Map<string, SeriesRef>();

  constructor(targetLabels: Labels, config: ScrapeConfig, timeoutMs: number) {
    this.#targetLabels = targetLabels;
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  append(appender: Appender, timeMs: number, report: ScrapeReport): void {
    for (const [metricName, value] of this.#values(report)) {
      const ref = this.#ref(appender, metricName);
      if (ref !== undefined) appender.append(ref, timeMs, value);
    }
  }

  /** Marks the end of all of them. */
  appendStale(appender: Appender, timeMs: number): void {
    for (const ref of this.#refs.values()) if (appender.isLive(ref)) appender.appendStale(ref, timeMs);
  }

  #values(report: ScrapeReport): [string, number][] {
    const values: [string, number][] = [
      ["up", report.isUp ? 1 : 0],
      ["scrape_duration_seconds", report.durationMs / 1000],
      ["scrape_samples_scraped", report.scraped],
      ["scrape_samples_post_metric_relabeling", report.kept],
      ["scrape_series_added", report.seriesAdded],
    ];
    if (this.#config.extraScrapeMetrics)
      values.push(
        ["scrape_timeout_seconds", this.#timeoutMs / 1000],
        ["scrape_sample_limit", this.#config.sampleLimit],
        ["scrape_body_size_bytes", report.bodySizeBytes],
      );
    return values;
  }

  /** Undefined when the storage has no room for the series. */
  #ref(appender: Appender, metricName: string): SeriesRef | undefined {
    const known = this.#refs.get(metricName);
    if (known !== undefined && appender.isLive(known)) return known;
    try {
      const ref = appender.resolve(withLabel(this.#targetLabels, metricNameLabel, metricName));
      this.#refs.set(metricName, ref);
      return ref;
    } catch (error) {
      if (error instanceof SeriesLimitError) return undefined;
      throw error;
    }
  }
}

import type { ScrapeConfig } from "@tatou/config";
import {
  type Appender,
  appendStatus,
  type Labels,
  metricNameLabel,
  SeriesLimitError,
  type SeriesRef,
  withLabel,
} from "@tatou/model";

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

/** A ref that no store gives out. */
const noRef = 0xffff_ffff;

const names = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
];
const extraNames = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"];

/** The series that every target has besides its own: `up` and its siblings. */
export class ReportSeries {
  readonly #targetLabels: Labels;
  readonly #config: ScrapeConfig;
  readonly #timeoutMs: number;
  readonly #names: readonly string[];
  readonly #refs: Uint32Array;
  readonly #values: Float64Array;
  readonly #statuses: Uint8Array;

  constructor(targetLabels: Labels, config: ScrapeConfig, timeoutMs: number) {
    this.#targetLabels = targetLabels;
    this.#config = config;
    this.#timeoutMs = timeoutMs;
    this.#names = config.extraScrapeMetrics ? [...names, ...extraNames] : names;
    this.#refs = new Uint32Array(this.#names.length).fill(noRef);
    this.#values = new Float64Array(this.#names.length);
    this.#statuses = new Uint8Array(this.#names.length);
  }

  append(appender: Appender, timeMs: number, report: ScrapeReport): void {
    this.#setValues(report);
    const count = this.#names.length;
    const [refs, values, statuses] = [this.#refs, this.#values, this.#statuses];
    if (appender.appendRow({ count, timestampMs: timeMs, refs, values, statuses }) === 0) return;
    for (let index = 0; index < count; index++) {
      if (statuses[index] !== appendStatus.unknownSeries) continue;
      const ref = this.#resolve(appender, this.#names[index]!);
      if (ref === undefined) continue;
      refs[index] = ref;
      appender.append(ref, timeMs, values[index]!);
    }
  }

  /** Marks the end of all of them. */
  appendStale(appender: Appender, timeMs: number): void {
    for (const ref of this.#refs as Iterable<number> as Iterable<SeriesRef>)
      if (ref !== noRef && appender.isLive(ref)) appender.appendStale(ref, timeMs);
  }

  /** In the order of the names. */
  #setValues(report: ScrapeReport): void {
    const values = this.#values;
    values[0] = report.isUp ? 1 : 0;
    values[1] = report.durationMs / 1000;
    values[2] = report.scraped;
    values[3] = report.kept;
    values[4] = report.seriesAdded;
    if (!this.#config.extraScrapeMetrics) return;
    values[5] = this.#timeoutMs / 1000;
    values[6] = this.#config.sampleLimit;
    values[7] = report.bodySizeBytes;
  }

  /** Undefined when the storage has no room for the series. */
  #resolve(appender: Appender, metricName: string): SeriesRef | undefined {
    try {
      return appender.resolve(withLabel(this.#targetLabels, metricNameLabel, metricName));
    } catch (error) {
      if (error instanceof SeriesLimitError) return undefined;
      throw error;
    }
  }
}

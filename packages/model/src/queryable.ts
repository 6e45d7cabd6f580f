import type { Labels } from "./labels.ts";
import type { Matcher } from "./matcher.ts";
import type { SampleColumn } from "./sample.ts";

/**
 * Seam 4: where samples come from. Head, blocks, remote servers and merges implement it and share one contract suite.
 * There is no object per series: an answer is one selection, and a series is a number in it.
 */
export interface Queryable {
  /** Series that match and have, or may have, samples in the range, sorted by labels. */
  select(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesSelection>;
  /** Label names of matching series in the range, sorted. */
  labelNames(query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]>;
  /** Values of one label among matching series in the range, sorted. */
  labelValues(name: string, query: SeriesQuery, signal?: AbortSignal): Promise<readonly string[]>;
}

export interface SeriesQuery {
  /** All must accept; at least one must refuse the empty text, except in labelNames and labelValues, where none may do. */
  readonly matchers: readonly Matcher[];
  /** Both inclusive. */
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly hints?: SelectHints;
}

/** What the caller will do with the samples; ignoring it is always right. */
export interface SelectHints {
  /** The function around the selector: "rate", "series" (no samples needed), ... */
  readonly function?: string;
  readonly stepMs?: number;
  readonly rangeMs?: number;
  /** Stop after so many series; 0 for no limit. */
  readonly limit?: number;
}

/** The answer to one select. Valid until `close`, which lets go of the chunks it holds. */
export interface SeriesSelection {
  readonly seriesCount: number;
  /** @param index from 0, below seriesCount */
  labelsAt(index: number): Labels;
  /**
   * Puts the samples of a series in the query's time range into the column, replacing what is there. Times ascend
   * strictly; staleness markers keep their bits. The caller owns the column.
   */
  readSamples(index: number, column: SampleColumn): void;
  close(): void;
}

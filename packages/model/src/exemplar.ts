import type { Labels } from "./labels.ts";
import type { Matcher } from "./matcher.ts";

/** One observation that stands for many, mostly with the id of a trace. */
export interface Exemplar {
  /** Its own labels, such as trace_id; at most 128 UTF-8 characters with their names. */
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs: number;
}

/** The exemplars of one series, by time. */
export interface SeriesExemplars {
  readonly seriesLabels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface ExemplarQueryable {
  /** Exemplars within the times (both inclusive) of series that one of the matcher sets accepts, sorted by labels. */
  selectExemplars(query: ExemplarQuery): readonly SeriesExemplars[];
}

export interface ExemplarQuery {
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

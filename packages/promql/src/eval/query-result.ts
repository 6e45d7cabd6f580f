import type { Labels, Queryable } from "@tatou/model";
import type { FeatureOptions } from "../parser/features.ts";

/** All that an evaluation needs from outside. */
export interface EvaluationContext {
  readonly queryable: Queryable;
  /** How far an instant selector looks back for a sample (left-open); 5 minutes unless given. */
  readonly lookbackDeltaMs?: number;
  /**
   * Refuses queries that would hold more samples than this at a time; 50,000,000 unless given. A series counts a sample
   * for each step, also where it has none.
   */
  readonly samplesMax?: number;
  /** Ends the evaluation with a QueryCanceledError or QueryTimeoutError, at the latest at the next turn. */
  readonly signal?: AbortSignal;
  /** Lets the event loop run; called every few thousand pieces of work. Without it only promises get a turn. */
  readonly yieldTurn?: () => Promise<void>;
  readonly features?: FeatureOptions;
  /** The step of subqueries that name none; 1 minute unless given. */
  readonly noStepSubqueryIntervalMs?: number;
}

/** Evaluation times startMs, startMs + stepMs, ... up to and including endMs. */
export interface EvaluationRange {
  readonly startMs: number;
  readonly endMs: number;
  /** Above 0. */
  readonly stepMs: number;
}

export interface QueryResult {
  readonly value: QueryValue;
  /** Prometheus' texts with their prefix, "PromQL warning: ... (1:7)"; sorted, without repeats. */
  readonly warnings: readonly string[];
  /** "PromQL info: ..." */
  readonly infos: readonly string[];
  /** What the evaluation cost. */
  readonly samples: SampleCounts;
}

export interface SampleCounts {
  /** At each step one for every selected element, and all of every window; those inside a subquery count in its windows. */
  readonly read: number;
  /** The most that were there at a time; what `samplesMax` limits. */
  readonly peak: number;
}

export type QueryValue =
  | { readonly kind: "scalar"; readonly timeMs: number; readonly value: number }
  | { readonly kind: "string"; readonly timeMs: number; readonly value: string }
  | { readonly kind: "vector"; readonly elements: readonly VectorElement[] }
  | { readonly kind: "matrix"; readonly series: readonly MatrixSeries[] };

export interface VectorElement {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

/** Points in time order; both arrays have the same length. The caller owns them. */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

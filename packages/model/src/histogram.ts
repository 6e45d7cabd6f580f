/**
 * A native histogram: one sample that is a whole distribution. Buckets grow exponentially by `schema`, or have the bounds
 * in `customValues`; only runs of buckets that are in use are kept, as spans.
 *
 * @see Prometheus, "Native Histograms"
 */
export interface Histogram {
  /** Integer counts, as targets expose them, or floats, as expressions make them. They are stored in different chunks. */
  readonly countKind: "integer" | "float";
  readonly counterReset: CounterResetHint;
  /** -4 to 8: each bound is 2^(2^-schema) times the one before. `customBucketsSchema`: the bounds are `customValues`. */
  readonly schema: number;
  /** Observations between -zeroThreshold and zeroThreshold, both inclusive, are in the zero bucket. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: readonly BucketSpan[];
  /** Counts of the buckets in the spans, one after the other; absolute, not differences. */
  readonly positiveBuckets: readonly number[];
  readonly negativeSpans: readonly BucketSpan[];
  readonly negativeBuckets: readonly number[];
  /** Upper bounds, ascending; empty unless the schema is `customBucketsSchema`. */
  readonly customValues: readonly number[];
}

/** A run of neighbouring buckets. */
export interface BucketSpan {
  /** Of the first span: the index of its first bucket; of the others: buckets left out since the span before. */
  readonly offset: number;
  readonly length: number;
}

/** Whether counts went down since the sample before: what is known of it. `gauge`: they may go either way. */
export type CounterResetHint = "unknown" | "reset" | "notReset" | "gauge";

export const customBucketsSchema = -53;

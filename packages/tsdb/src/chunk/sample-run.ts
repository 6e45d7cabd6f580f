import type { SampleColumn } from "@tatou/model";

/** Samples [start, end) of a column. */
export interface SampleRun {
  readonly column: SampleColumn;
  readonly start: number;
  readonly end: number;
}

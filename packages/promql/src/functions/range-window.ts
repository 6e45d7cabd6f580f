import type { SelectorExtension } from "../parser/ast.ts";

/** One window of one series: what a function over a range sees at a step. Reused from step to step. */
export interface RangeWindow {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** The samples of the window are those from `start` up to, not including, `end`; there is at least one. */
  start: number;
  end: number;
  /** The window proper: (rangeStartMs, rangeEndMs]. With an extension there are samples outside of it. */
  rangeStartMs: number;
  rangeEndMs: number;
  readonly rangeMs: number;
  readonly extension: SelectorExtension | null;
  /** The evaluation time of the step, before @ and offset. */
  stepTimeMs: number;
}

/** Computes one value from a window; null for none. @param parameters the scalar arguments at this step, in order */
export type RangeFunction = (window: RangeWindow, parameters: readonly number[]) => number | null;

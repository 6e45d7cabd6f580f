/** Switches for parts of the language that Prometheus hides behind feature flags; all are off unless set, as there. */
export interface FeatureOptions {
  /** --enable-feature=promql-experimental-functions */
  readonly experimentalFunctions?: boolean;
  /** --enable-feature=promql-duration-expr */
  readonly durationExpr?: boolean;
  /** --enable-feature=promql-extended-range-selectors: anchored and smoothed */
  readonly extendedRangeSelectors?: boolean;
  /** --enable-feature=promql-binop-fill-modifiers: fill, fill_left, fill_right */
  readonly binopFillModifiers?: boolean;
  /** --enable-feature=promql-delayed-name-removal: metric names are dropped at the end of the evaluation. */
  readonly delayedNameRemoval?: boolean;
}

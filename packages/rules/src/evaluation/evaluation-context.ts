import type { Labels } from "@tatou/model";
import type { RuleQuery } from "./rule-query.ts";

/** What one evaluation of a rule is given. */
export interface EvaluationContext {
  /** The group's time slot. */
  readonly timeMs: number;
  /** Samples are asked for, and written, so much earlier. */
  readonly queryOffsetMs: number;
  readonly limit: number;
  readonly query: RuleQuery;
  readonly externalUrl: string;
  readonly externalLabels: Labels;
  readonly signal: AbortSignal;
  /** Called for every text of an alert that was expanded. */
  readonly onTemplate: (error: Error | null) => void;
}

/** A sample to write. */
export interface ResultSample {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

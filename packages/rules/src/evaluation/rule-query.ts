import type { Labels } from "@tatou/model";
import type { Expr, QueryValue } from "@tatou/promql";
import { RuleResultError } from "../errors.ts";

/** One element of a rule's result. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
}

/** Answers an expression at a time; rejects when the signal aborts. */
export type RuleQuery = (expr: Expr, timeMs: number, signal: AbortSignal) => Promise<readonly RuleSample[]>;

/**
 * What a rule makes of a query's answer: a scalar is a vector of one.
 * @throws {RuleResultError} it is a string or a range vector
 */
export function ruleSamplesOf(value: QueryValue): readonly RuleSample[] {
  switch (value.kind) {
    case "vector":
      return value.elements;
    case "scalar":
      return [{ labels: [], value: value.value }];
    case "string":
    case "matrix":
      throw new RuleResultError(
        "rule_result_type",
        "rule result is not a vector or scalar",
        "Put an aggregation or a function such as rate around it, so that each series has one value",
      );
  }
}

import type { Queryable } from "@tatou/model";
import { evaluateRange, parseExpr } from "@tatou/promql";

export interface Question {
  readonly id: number;
  readonly expr: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export const expressions = [
  "history_counter",
  "sum(rate(history_counter[5m]))",
  "sum by (instance) (increase(history_counter[17m]))",
  "avg_over_time(history_late[10m])",
  "max by (instance) (history_late)",
  "count by (__name__) ({job='history', __name__!='history_histogram'})",
  "history_gaps",
  "count_over_time(history_gaps[20m])",
  "topk(3, history_churn)",
  "count(history_churn)",
  "resets(history_counter[1h])",
  "stddev_over_time(history_decimal[15m]) > 0",
  "quantile(0.9, history_decimal)",
  "history_constant and on(instance) history_counter",
];

/** The answer as a text that two stores share exactly when they hold the same samples. */
export async function resultText(
  queryable: Queryable,
  { expr, startMs, endMs, stepMs }: Question,
  yieldTurn: () => Promise<void>,
): Promise<string> {
  try {
    const { value } = await evaluateRange({ queryable, yieldTurn }, parseExpr(expr), { startMs, endMs, stepMs });
    return JSON.stringify(value, (_key, item: unknown) =>
      item instanceof Float64Array ? Array.from(item, String) : item,
    );
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

import { labelsKey, labelsOf, metricNameLabel } from "@tatou/model";
import { RuleResultError } from "../errors.ts";
import type { RecordingRuleSpec } from "../rule.ts";
import type { EvaluationContext, ResultSample } from "./evaluation-context.ts";

/**
 * The samples a recording rule gives: the result under the rule's name, with its labels.
 * @throws {RuleResultError} two of them have the same labels, or there are too many
 */
export async function evaluateRecordingRule(
  rule: RecordingRuleSpec,
  context: EvaluationContext,
): Promise<readonly ResultSample[]> {
  const timeMs = context.timeMs - context.queryOffsetMs;
  const samples = await context.query(rule.expr, timeMs, context.signal);
  const results = samples.map((sample): ResultSample => {
    const values = new Map(sample.labels.map((label) => [label.name, label.value]));
    values.set(metricNameLabel, rule.name);
    for (const { name, value } of rule.labels) values.set(name, value);
    return { labels: labelsOf(values), timeMs, value: sample.value };
  });
  if (new Set(results.map((result) => labelsKey(result.labels))).size < results.length)
    throw duplicateLabels("vector contains metrics with the same labelset after applying rule labels");
  if (context.limit > 0 && results.length > context.limit)
    throw limitExceeded(`exceeded limit of ${context.limit} with ${results.length} series`);
  return results;
}

export function duplicateLabels(message: string): RuleResultError {
  return new RuleResultError(
    "duplicate_labels",
    message,
    "Keep a label in the expression that tells the results apart",
  );
}

export function limitExceeded(message: string): RuleResultError {
  return new RuleResultError("rule_limit", message, "Aggregate further, or raise the limit of the group");
}

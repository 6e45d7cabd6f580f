import type { PrometheusClient, QueryRangeAnswer } from "@tatou/api";
import { type Labels, labelsOf, metricNameLabel } from "@tatou/model";
import { evaluationSlotMs, type RecordingRuleSpec, type RuleGroupSpec } from "@tatou/rules";

/** What recording rules would have given, asked of a server that has the history. */
export interface RecordingOptions {
  readonly client: Pick<PrometheusClient, "queryRange">;
  readonly groups: readonly RuleGroupSpec[];
  readonly onWarning: (message: string) => void;
}

/** Prometheus refuses more steps in one question. */
const stepsMax = 11_000;

/**
 * Evaluates every recording rule at the times of its group from startMs to endMs, both inclusive; alerting rules are left out.
 * @param add takes each sample
 * @returns what went wrong, rule by rule; the others are evaluated nonetheless
 */
export async function recordSamples(
  { client, groups, onWarning }: RecordingOptions,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  add: (labels: Labels, timestampMs: number, value: number) => void,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const group of groups) {
    for (const rule of group.rules) {
      if (rule.kind !== "recording") continue;
      try {
        for (const range of questionsOf(group, startMs, endMs)) {
          const answer = await client.queryRange(rule.exprText, range);
          for (const warning of answer.warnings) onWarning(`${rule.name}: ${warning}`);
          addAnswer(rule, answer, add);
        }
      } catch (error) {
        problems.push(`${group.name}: ${rule.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return problems;
}

interface Question {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** The group's times within a range, in portions that a server answers. */
function* questionsOf(group: RuleGroupSpec, startMs: number, endMs: number): Generator<Question> {
  const stepMs = group.intervalMs;
  const slotMs = evaluationSlotMs(group, startMs);
  const portionMs = (stepsMax - 1) * stepMs;
  for (let fromMs = slotMs < startMs ? slotMs + stepMs : slotMs; fromMs <= endMs; fromMs += portionMs + stepMs)
    yield { startMs: fromMs, endMs: Math.min(endMs, fromMs + portionMs), stepMs };
}

/** The rule's labels go before those of the result, its name before both. */
function addAnswer(
  rule: RecordingRuleSpec,
  { series }: QueryRangeAnswer,
  add: (labels: Labels, timestampMs: number, value: number) => void,
): void {
  for (const { labels, points } of series) {
    const recorded = new Map(Object.entries(labels));
    for (const { name, value } of rule.labels) recorded.set(name, value);
    recorded.set(metricNameLabel, rule.name);
    const recordedLabels = labelsOf(recorded);
    for (const { timeMs, value } of points) add(recordedLabels, timeMs, value);
  }
}

import type { RuleMetrics } from "@tatou/rules";
import type { SelfMetrics } from "./self-metrics.ts";

/** Counts what rule groups do under Prometheus' metric names. */
export function ruleMetricsOf(metrics: SelfMetrics): RuleMetrics {
  const labels = (rule_group: string) => ({ rule_group });
  return {
    groupLoaded(group, { intervalMs }) {
      metrics.groupInterval.with(labels(group)).set(intervalMs / 1000);
      // Made at 0, so that the first failure is an increase.
      metrics.ruleFailures.with(labels(group));
      metrics.groupMissed.with(labels(group));
    },
    groupRemoved(group) {
      const families = [metrics.ruleEvaluations, metrics.ruleFailures, metrics.groupIterations, metrics.groupMissed];
      for (const family of families) family.remove(labels(group));
      for (const family of [metrics.groupDuration, metrics.groupLast, metrics.groupInterval])
        family.remove(labels(group));
    },
    ruleEvaluated(group, { isFailure }) {
      metrics.ruleEvaluations.with(labels(group)).increase();
      if (isFailure) metrics.ruleFailures.with(labels(group)).increase();
    },
    writeFailed(group) {
      metrics.ruleFailures.with(labels(group)).increase();
    },
    iterationDone(group, { startedMs, durationMs }) {
      metrics.groupIterations.with(labels(group)).increase();
      metrics.groupDuration.with(labels(group)).set(durationMs / 1000);
      metrics.groupLast.with(labels(group)).set(startedMs / 1000);
    },
    iterationsMissed(group, count) {
      metrics.groupIterations.with(labels(group)).increase(count);
      metrics.groupMissed.with(labels(group)).increase(count);
    },
    templateExpanded: () => undefined,
  };
}

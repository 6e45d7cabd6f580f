/** What happens in groups, for whoever counts it. `group` is the file and the name with a semicolon between. */
export interface RuleMetrics {
  /** A group started, or was changed by a reload. */
  groupLoaded(group: string, facts: { readonly intervalMs: number; readonly ruleCount: number }): void;
  /** A group was taken away: its series may be dropped. */
  groupRemoved(group: string): void;
  /** prometheus_rule_evaluations_total, prometheus_rule_evaluation_failures_total, prometheus_rule_evaluation_duration_seconds. */
  ruleEvaluated(group: string, facts: { readonly durationMs: number; readonly isFailure: boolean }): void;
  /** Writing the results of an evaluation failed: one more failure of the same evaluation. */
  writeFailed(group: string): void;
  /** prometheus_rule_group_iterations_total and the group's last_* gauges. */
  iterationDone(group: string, facts: IterationFacts): void;
  /** prometheus_rule_group_iterations_missed_total; missed ones count as scheduled too. */
  iterationsMissed(group: string, count: number): void;
  /** prometheus_template_text_expansions_total and ..._failures_total. */
  templateExpanded(isFailure: boolean): void;
}

export interface IterationFacts {
  /** When it began. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** Given by all rules together. */
  readonly sampleCount: number;
}

/** Counts nothing. */
export const noRuleMetrics: RuleMetrics = {
  groupLoaded: () => undefined,
  groupRemoved: () => undefined,
  ruleEvaluated: () => undefined,
  writeFailed: () => undefined,
  iterationDone: () => undefined,
  iterationsMissed: () => undefined,
  templateExpanded: () => undefined,
};

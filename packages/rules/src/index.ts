export { EvaluationTimeoutError, RuleResultError } from "./errors.ts";
export type { AlertState } from "./evaluation/alert.ts";
export type { RuleHealth, RuleStatus } from "./evaluation/rule-health.ts";
export { type RuleQuery, type RuleSample, ruleSamplesOf } from "./evaluation/rule-query.ts";
export { evaluationSlotMs } from "./group/evaluation-slot.ts";
export { type LoadedRuleGroups, type LoadRuleGroupsOptions, loadRuleGroups } from "./load/load-rule-groups.ts";
export { RuleManager, type RuleManagerOptions, type RuleSettings } from "./manager/rule-manager.ts";
export type {
  AlertingRuleSnapshot,
  AlertSnapshot,
  RecordingRuleSnapshot,
  RuleGroupSnapshot,
  RuleSnapshot,
} from "./manager/snapshot.ts";
export { type IterationFacts, noRuleMetrics, type RuleMetrics } from "./report/rule-metrics.ts";
export {
  type AlertingRuleSpec,
  groupKey,
  type RecordingRuleSpec,
  type RuleGroupSpec,
  type RuleSpec,
} from "./rule.ts";
export { mergeRuleUses } from "./unit-test/rule-coverage.ts";
export type {
  RuleTestFailure,
  RuleTestFileReport,
  RuleTestReport,
  RuleUse,
  TestAlert,
  TestSample,
} from "./unit-test/rule-test-report.ts";
export { type RunRuleTestsOptions, runRuleTests } from "./unit-test/run-rule-tests.ts";

export type { CheckReportFile } from "@tatou/api";
export type { AlertVerdict } from "./check/alert-verdict.ts";
export type { DetectionTime } from "./check/detection-time.ts";
export { type Finding, type FindingCode, type FindingSeverity, findingCodes, type TextFix } from "./check/finding.ts";
export { diffText, type FixedFile, type FixOutcome, fixProject } from "./check/fix-project.ts";
export { type LiveMetrics, readLiveMetrics } from "./check/live-metrics.ts";
export type { ProjectFiles } from "./check/project-files.ts";
export { checkReportFile, type ReportFileFacts } from "./check/report-file.ts";
export { type CheckCounts, type CheckOptions, type CheckReport, runCheck } from "./check/run-check.ts";
export type { ScanCache } from "./check/scan/scan-sources.ts";
export {
  type AlertOutcome,
  type DrillReport,
  type DrillStage,
  type DrillVerdict,
  drillStages,
  emptyReport,
  type NoisyAlert,
  type StageResult,
} from "./drill/drill-report.ts";
export { type DrillMemory, DrillMetrics } from "./drill/drill-report-metrics.ts";
export type { RmapAccess } from "./drill/drill-world.ts";
export { type FaultInjector, type FaultName, faultNames } from "./drill/fault-injector.ts";
export { MetricsDisguise, type MetricsFault } from "./drill/metrics-disguise.ts";
export type { DrillUrls, LoadedRule } from "./drill/observer.ts";
export { defaultAddresses, findStack, type StackAddresses } from "./drill/observer-find.ts";
export { findOutsiders, type Outsider } from "./drill/receivers-outside.ts";
export type { RequestTally } from "./drill/request-tally.ts";
export { withoutScrapeJob, withReceiversAtInbox, withRuleFile } from "./drill/rewrite-config.ts";
export { runDrill } from "./drill/run-drill.ts";
export { readBudgets } from "./drill/run-drill-budgets.ts";
export type { DrillOptions } from "./drill/run-drill-options.ts";
export type { AlertProgress, DrillProgress } from "./drill/run-drill-progress.ts";
export { breaksSomething } from "./drill/run-drill-steps.ts";
export { isListedTarget, isOnThisMachine } from "./drill/run-drill-targets.ts";
export type { DrillScenario, DrillStep, Expectation } from "./drill/scenario.ts";
export { loadDrillFile, loadDrillFiles } from "./drill/scenario-file.ts";
export type { Threshold } from "./drill/threshold.ts";
export { DrillFileError, DrillSetupError } from "./errors.ts";
export { type EvasionResult, evasionCells, evasionResult, evasionScenario } from "./evasion/evasion-scenario.ts";
export { evasionText } from "./evasion/evasion-text.ts";
export { plainRuleFile } from "./evasion/plain-rules.ts";

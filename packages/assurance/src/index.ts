export type { AttackTally } from "./attack.ts";
export type { DetectionTime } from "./check/detection-time.ts";
export { type Finding, type FindingCode, type FindingSeverity, findingCodes } from "./check/finding.ts";
export { type LiveMetrics, readLiveMetrics } from "./check/live-metrics.ts";
export type { ProjectFiles } from "./check/project-files.ts";
export { type CheckCounts, type CheckOptions, type CheckReport, runCheck } from "./check/run-check.ts";
export {
  type DrillReport,
  type DrillStage,
  type DrillVerdict,
  drillStages,
  type StageResult,
  stageDurations,
} from "./drill-report.ts";
export { DrillSetupError } from "./errors.ts";
export type { DrillUrls, LoadedRule, ObservedAlert } from "./observer.ts";
export { type DrillOptions, type DrillProgress, runDrill } from "./run-drill.ts";
export { bruteForceScenario, type DrillScenario } from "./scenario.ts";
export type { Threshold } from "./threshold.ts";

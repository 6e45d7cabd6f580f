export type { AttackTally } from "./attack.ts";
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

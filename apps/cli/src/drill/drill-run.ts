import type { DrillReport, DrillScenario } from "@tatou/assurance";

/** What came of one drill; null where it was not played on that clock. */
export interface DrillRun {
  readonly scenario: DrillScenario;
  readonly predicted: DrillReport | null;
  readonly real: DrillReport | null;
}

export const drillExitCodes = { passed: 0, failed: 1, cannotBegin: 2 } as const;

export function reportsOf(runs: readonly DrillRun[]): readonly DrillReport[] {
  return runs.flatMap(({ predicted, real }) => [predicted, real]).filter((report) => report !== null);
}

/** Drills that cannot run here count only when nothing worse happened. */
export function exitCodeOf(reports: readonly DrillReport[]): number {
  const kinds = new Set(reports.map(({ verdict }) => verdict.kind));
  kinds.delete("pass");
  if (kinds.size === 0) return drillExitCodes.passed;
  kinds.delete("cannot_run");
  return kinds.size === 0 ? drillExitCodes.cannotBegin : drillExitCodes.failed;
}

/** The stages an alarm passes, in their order. */
export const drillStages = [
  "request answered",
  "counter moved",
  "scraped",
  "expression true",
  "pending",
  "firing",
  "notified",
] as const;

export type DrillStage = (typeof drillStages)[number];

/** When a stage was first seen; the time is that of the observation, a poll later than the event at most. */
export interface StageResult {
  readonly stage: DrillStage;
  /** Since the first request. */
  readonly afterMs: number;
  /** What was seen: "401", "rate 6.2 > 5". */
  readonly detail: string;
}

export type DrillVerdict =
  | { readonly kind: "pass" }
  /** The first stage that did not come in time, and what was seen instead. */
  | { readonly kind: "miss"; readonly stage: DrillStage; readonly reason: string };

export interface DrillReport {
  readonly scenario: string;
  readonly alertName: string;
  readonly sourceAddress: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly requestCount: number;
  readonly stages: readonly StageResult[];
  readonly verdict: DrillVerdict;
}

/** How long one stage took from the one before; the names read as a sentence in a table. */
export function stageDurations(report: DrillReport): readonly (StageResult & { readonly tookMs: number })[] {
  return report.stages.map((result, index) => ({
    ...result,
    tookMs: result.afterMs - (report.stages[index - 1]?.afterMs ?? 0),
  }));
}

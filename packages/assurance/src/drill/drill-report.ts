import type { DrillScenario } from "./scenario.ts";

/** The stages an alarm passes, in their order. */
export const drillStages = [
  "request",
  "counter moved",
  "scraped",
  "expression true",
  "pending",
  "firing",
  "routed",
  "delivered",
] as const;

export type DrillStage = (typeof drillStages)[number];

/** When a stage was first seen; the time is that of the observation, a poll later than the event at most. */
export interface StageResult {
  readonly stage: DrillStage;
  /** Since the first request or fault; null when the stage does not apply, such as the counter of a target that is down. */
  readonly afterMs: number | null;
  /** What was seen: "status 401", "6.2 > 5". */
  readonly detail: string;
}

/** In the order of their weight: of several, a drill has the first. */
export type DrillVerdict =
  /** The drill could not run here, and why; no word about the alarm. */
  | { readonly kind: "cannot_run"; readonly reason: string }
  /** The first stage up to `firing` that did not come, and what was seen instead. */
  | { readonly kind: "miss"; readonly alert: string; readonly stage: DrillStage; readonly reason: string }
  /** It fired, and no receiver was chosen for it, or another than was expected. */
  | { readonly kind: "unrouted"; readonly alert: string; readonly reason: string }
  /** A receiver was chosen, and nothing arrived. */
  | { readonly kind: "undelivered"; readonly alert: string; readonly reason: string }
  | { readonly kind: "late"; readonly alert: string; readonly afterMs: number; readonly budgetMs: number }
  /** Alerts fired that had to be silent. */
  | { readonly kind: "noise"; readonly alerts: readonly string[] }
  | { readonly kind: "pass" };

/** What became of one expected alert. */
export interface AlertOutcome {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  /** null when there is none. */
  readonly budgetMs: number | null;
  /** The value against which the rule compares; null when its form has none. */
  readonly threshold: number | null;
  readonly stages: readonly StageResult[];
  readonly verdict: DrillVerdict;
}

/** An alert that fired though it had to be silent. */
export interface NoisyAlert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly afterMs: number;
  readonly value: number;
}

export interface DrillReport {
  readonly drill: string;
  readonly name: string;
  readonly title: string;
  readonly kind: "attack" | "benign";
  readonly clock: "virtual" | "real";
  readonly sourceAddress: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly requestCount: number;
  /** Answers by status, as text for JSON. */
  readonly answers: Readonly<Record<string, number>>;
  readonly outcomes: readonly AlertOutcome[];
  readonly noise: readonly NoisyAlert[];
  readonly verdict: DrillVerdict;
}

/** The report on a drill of which nothing was seen. */
export function emptyReport(
  { id, name, title, kind }: DrillScenario,
  known: Pick<DrillReport, "clock" | "sourceAddress" | "startedAtMs" | "durationMs" | "verdict">,
): DrillReport {
  return { drill: id, name, title, kind, ...known, requestCount: 0, answers: {}, outcomes: [], noise: [] };
}

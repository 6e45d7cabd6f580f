import type { AlertOutcome, DrillStage, DrillVerdict, NoisyAlert } from "./drill-report.ts";

/** What is known of one expected alert at the end. */
export interface AlertFate {
  readonly alert: string;
  /** The first stage that did not come; null when somebody was told. */
  readonly missing: { readonly stage: DrillStage; readonly reason: string } | null;
  /** Of the delivery. */
  readonly afterMs: number;
  readonly budgetMs: number | null;
}

export function alertVerdict({ alert, missing, afterMs, budgetMs }: AlertFate): DrillVerdict {
  if (missing === null) {
    const isLate = budgetMs !== null && afterMs > budgetMs;
    return isLate ? { kind: "late", alert, afterMs, budgetMs } : { kind: "pass" };
  }
  const { stage, reason } = missing;
  if (stage === "routed") return { kind: "unrouted", alert, reason };
  if (stage === "delivered") return { kind: "undelivered", alert, reason };
  return { kind: "miss", alert, stage, reason };
}

/** The heaviest first. */
const byWeight: readonly DrillVerdict["kind"][] = [
  "cannot_run",
  "miss",
  "unrouted",
  "undelivered",
  "late",
  "noise",
  "pass",
];

/** Of several verdicts, the heaviest; of two of one kind, the first. */
export function heaviestVerdict(verdicts: readonly DrillVerdict[]): DrillVerdict {
  const sorted = verdicts.toSorted((left, right) => byWeight.indexOf(left.kind) - byWeight.indexOf(right.kind));
  return sorted[0] ?? { kind: "pass" };
}

/** The verdict on a drill that ran. */
export function drillVerdict(outcomes: readonly AlertOutcome[], noise: readonly NoisyAlert[]): DrillVerdict {
  const alerts = [...new Set(noise.map(({ alert }) => alert))];
  return heaviestVerdict([
    ...outcomes.map(({ verdict }) => verdict),
    ...(alerts.length > 0 ? [{ kind: "noise" as const, alerts }] : []),
  ]);
}

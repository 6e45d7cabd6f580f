/** How the last evaluation of a rule went. */
export type RuleHealth = "unknown" | "ok" | "err";

/** The outcome of a rule's evaluations, kept by its group. */
export interface RuleStatus {
  readonly health: RuleHealth;
  /** "" when there is none. */
  readonly lastError: string;
  /** When the last evaluation began; null before the first. */
  readonly lastEvaluationMs: number | null;
  /** How long it took. */
  readonly evaluationDurationMs: number;
}

export const initialRuleStatus: RuleStatus = {
  health: "unknown",
  lastError: "",
  lastEvaluationMs: null,
  evaluationDurationMs: 0,
};

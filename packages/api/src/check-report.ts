/** What `tatou check --report` writes and the engine's page /check shows. Durations are seconds. */
export interface CheckReportFile {
  /** RFC 3339. */
  readonly checkedAt: string;
  /** The directory that was checked, as the command was given it. */
  readonly path: string;
  /** By file, line and column. */
  readonly findings: readonly CheckFindingAnswer[];
  /** In the order of the rules. */
  readonly alerts: readonly CheckedAlertAnswer[];
}

export interface CheckFindingAnswer {
  /** Stable; docs/check.md tells what each means. */
  readonly code: string;
  /** What the code stands for, in a few words. */
  readonly title: string;
  readonly severity: "error" | "warning" | "info";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

export interface CheckedAlertAnswer {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Why it can never fire; null when it can. */
  readonly dead: string | null;
  /** Why nobody is told; null when somebody is. */
  readonly unheard: string | null;
  /** From the first request of an attack until somebody is told, part by part, in this order. */
  readonly parts: readonly { readonly name: DetectionPart; readonly seconds: number }[];
  readonly totalSeconds: number;
  /** null when no budget is set. */
  readonly budgetSeconds: number | null;
}

export type DetectionPart = "ramp" | "scrape" | "evaluation" | "for" | "group_wait" | "delivery";

import type { Appendable, Clock, EventLog, Labels, Log } from "@tatou/model";
import type { RuleQuery } from "../evaluation/rule-query.ts";
import type { RuleMetrics } from "../report/rule-metrics.ts";
import type { RestoreSettings } from "./restore-for-state.ts";
import type { SendSettings } from "./send-alerts.ts";

/** What the groups of one manager share. */
export interface RuleEnvironment {
  readonly clock: Clock;
  readonly query: RuleQuery;
  readonly appendable: Appendable;
  readonly restore: RestoreSettings;
  readonly externalUrl: string;
  /** One rule's evaluation may take so long. */
  readonly evaluationTimeoutMs: number;
  readonly eventLog: EventLog | null;
  readonly metrics: RuleMetrics;
  /** Hears of defects. */
  readonly log: Log;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** As of the last reload. */
  externalLabels(): Labels;
  /** As of the last reload. */
  sendSettings(): SendSettings;
}

/** What can be broken on purpose. */
export const faultNames = [
  /** The platform answers nobody. */
  "server_down",
  /** The platform's process ends and comes back. */
  "server_restart",
  /** Every statement fails inside the application. */
  "database_gone",
  "storage_unwritable",
  /** Reads take a second longer. */
  "slow_answers",
  /** The file of a document is gone, its row is there. */
  "stored_file_lost",
  /** The engine's configuration has no job for the platform any more. */
  "scrape_job_removed",
  /** The platform answers /metrics without the families that rules read. */
  "security_metrics_gone",
  /** Requests are answered and not counted. */
  "requests_uncounted",
  /** The platform exposes more series than it ever should. */
  "too_many_series",
  /** A rule is loaded that fails at every evaluation. */
  "rule_failing",
  /** A rule file that cannot be read, and a reload. */
  "rules_broken",
] as const;

export type FaultName = (typeof faultNames)[number];

/** Breaks things and mends them again. Who implements it decides where it may. */
export interface FaultInjector {
  /** Why a fault cannot be injected here, in words for people; null when it can. */
  readonly refusal: (fault: FaultName) => string | null;
  /**
   * Breaks it; the promise is kept when it is broken, and gives the way back.
   * @throws {DrillSetupError} it cannot be injected here
   */
  readonly inject: (fault: FaultName) => Promise<() => Promise<void>>;
}

/** What can be broken inside a server on purpose, because it cannot be broken from outside. */
export const serverFaultNames = [
  /** Every statement fails. */
  "database_gone",
  /** Reads take a second longer. */
  "slow_answers",
  /** No new file can be written. */
  "storage_unwritable",
] as const;

export type ServerFaultName = (typeof serverFaultNames)[number];

/** Tells what is broken at this moment; a server outside of drills has none of these. */
export interface ServerFaults {
  readonly isActive: (fault: ServerFaultName) => boolean;
}

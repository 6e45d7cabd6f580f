import type { Fault } from "../broken-platform.ts";
import type { Target } from "../platform.ts";

/** What a check saw that must not be; null when all is well. */
export type Finding = string | null;

/** One fault that the public original has on purpose. */
export interface OriginalFault {
  readonly name: string;
  /** Tries the fault and says what it found. */
  readonly check: (target: Target) => Promise<Finding>;
  /** What the check says where the fault is back: it must find this one, and not stumble over another. */
  readonly finding: RegExp;
  /** Puts the fault back; made anew for each broken platform, so that it may remember what passes. */
  readonly breakAgain: () => Fault;
}

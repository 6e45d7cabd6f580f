/**
 * When a group is evaluated: at whole multiples of its interval plus an offset that its name decides, so that groups spread
 * over time and keep their times across restarts.
 */
import { groupKey } from "../rule.ts";

export interface Schedule {
  readonly file: string;
  readonly name: string;
  /** Whole milliseconds above 0. */
  readonly intervalMs: number;
}

/** The last slot at or before a time. */
export function evaluationSlotMs(group: Schedule, timeMs: number): number {
  const offsetMs = hash(groupKey(group)) % group.intervalMs;
  return Math.floor((timeMs - offsetMs) / group.intervalMs) * group.intervalMs + offsetMs;
}

/** FNV-1a, 32 bits: spreads similar names well. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

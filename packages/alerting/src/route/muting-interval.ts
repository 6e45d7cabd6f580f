import type { RouteConfig, TimeIntervalConfig } from "@tatou/config";
import { findInterval } from "./time-intervals.ts";

/** Why a route tells nobody at the moment, and the names of the time intervals that say so. */
export interface MutingInterval {
  readonly reason: "active_time_interval" | "mute_time_interval";
  readonly mutedBy: readonly string[];
}

/** What keeps a route quiet at a time; null when nothing does. */
export function mutingInterval(
  route: RouteConfig,
  timeIntervals: readonly TimeIntervalConfig[],
  timeMs: number,
): MutingInterval | null {
  const { activeTimeIntervals, muteTimeIntervals } = route;
  const isActive =
    activeTimeIntervals.length === 0 || findInterval(timeIntervals, activeTimeIntervals, timeMs) !== null;
  if (!isActive) return { reason: "active_time_interval", mutedBy: activeTimeIntervals };
  const mute = findInterval(timeIntervals, muteTimeIntervals, timeMs);
  return mute === null ? null : { reason: "mute_time_interval", mutedBy: [mute] };
}

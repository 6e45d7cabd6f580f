import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { sourceAddresses } from "./source-addresses.ts";

/** What is known of a drill that was not, or not wholly, played. */
export interface NotPlayed extends Pick<DrillReport, "clock" | "startedAtMs" | "durationMs"> {
  /** The attackers' first address. */
  readonly source: string;
  readonly reason: string;
}

/** The report on a drill that took its player down: it says nothing about the alarm. */
export function notPlayedReport({ id, name, title, kind }: DrillScenario, notPlayed: NotPlayed): DrillReport {
  const { clock, startedAtMs, durationMs, source, reason } = notPlayed;
  return {
    drill: id,
    ...{ name, title, kind, clock, startedAtMs, durationMs },
    sourceAddress: sourceAddresses(source)(0),
    requestCount: 0,
    answers: {},
    outcomes: [],
    noise: [],
    verdict: { kind: "cannot_run", reason },
  };
}

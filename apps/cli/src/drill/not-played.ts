import { type DrillReport, type DrillScenario, emptyReport } from "@tatou/assurance";
import { sourceAddresses } from "./source-addresses.ts";

/** What is known of a drill that was not, or not wholly, played. */
export interface NotPlayed extends Pick<DrillReport, "clock" | "startedAtMs" | "durationMs"> {
  /** The attackers' first address. */
  readonly source: string;
  readonly reason: string;
}

/** The report on a drill that took its player down: it says nothing about the alarm. */
export function notPlayedReport(scenario: DrillScenario, notPlayed: NotPlayed): DrillReport {
  const { source, reason, ...known } = notPlayed;
  return emptyReport(scenario, {
    ...known,
    sourceAddress: sourceAddresses(source)(0),
    verdict: { kind: "cannot_run", reason },
  });
}

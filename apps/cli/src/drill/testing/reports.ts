import { type AlertOutcome, type DrillReport, type DrillVerdict, drillStages } from "@tatou/assurance";

/** An alert that has come through its first stages at these times. */
export function outcomeOf(alert: string, timesMs: readonly (number | null)[], budgetMs: number | null): AlertOutcome {
  const stages = timesMs.map((afterMs, index) => ({ stage: drillStages[index]!, afterMs, detail: `seen <${index}>` }));
  return { alert, labels: {}, budgetMs, threshold: 5, stages, verdict: { kind: "pass" } };
}

export const wholeTimes = [0, 500, 9500, 34_500, 39_000, 99_000, 99_500, 104_000];

export function reportOf(changes: Partial<DrillReport> = {}): DrillReport {
  return {
    drill: "D1",
    name: "brute-force",
    title: "20 wrong logins a second from one address",
    kind: "attack",
    clock: "virtual",
    sourceAddress: "127.0.0.9",
    startedAtMs: 0,
    durationMs: 134_000,
    requestCount: 2081,
    answers: { "401": 5, "429": 2076 },
    outcomes: [outcomeOf("HighAuthFailureRate", wholeTimes, 135_000)],
    noise: [],
    verdict: { kind: "pass" },
    ...changes,
  };
}

const alert = "HighAuthFailureRate";
const noise = [
  { alert: "HighErrorRate", labels: { alertname: "HighErrorRate", job: "x" }, afterMs: 33_000, value: 1.5 },
];

/** One report with each verdict, in the order of their weight. */
export const everyVerdict: readonly DrillReport[] = [
  reportOf({ outcomes: [], verdict: { kind: "cannot_run", reason: "nobody answers" } }),
  missed({ kind: "miss", alert, stage: "scraped", reason: "the engine has no series of auth_failures_total" }, 2),
  missed({ kind: "unrouted", alert, reason: "no route takes it" }, 6),
  missed({ kind: "undelivered", alert, reason: "no message at http://inbox" }, 7),
  reportOf({ verdict: { kind: "late", alert, afterMs: 160_000, budgetMs: 135_000 } }),
  reportOf({ noise, verdict: { kind: "noise", alerts: ["HighErrorRate"] } }),
  reportOf(),
  reportOf({ drill: "B6", name: "nobody-there", kind: "benign", outcomes: [], requestCount: 1, answers: {} }),
];

function missed(verdict: DrillVerdict, stageCount: number): DrillReport {
  return reportOf({ verdict, outcomes: [outcomeOf(alert, wholeTimes.slice(0, stageCount), 135_000)] });
}

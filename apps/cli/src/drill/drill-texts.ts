import type { AlertOutcome, DrillReport, DrillScenario, DrillVerdict, StageResult } from "@tatou/assurance";
import { formatDurationMs } from "@tatou/model";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";

/** "63.2 s", right-aligned; a dash for what does not apply. */
export function secondsText(milliseconds: number | null): string {
  return (milliseconds === null ? "–" : `${(milliseconds / 1000).toFixed(1)} s`).padStart(9);
}

/** What is going to be proved. */
export function headerText(scenario: DrillScenario, source: string): string {
  const alerts = [...new Set(scenario.expect.map(({ alert }) => alert))];
  const aim =
    alerts.length === 0 ? "must raise nothing" : `must raise ${alerts.map((name) => colors.bold(name)).join(", ")}`;
  return `${colors.bold(`Drill ${scenario.id} ${scenario.name}`)}: ${scenario.title} (${source}) ${aim}\n`;
}

/** The predicted time line, computed in virtual time. */
export function predictionText(report: DrillReport, computedInMs: number): string {
  const took = colors.dim(`(in virtual time, computed in ${(computedInMs / 1000).toFixed(1)} s)`);
  const lines = report.outcomes.flatMap((outcome) => [
    ...(report.outcomes.length > 1 ? [`   ${colors.bold(outcome.alert)}`] : []),
    ...outcome.stages.map((stage) => `    ${stage.stage.padEnd(17)} ${stageText(stage)}`),
  ]);
  const needsVerdict = report.verdict.kind !== "pass" || report.outcomes.length === 0;
  return [`  Predicted ${took}`, ...lines, ...(needsVerdict ? [verdictText(report)] : []), ""].join("\n");
}

export function stageText({ afterMs, detail }: StageResult): string {
  return `${secondsText(afterMs)}  ${colors.dim(detail)}`;
}

/** The verdict in words, on a line of its own. */
export function verdictText(report: DrillReport): string {
  const { verdict } = report;
  const paint = verdict.kind === "pass" ? colors.green : colors.red;
  return `\n  ${paint(colors.bold(verdictName(verdict)))} ${verdictReason(report)}`;
}

/** "PASS", "MISS (scraped)". */
export function verdictName(verdict: DrillVerdict): string {
  if (verdict.kind === "cannot_run") return "CANNOT RUN";
  return verdict.kind === "miss" ? `MISS (${verdict.stage})` : verdict.kind.toUpperCase();
}

export function verdictReason(report: DrillReport): string {
  const { verdict, noise } = report;
  switch (verdict.kind) {
    case "cannot_run":
      return verdict.reason;
    case "miss":
    case "unrouted":
    case "undelivered":
      return `${verdict.alert}: ${verdict.reason}`;
    case "late":
      return `${verdict.alert}: somebody was told after ${seconds(verdict.afterMs)}, expected within ${seconds(verdict.budgetMs)}`;
    case "noise":
      return noise
        .map((alert) => `${alert.alert} fired after ${seconds(alert.afterMs)} (${labelsText(alert)})`)
        .join("; ");
    case "pass":
      return passText(report);
  }
}

function passText({ outcomes, kind, requestCount, durationMs }: DrillReport): string {
  const requests = plural(requestCount, "request");
  const slowest = slowestOutcome(outcomes);
  if (slowest === null)
    return `nothing fired in ${formatDurationMs(Math.round(durationMs / 1000) * 1000)} (${requests})`;
  const budget = budgetText(slowest);
  const began = kind === "attack" && requestCount > 0 ? "the first request" : "it began";
  return `somebody was told ${seconds(deliveredAfterMs(slowest) ?? 0)}${budget} after ${began} (${requests})`;
}

/** Behind the time until somebody was told. */
export function budgetText({ budgetMs }: Pick<AlertOutcome, "budgetMs">): string {
  return budgetMs === null ? " (no budget)" : ` of ${seconds(budgetMs)}`;
}

/** The delivered alert that took the largest part of its budget. */
export function slowestOutcome(outcomes: readonly AlertOutcome[]): AlertOutcome | null {
  const part = (outcome: AlertOutcome): number => (deliveredAfterMs(outcome) ?? 0) / (outcome.budgetMs ?? Infinity);
  const delivered = outcomes.filter((outcome) => deliveredAfterMs(outcome) !== null);
  return delivered.toSorted((left, right) => part(right) - part(left))[0] ?? null;
}

export function deliveredAfterMs({ stages }: AlertOutcome): number | null {
  return stages.find(({ stage }) => stage === "delivered")?.afterMs ?? null;
}

function labelsText({ labels, value }: DrillReport["noise"][number]): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== "alertname");
  return [...pairs.map(([name, text]) => `${name}=${JSON.stringify(text)}`), `value ${value}`].join(" ");
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { formatDurationMs } from "@tatou/model";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";
import { budgetText, deliveredAfterMs, seconds, slowestOutcome, verdictName, verdictReason } from "./drill-texts.ts";

/** The drills as a table. */
export function listText(scenarios: readonly DrillScenario[], budgets: ReadonlyMap<string, number>): string {
  const rows = scenarios.map((scenario) => ({
    cells: [scenario.id, scenario.name, scenario.kind],
    expects: scenario.expect.map(({ alert, withinMs }) => {
      const budgetMs = withinMs ?? budgets.get(alert);
      return budgetMs === undefined ? alert : `${alert} within ${formatDurationMs(budgetMs)}`;
    }),
  }));
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map(({ cells }) => cells[column]!.length)));
  const lines = rows.map(({ cells, expects }) => {
    const [id, name, kind] = cells.map((cell, column) => cell.padEnd(widths[column]!));
    return `  ${colors.bold(id)}  ${name}  ${colors.dim(kind)}  ${expects.join(", ") || "nothing may fire"}`;
  });
  return `${lines.join("\n")}\n`;
}

const idWidth = 8;
const nameWidth = 26;
const verdictWidth = 11;

/** One drill in one line: `✓ D3  distributed-brute-force  PASS  told after 63.2 s of 102.0 s  DistributedBruteForce`. */
export function drillLine(report: DrillReport): string {
  const isPass = report.verdict.kind === "pass";
  const [mark, paint] = isPass ? ["✓", colors.green] : ["✗", colors.red];
  const name = `${report.drill.padEnd(idWidth)} ${report.name.padEnd(nameWidth)}`;
  const reason = isPass ? passText(report) : verdictReason(report);
  return `  ${paint(mark)} ${name} ${paint(verdictName(report.verdict).padEnd(verdictWidth))} ${reason}\n`;
}

function passText(report: DrillReport): string {
  const slowest = slowestOutcome(report.outcomes);
  if (slowest === null) return verdictReason(report);
  const budget = budgetText(slowest);
  const alerts = [...new Set(report.outcomes.map(({ alert }) => alert))].join(", ");
  return `told after ${seconds(deliveredAfterMs(slowest) ?? 0)}${budget}  ${colors.dim(alerts)}`;
}

const barWidth = 30;
const shownBars = 10;

/** How near the slowest came to their budgets, and how many passed. */
export function summaryText(reports: readonly DrillReport[], tookMs: number): string {
  const told = reports.flatMap((report) =>
    report.outcomes.flatMap((outcome) => {
      const afterMs = deliveredAfterMs(outcome);
      const { alert, budgetMs } = outcome;
      if (afterMs === null || budgetMs === null) return [];
      return [{ drill: report.drill, alert, afterMs, budgetMs, part: afterMs / budgetMs }];
    }),
  );
  const slowest = told.toSorted((left, right) => right.part - left.part).slice(0, shownBars);
  const alertWidth = Math.max(0, ...slowest.map(({ alert }) => alert.length));
  const bars = slowest.map(({ drill, alert, afterMs, budgetMs, part }) => {
    const figures = `${seconds(afterMs)} of ${seconds(budgetMs)}`;
    return `  ${drill.padEnd(idWidth)} ${alert.padEnd(alertWidth)} ${bar(part)} ${colors.dim(figures)}`;
  });
  const heading = bars.length === 0 ? [] : ["", `  ${colors.bold("Nearest to their budgets")}`, ...bars];
  return [...heading, "", `  ${countsText(reports)} ${colors.dim(`(took ${seconds(tookMs)})`)}`, "", ""].join("\n");
}

/** Beyond the budget it is full, and red. */
function bar(part: number): string {
  const filled = Math.min(barWidth, Math.round(part * barWidth));
  const paint = part > 1 ? colors.red : colors.green;
  return `${paint("█".repeat(filled))}${colors.dim("░".repeat(barWidth - filled))}`;
}

function countsText(reports: readonly DrillReport[]): string {
  const passed = reports.filter(({ verdict }) => verdict.kind === "pass").length;
  const byName = new Map<string, number>();
  for (const { verdict } of reports) {
    if (verdict.kind !== "pass") byName.set(verdictName(verdict), (byName.get(verdictName(verdict)) ?? 0) + 1);
  }
  const others = [...byName].map(([name, count]) => `${count} ${name}`).join(", ");
  const paint = byName.size === 0 ? colors.green : colors.red;
  return paint(`${passed} of ${plural(reports.length, "drill")} passed${others === "" ? "" : `: ${others}`}`);
}

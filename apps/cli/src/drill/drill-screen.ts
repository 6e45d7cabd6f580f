import {
  type DrillProgress,
  type DrillReport,
  type DrillScenario,
  drillStages,
  type StageResult,
} from "@tatou/assurance";
import { colors } from "../colors.ts";
import { drawChart } from "./chart.ts";

const chartHeight = 8;

/** Draws a drill as it runs: stages as they come and, on a terminal, the value against its threshold and a countdown. */
export class DrillScreen {
  readonly #output: NodeJS.WriteStream;
  readonly #predicted: readonly StageResult[];
  readonly #values: (number | null)[] = [];
  #shownStages = 0;
  #liveLineCount = 0;

  constructor(output: NodeJS.WriteStream, predicted: readonly StageResult[]) {
    this.#output = output;
    this.#predicted = predicted;
  }

  update(progress: DrillProgress): void {
    this.#values.push(progress.value);
    this.#clearLive();
    for (const stage of progress.stages.slice(this.#shownStages)) this.#output.write(`${this.#stageLine(stage)}\n`);
    this.#shownStages = progress.stages.length;
    if (this.#output.isTTY && progress.stages.length < drillStages.length) this.#drawLive(progress);
  }

  end(): void {
    this.#clearLive();
  }

  #stageLine(stage: StageResult): string {
    const predicted = this.#predicted.find((other) => other.stage === stage.stage);
    const beside =
      predicted === undefined ? "" : colors.dim(`  predicted ${secondsText(predicted.afterMs).trim().padStart(7)}`);
    return `  ${colors.green("✓")} ${stage.stage.padEnd(17)} ${secondsText(stage.afterMs)}${beside}  ${colors.dim(stage.detail)}`;
  }

  #drawLive(progress: DrillProgress): void {
    const width = Math.max(20, Math.min(90, (this.#output.columns ?? 80) - 12));
    const lines = [waitingLine(progress)];
    const { threshold } = progress.rule;
    if (threshold !== null) {
      lines.push(colors.dim(`  ${threshold.valueExpr}`));
      lines.push(...drawChart(this.#values, { width, height: chartHeight, threshold: threshold.limit, paint }));
    }
    this.#output.write(`${lines.join("\n")}\n`);
    this.#liveLineCount = lines.length;
  }

  #clearLive(): void {
    // Cursor up and erase, line by line.
    if (this.#liveLineCount > 0) this.#output.write("\u001b[1A\u001b[2K".repeat(this.#liveLineCount));
    this.#liveLineCount = 0;
  }
}

function waitingLine({ stages, afterMs, rule, alert, tally }: DrillProgress): string {
  const waiting = drillStages[stages.length] ?? "";
  const countdown =
    alert?.state === "pending"
      ? `, fires in ${Math.max(0, Math.ceil((alert.activeAtMs + rule.forMs - Date.now()) / 1000))} s`
      : "";
  const sent = colors.dim(` · ${tally.sentCount} requests, ${secondsText(afterMs).trim()}`);
  return `  ${colors.yellow("…")} ${waiting}${countdown}${sent}`;
}

function paint(cell: string, kind: "value" | "above" | "threshold"): string {
  if (kind === "threshold") return colors.dim(cell);
  return kind === "above" ? colors.red(cell) : colors.cyan(cell);
}

export function secondsText(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`.padStart(8);
}

export function headerText(scenario: DrillScenario): string {
  return `${colors.bold(`Drill ${scenario.name}`)}: ${scenario.title} (${scenario.sourceAddress}) must raise ${colors.bold(scenario.alertName)}\n`;
}

/** The predicted time line, computed in virtual time. */
export function predictionText(report: DrillReport, computedInMs: number): string {
  const lines = report.stages.map(
    (stage) => `    ${stage.stage.padEnd(17)} ${secondsText(stage.afterMs)}  ${colors.dim(stage.detail)}`,
  );
  const took = colors.dim(`(in virtual time, computed in ${(computedInMs / 1000).toFixed(1)} s)`);
  return [`  Predicted ${took}`, ...lines, ...(report.verdict.kind === "pass" ? [] : [verdictText(report)]), ""].join(
    "\n",
  );
}

export function verdictText(report: DrillReport): string {
  const { verdict } = report;
  if (verdict.kind === "pass") {
    const total = report.stages.at(-1)!.afterMs / 1000;
    return `\n  ${colors.green(colors.bold("PASS"))} somebody was told ${total.toFixed(1)} s after the first request (${report.requestCount} requests)`;
  }
  return `\n  ${colors.red(colors.bold(`MISS (${verdict.stage})`))} ${verdict.reason}`;
}

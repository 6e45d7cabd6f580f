import {
  type AlertProgress,
  type DrillProgress,
  type DrillReport,
  drillStages,
  type StageResult,
} from "@tatou/assurance";
import { colors } from "../colors.ts";
import { drawChart } from "./chart.ts";
import { secondsText } from "./drill-texts.ts";

const chartHeight = 8;

/** Draws a drill as it runs: stages as they come and, on a terminal, the value against its threshold and a countdown. */
export class DrillScreen {
  readonly #output: NodeJS.WriteStream;
  readonly #predicted: DrillReport | null;
  /** By alert, in the order of the drill. */
  readonly #values: (number | null)[][] = [];
  readonly #shownStages = new Set<string>();
  #liveLineCount = 0;

  constructor(output: NodeJS.WriteStream, predicted: DrillReport | null) {
    this.#output = output;
    this.#predicted = predicted;
  }

  wait(durationMs: number): void {
    const line = `  ${colors.yellow("…")} the platform is watched in peace for ${secondsText(durationMs).trim()}\n`;
    this.#output.write(line);
    if (this.#output.isTTY) this.#liveLineCount = 1;
  }

  update(progress: DrillProgress): void {
    this.#clearLive();
    const isOneOfSeveral = progress.alerts.length > 1;
    for (const [index, alert] of progress.alerts.entries()) {
      const values = this.#values[index] ?? [];
      this.#values[index] = values;
      values.push(alert.value);
      for (const stage of alert.stages) this.#showStage(stage, { index, alert, isOneOfSeveral });
    }
    if (this.#output.isTTY) this.#drawLive(progress);
  }

  end(): void {
    this.#clearLive();
  }

  #showStage(
    result: StageResult,
    { index, alert, isOneOfSeveral }: { index: number; alert: AlertProgress; isOneOfSeveral: boolean },
  ): void {
    const key = `${index} ${result.stage}`;
    if (this.#shownStages.has(key) || !isSettled(result, alert)) return;
    this.#shownStages.add(key);
    const predicted = this.#predicted?.outcomes[index]?.stages.find(({ stage }) => stage === result.stage);
    const beside = predicted === undefined ? "" : colors.dim(`  predicted ${secondsText(predicted.afterMs)}`);
    const name = isOneOfSeveral ? `${alert.rule.alert}  ` : "";
    const what = `${name}${result.stage.padEnd(17)} ${secondsText(result.afterMs)}`;
    this.#output.write(`  ${colors.green("✓")} ${what}${beside}  ${colors.dim(result.detail)}\n`);
  }

  /** The first alert that nobody was told about yet. */
  #drawLive(progress: DrillProgress): void {
    const index = progress.alerts.findIndex(({ isDelivered }) => !isDelivered);
    const alert = progress.alerts[index];
    const lines = [alert === undefined ? silenceLine(progress) : waitingLine(alert, progress)];
    const threshold = alert?.rule.threshold ?? null;
    if (threshold !== null) {
      const columns = this.#output.columns ?? 80;
      const width = Math.max(20, Math.min(90, columns - 12));
      // A line that the terminal breaks in two would not be erased as a whole.
      lines.push(colors.dim(`  ${threshold.valueExpr}`.slice(0, columns - 1)));
      lines.push(...drawChart(this.#values[index]!, { width, height: chartHeight, threshold: threshold.limit, paint }));
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

/** What does not apply may apply yet, until a later stage has come. */
function isSettled(result: StageResult, { stages }: AlertProgress): boolean {
  const later = stages.slice(stages.indexOf(result) + 1);
  return result.afterMs !== null || later.some(({ afterMs }) => afterMs !== null);
}

function waitingLine({ stages, pendingSinceMs, rule }: AlertProgress, progress: DrillProgress): string {
  const come = new Set(stages.map(({ stage }) => stage));
  const waiting = drillStages.find((stage) => !come.has(stage)) ?? "";
  const countdown =
    pendingSinceMs === null
      ? ""
      : `, fires in ${Math.max(0, Math.ceil((pendingSinceMs + rule.forMs - progress.nowMs) / 1000))} s`;
  return `  ${colors.yellow("…")} ${waiting}${countdown}${sentText(progress)}`;
}

function silenceLine(progress: DrillProgress): string {
  return `  ${colors.yellow("…")} listening for what must stay silent${sentText(progress)}`;
}

function sentText({ tally, afterMs }: DrillProgress): string {
  return colors.dim(` · ${tally.sentCount} requests, ${secondsText(afterMs).trim()}`);
}

function paint(cell: string, kind: "value" | "above" | "threshold"): string {
  if (kind === "threshold") return colors.dim(cell);
  return kind === "above" ? colors.red(cell) : colors.cyan(cell);
}

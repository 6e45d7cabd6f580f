import { colors } from "../colors.ts";
import type { Program } from "./program.ts";

/** The screen a start ends on. */
export function readyText(programs: readonly Program[], seconds: number, stateDirectory: string): string {
  const lines = [colors.bold("Tatou and its monitoring are up") + colors.dim(` (${seconds.toFixed(1)} s)`), ""];
  for (const name of ["server", "engine", "alerts", "dashboards"] as const) {
    const program = programs.find((candidate) => candidate.name === name)!;
    lines.push(`  ${colors.cyan(program.url.padEnd(24))} ${program.title}`);
  }
  lines.push(
    "",
    `  Dashboards login: ${colors.bold("admin")} / ${colors.bold("admin")} at first, then your own password`,
    `  Prove an alarm:   ${colors.bold("./tatou drill brute-force")}`,
    colors.dim(`  Logs: ${stateDirectory}/state/logs · Ctrl-C ends everything and keeps the data`),
    "",
  );
  return lines.join("\n");
}

/** What the live line tells, from the engine's summary. */
export interface StackSummary {
  readonly targetsUp: number;
  readonly targetCount: number;
  readonly seriesCount: number;
  /** False while samples are in memory only, because the disk refuses them. */
  readonly isDurable?: boolean;
  /** Names of firing alerts, the Watchdog left out. */
  readonly firing: readonly string[];
  readonly pendingCount: number;
}

/** The live line; null when the engine does not answer. */
export function summaryLine(summary: StackSummary | null): string {
  if (summary === null) return colors.yellow("the engine does not answer");
  // Not yet asked is not down.
  if (summary.seriesCount === 0 && summary.targetsUp === 0) return colors.dim("waiting for the first scrape");
  const targets = `targets ${summary.targetsUp}/${summary.targetCount} up`;
  const targetsText = summary.targetsUp === summary.targetCount ? colors.green(targets) : colors.red(targets);
  const pending = summary.pendingCount === 0 ? "" : colors.yellow(` · ${summary.pendingCount} pending`);
  const firing =
    summary.firing.length === 0 ? colors.green("no alert firing") : colors.red(`firing: ${summary.firing.join(", ")}`);
  const disk = summary.isDurable === false ? `${colors.red("samples in memory only")} · ` : "";
  return `${disk}${targetsText} · ${summary.seriesCount} series · ${firing}${pending}`;
}

/** What of a summary is worth a line in a log: the number of series moves all the time and says little. */
export function summaryEssence(summary: StackSummary | null): string {
  return summaryLine(summary === null ? null : { ...summary, seriesCount: Math.min(1, summary.seriesCount) });
}

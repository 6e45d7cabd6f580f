import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { breaksSomething, type DrillReport, type DrillScenario } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import { attackAll } from "./attack-all.ts";
import { drillHtml } from "./drill-html.ts";
import { drillJunit } from "./drill-junit.ts";
import { type DrillRun, drillExitCodes, exitCodeOf, reportsOf } from "./drill-run.ts";
import { runSchedule } from "./drill-schedule.ts";
import type { DrillCommandOptions, DrillSetting } from "./drill-setting.ts";
import { headerText } from "./drill-texts.ts";
import { DrillUsageError } from "./errors.ts";
import { stopAtInterrupt } from "./interruption.ts";
import { predictAll } from "./predict-all.ts";
import { chooseDrills, readDrills, readMonitoringBudgets } from "./read-drills.ts";
import { listText, summaryText } from "./summary-text.ts";

/**
 * Does what the command says, and prints it.
 * @returns the exit code
 */
export async function runDrills(names: readonly string[], options: DrillCommandOptions): Promise<number> {
  const drillsDirectory = options.drills ?? join(options.monitoringDir, "drills");
  const drills = readDrills(drillsDirectory);
  const budgets = readMonitoringBudgets(options.monitoringDir);
  if (options.list === true) {
    process.stdout.write(listText(drills, budgets));
    return drillExitCodes.passed;
  }
  if (options.all === true && drills.length === 0) {
    throw new DrillUsageError(
      `Cannot drill anything: ${drillsDirectory} has no drill`,
      "Give a directory with drill files to --drills",
    );
  }
  const chosen = choose(drills, names, options);
  const stopping = new AbortController();
  const stopListening = stopAtInterrupt(stopping);
  const screen = options.json === true ? null : process.stdout;
  const setting: DrillSetting = { options, drillsDirectory, budgets, screen, signal: stopping.signal };
  try {
    if (options.schedule !== undefined) return await repeat(chosen, setting, options.schedule);
    return exitCodeOf(await playOnce(chosen, setting));
  } finally {
    stopListening();
  }
}

/** Plays, prints, and writes the files. */
async function playOnce(scenarios: readonly DrillScenario[], setting: DrillSetting): Promise<readonly DrillReport[]> {
  const { options, screen } = setting;
  const clock = createSystemClock();
  const startedMs = clock.monotonicMs();
  const runs = await play(scenarios, setting);
  const reports = reportsOf(runs);
  if (scenarios.length > 1) screen?.write(summaryText(reports, clock.monotonicMs() - startedMs));
  if (options.json === true) process.stdout.write(jsonText(runs));
  writeFiles(reports, options, new Date(clock.nowMs()));
  return reports;
}

async function repeat(scenarios: readonly DrillScenario[], setting: DrillSetting, intervalMs: number): Promise<number> {
  const { options, screen, signal } = setting;
  const playAll = async (): Promise<ReadonlyMap<string, readonly DrillReport[]>> => {
    const reports = await playOnce(scenarios, setting);
    return new Map(scenarios.map(({ id }) => [id, reports.filter(({ drill }) => drill === id)]));
  };
  await runSchedule(scenarios, playAll, {
    intervalMs,
    listenAddress: options.listen,
    trustedNetwork: options["web.trustedNetwork"] === true,
    stateDirectory: options["state.path"],
    screen,
    signal,
  });
  return drillExitCodes.passed;
}

function choose(
  drills: readonly DrillScenario[],
  names: readonly string[],
  { all, receiver }: DrillCommandOptions,
): readonly DrillScenario[] {
  if (all === true && names.length > 0) {
    throw new DrillUsageError("Cannot drill some and all", "Name drills, or give --all");
  }
  const chosen = all === true ? drills : chooseDrills(drills, names);
  if (chosen.length > 0) return receiver === undefined ? chosen : chosen.map((drill) => withReceiver(drill, receiver));
  throw new DrillUsageError("Cannot drill nothing: no drill was named", "Name one, or give --all; --list shows them");
}

/** Other stacks have other names for those who are told. */
function withReceiver(scenario: DrillScenario, receiver: string): DrillScenario {
  return { ...scenario, expect: scenario.expect.map((expectation) => ({ ...expectation, receiver })) };
}

/** @returns one run for each drill, in their order */
async function play(scenarios: readonly DrillScenario[], setting: DrillSetting): Promise<readonly DrillRun[]> {
  const { options, screen } = setting;
  const [first] = scenarios;
  if (scenarios.length === 1) screen?.write(`\n${headerText(first!, options.source)}\n`);
  // What others use is not broken for real, unless somebody says so.
  const canAttack = scenarios.length === 1 && (options.ownStack === true || !breaksSomething(first!));
  const clock = options.clock ?? (canAttack ? "both" : "virtual");
  const predicted = clock === "real" ? null : await predictAll(scenarios, setting);
  const real = clock === "virtual" ? null : await attackAll(scenarios, { ...setting, predicted });
  return scenarios.map((scenario, index) => ({
    scenario,
    predicted: predicted?.[index] ?? null,
    real: real?.[index] ?? null,
  }));
}

function jsonText(runs: readonly DrillRun[]): string {
  const drills = runs.map(({ scenario, predicted, real }) => ({ drill: scenario.id, predicted, real }));
  return `${JSON.stringify({ drills }, null, 2)}\n`;
}

function writeFiles(reports: readonly DrillReport[], { junit, html }: DrillCommandOptions, now: Date): void {
  if (junit !== undefined) writeFileSync(junit, drillJunit(reports, now));
  if (html !== undefined) writeFileSync(html, drillHtml(reports, now));
}

/**
 * Plays many drills in virtual time, each on a stack of its own, on all cores: in child processes, so that a drill that
 * takes one down costs its own verdict and no other. They write below one directory, which goes with this process.
 */
import { availableParallelism } from "node:os";
import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { CatalogueChild } from "./catalogue-child.ts";
import { expectedCost } from "./catalogue-cost.ts";
import { notPlayedReport } from "./not-played.ts";
import type { VirtualDrillOptions } from "./play-virtual.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

export interface CatalogueOptions extends VirtualDrillOptions {
  /** Default: as many as there are cores. */
  readonly processCount?: number;
  /** Told when a drill begins. */
  readonly onBegin?: (scenario: DrillScenario) => void;
  /** Told when a drill is over; the longest begin first, so not in the order of the catalogue. */
  readonly onReport?: (report: DrillReport) => void;
  /** Ends all of them; what was not over by then cannot be told. */
  readonly signal?: AbortSignal;
}

/** @returns one report for each drill, in their order */
export async function playCatalogue(
  scenarios: readonly DrillScenario[],
  options: CatalogueOptions,
): Promise<readonly DrillReport[]> {
  const directory = new TemporaryDirectory("tatou-drills-");
  const reports = new Map<DrillScenario, DrillReport>();
  const waiting = scenarios.toSorted((left, right) => expectedCost(right) - expectedCost(left));
  const players = Array.from({ length: Math.min(options.processCount ?? availableParallelism(), waiting.length) }, () =>
    playFrom(waiting, { options, directory: directory.path, reports }),
  );
  try {
    await Promise.all(players);
  } finally {
    directory.remove();
  }
  return scenarios.map((scenario) => reports.get(scenario)!);
}

interface Playing {
  readonly options: CatalogueOptions;
  readonly directory: string;
  readonly reports: Map<DrillScenario, DrillReport>;
}

/** Plays one after the other until none is left; a child that ended is replaced by another. */
async function playFrom(waiting: DrillScenario[], { options, directory, reports }: Playing): Promise<void> {
  const { signal, onBegin, onReport } = options;
  let child = new CatalogueChild(directory);
  for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
    onBegin?.(scenario);
    if (!child.isAlive) child = new CatalogueChild(directory);
    const outcome = await child.play(scenario, playOptions(options), signal);
    const report = outcome.kind === "report" ? outcome.report : notPlayed(scenario, options, outcome.reason);
    reports.set(scenario, report);
    onReport?.(report);
  }
  await child.end();
}

/** What another process can be given. */
function playOptions(options: VirtualDrillOptions): VirtualDrillOptions {
  const { monitoringDirectory, budgets, source, startMs, isLive } = options;
  return { monitoringDirectory, budgets, source, startMs, isLive };
}

function notPlayed(scenario: DrillScenario, options: VirtualDrillOptions, reason: string): DrillReport {
  const { source, startMs } = options;
  return notPlayedReport(scenario, { clock: "virtual", startedAtMs: startMs, durationMs: 0, source, reason });
}

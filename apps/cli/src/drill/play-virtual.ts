import { type DrillReport, type DrillScenario, runDrill } from "@tatou/assurance";
import { play } from "../virtual/play.ts";
import { openVirtualStack } from "../virtual/virtual-stack.ts";
import { seededRandom } from "./seeded-random.ts";
import { sourceAddresses } from "./source-addresses.ts";

export interface VirtualDrillOptions {
  /** Holds prometheus.yml and alertmanager.yml. */
  readonly monitoringDirectory: string;
  readonly budgets: ReadonlyMap<string, number>;
  /** The attackers' first address. */
  readonly source: string;
  readonly startMs: number;
  /** Leaves the receivers as they are, instead of leading all of them to the inbox. */
  readonly isLive: boolean;
}

const pollEveryMs = 500;

/** Plays one drill in virtual time, on a stack of its own in this process. Twice the same input gives the same report. */
export async function playVirtually(
  scenario: DrillScenario,
  options: VirtualDrillOptions,
  signal?: AbortSignal,
): Promise<DrillReport> {
  const { monitoringDirectory, budgets, source, startMs, isLive } = options;
  const stack = await openVirtualStack({ monitoringDirectory, startMs, isLive });
  try {
    const { clock, transport, urls, faults, rmap, activityCount } = stack;
    const drill = runDrill({
      ...{ scenario, budgets, urls, clock, transport, faults, rmap, pollEveryMs, activityCount },
      clockName: "virtual",
      sourceAddress: sourceAddresses(source, true),
      runId: "virtual",
      random: seededRandom(scenario.id),
      ...(signal !== undefined && { signal }),
    });
    return await play(clock, drill, pollEveryMs);
  } finally {
    await stack.close();
  }
}

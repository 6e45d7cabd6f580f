import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DrillReport,
  type DrillScenario,
  type DrillUrls,
  type FaultInjector,
  findOutsiders,
  findStack,
  isListedTarget,
  isOnThisMachine,
} from "@tatou/assurance";
import { createSystemClock, SocketTransport } from "@tatou/http";
import type { HttpTransport } from "@tatou/model";
import { problemText } from "../problem-text.ts";
import { DrillScreen } from "./drill-screen.ts";
import type { DrillSetting } from "./drill-setting.ts";
import { verdictText } from "./drill-texts.ts";
import { DrillUsageError } from "./errors.ts";
import { notPlayedReport } from "./not-played.ts";
import { openOwnStack } from "./own-stack.ts";
import { playForReal, type RealDrillOptions } from "./play-real.ts";
import { ProgressLines } from "./progress-lines.ts";
import { targetsFileName } from "./read-drills.ts";
import { readRmapKeys } from "./rmap-keys.ts";
import { defaultSource } from "./source-addresses.ts";

export interface AttackSetting extends DrillSetting {
  /** One for each drill; null where nobody asked for it. */
  readonly predicted: readonly DrillReport[] | null;
}

/** What is not the drill's own is never broken. */
const noFaults: FaultInjector = {
  refusal: () => "this stack is not the drill's own",
  inject: (fault) => Promise.reject(new DrillUsageError(`Cannot break anything: ${fault}`, "Use --own-stack")),
};

/**
 * Attacks a running stack, or one of the drills' own, one drill after the other.
 * @throws {DrillUsageError} the target is not to be attacked, or people outside would be told
 * @throws {DrillSetupError} the stack does not answer, or its own does not start
 */
export async function attackAll(
  scenarios: readonly DrillScenario[],
  setting: AttackSetting,
): Promise<readonly DrillReport[]> {
  const { options, budgets, signal } = setting;
  const shared = { budgets, source: options.source, signal };
  if (options.ownStack !== true) {
    const urls = await openGate(scenarios, setting);
    const rmap = options.rmapKeys === undefined ? null : readRmapKeys(options.rmapKeys);
    return attackEach(scenarios, { ...shared, urls, faults: noFaults, rmap }, setting);
  }
  const { monitoringDir, live } = options;
  const { urls, faults, rmap, close } = await openOwnStack({
    monitoringDirectory: monitoringDir,
    isLive: live === true,
  });
  try {
    return await attackEach(scenarios, { ...shared, urls, faults, rmap }, setting);
  } finally {
    await close();
  }
}

/** Finds the stack, and makes sure that it may be attacked. */
async function openGate(scenarios: readonly DrillScenario[], setting: DrillSetting): Promise<DrillUrls> {
  const transport = new SocketTransport({ clock: createSystemClock() });
  try {
    const urls = await findStack(setting.options, transport);
    refuseForeignTarget(urls.target, setting.drillsDirectory);
    refuseForeignSource(urls.target, setting.options.source);
    if (setting.options.live !== true) await refuseOutsiders(scenarios, urls, transport);
    return urls;
  } finally {
    await transport.close();
  }
}

function refuseForeignTarget(target: string, drillsDirectory: string): void {
  if (isOnThisMachine(target)) return;
  const file = join(drillsDirectory, targetsFileName);
  if (existsSync(file) && isListedTarget(target, readFileSync(file, "utf8"))) return;
  throw new DrillUsageError(
    `Cannot attack ${target}: it is not on this machine, and ${file} does not list it`,
    `If it is yours to attack, write targets: [ ${JSON.stringify(target)} ] into that file`,
  );
}

function refuseForeignSource(target: string, source: string): void {
  if (!isOnThisMachine(target) || source.startsWith("127.")) return;
  throw new DrillUsageError(
    `Cannot attack ${target} from ${source}: found no address of the loopback range`,
    `Give one to --source, such as ${defaultSource}`,
  );
}

async function refuseOutsiders(
  scenarios: readonly DrillScenario[],
  urls: DrillUrls,
  transport: HttpTransport,
): Promise<void> {
  const [first, ...others] = await findOutsiders(scenarios, urls, transport);
  if (first === undefined) return;
  const { alert, receiver, integration } = first;
  const where = integration.address === null ? "" : ` (${integration.address})`;
  const more = others.length === 0 ? "" : `, and ${others.length} more like that`;
  throw new DrillUsageError(
    `Cannot drill for real: ${alert} would tell receiver ${receiver} by ${integration.kind}${where}${more}`,
    "Lead the receivers to an inbox, drill in virtual time or with --own-stack, or allow it with --live",
  );
}

/** On a stack that may be attacked. */
async function attackEach(
  scenarios: readonly DrillScenario[],
  playing: RealDrillOptions,
  { screen, predicted }: AttackSetting,
): Promise<readonly DrillReport[]> {
  const reports: DrillReport[] = [];
  const isAlone = scenarios.length === 1;
  const lines = new ProgressLines(isAlone ? null : screen, scenarios.length);
  screen?.write(isAlone ? "  For real\n" : "\n  For real\n");
  for (const [index, scenario] of scenarios.entries()) {
    lines.began(scenario);
    const live = screen !== null && isAlone ? new DrillScreen(screen, predicted?.[index] ?? null) : null;
    const report = await playOrTell(scenario, {
      ...playing,
      onWait: (durationMs) => live?.wait(durationMs),
      onProgress: (progress) => live?.update(progress),
    });
    live?.end();
    if (isAlone) screen?.write(`${verdictText(report)}\n\n`);
    lines.ended(report);
    reports.push(report);
  }
  return reports;
}

/** A drill that fails by a defect, of its own or of a program, costs its own verdict and not those of others. */
async function playOrTell(scenario: DrillScenario, options: RealDrillOptions): Promise<DrillReport> {
  const clock = createSystemClock();
  const startedAtMs = clock.nowMs();
  try {
    return await playForReal(scenario, options);
  } catch (error) {
    const { source } = options;
    const durationMs = clock.nowMs() - startedAtMs;
    return notPlayedReport(scenario, { clock: "real", startedAtMs, durationMs, source, reason: problemText(error) });
  }
}

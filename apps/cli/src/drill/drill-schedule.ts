import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DrillMemory, DrillMetrics, type DrillReport, type DrillScenario } from "@tatou/assurance";
import { createDoor, createSystemClock, listen } from "@tatou/http";
import { formatDurationMs } from "@tatou/model";
import { problemText } from "../problem-text.ts";
import { isFileError } from "../system-error.ts";

export interface DrillScheduleOptions {
  readonly intervalMs: number;
  /** "host:port" of its metrics. */
  readonly listenAddress: string;
  readonly trustedNetwork: boolean;
  /** Holds what is remembered from one process to the next. */
  readonly stateDirectory: string;
  /** Hears of what happens; null for nobody. */
  readonly screen: NodeJS.WriteStream | null;
  readonly signal: AbortSignal;
}

/** Plays all drills once; gives the reports of each, by drill. */
export type PlayOnce = () => Promise<ReadonlyMap<string, readonly DrillReport[]>>;

/**
 * Plays drills again and again until the signal aborts, and shows as metrics when and how each ended. A process that takes
 * over from an earlier one goes on where that one was.
 *
 * @throws {PortInUseError | UnguardedAddressError} it cannot listen there
 * @throws the state directory cannot be written
 */
export async function runSchedule(
  scenarios: readonly DrillScenario[],
  playOnce: PlayOnce,
  options: DrillScheduleOptions,
): Promise<void> {
  const { intervalMs, screen, signal } = options;
  const clock = createSystemClock();
  const drills = scenarios.map(({ id }) => id);
  const stateFile = join(options.stateDirectory, "drills.json");
  const memories = readMemories(stateFile);
  // What could not be remembered after the first run is told before it.
  writeMemories(stateFile, memories);
  const metrics = new DrillMetrics({ drills, intervalMs, memories, startedMs: clock.nowMs() });
  const door = createDoor({ listenFlag: "--listen", trustedNetwork: options.trustedNetwork });
  door.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(metrics.render()),
  );
  const { url } = await listen(door, options.listenAddress);
  screen?.write(`  ${drills.length} drills every ${formatDurationMs(intervalMs)}; metrics at ${url}/metrics\n`);
  try {
    for (let dueMs = firstDueMs(drills, { memories, intervalMs }); ; dueMs += intervalMs) {
      if (dueMs > clock.nowMs()) screen?.write(`  Next at ${new Date(dueMs).toISOString()}\n`);
      await clock.sleepUntil(dueMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      // What takes longer than the interval begins again at once, and nothing is made up for.
      dueMs = Math.max(dueMs, clock.nowMs());
      const reports = await playOrTell(playOnce);
      if (signal.aborted) return;
      if (reports !== null) for (const [drill, own] of reports) metrics.record(drill, own, clock.nowMs());
      writeMemories(stateFile, metrics.memories);
    }
  } finally {
    await door.close();
  }
}

/** A stack that is down today may be up tomorrow; until then the age of the last run says so. */
async function playOrTell(playOnce: PlayOnce): Promise<Awaited<ReturnType<PlayOnce>> | null> {
  try {
    return await playOnce();
  } catch (error) {
    process.stderr.write(`${problemText(error)}\n`);
    return null;
  }
}

/** At once, unless all of them ran not long ago. */
function firstDueMs(
  drills: readonly string[],
  { memories, intervalMs }: { readonly memories: ReadonlyMap<string, DrillMemory>; readonly intervalMs: number },
): number {
  return Math.min(...drills.map((drill) => (memories.get(drill)?.lastRunMs ?? -intervalMs) + intervalMs));
}

/** Nothing is remembered where there is no such file; one that is damaged is as good as none. */
function readMemories(file: string): ReadonlyMap<string, DrillMemory> {
  try {
    const { drills } = JSON.parse(readFileSync(file, "utf8")) as { readonly drills?: unknown };
    if (typeof drills !== "object" || drills === null) return new Map();
    return new Map(Object.entries(drills).filter((entry): entry is [string, DrillMemory] => isMemory(entry[1])));
  } catch (error) {
    if (error instanceof SyntaxError || isFileError(error)) return new Map();
    throw error;
  }
}

function isMemory(value: unknown): value is DrillMemory {
  if (typeof value !== "object" || value === null) return false;
  const { lastRunMs, lastPassMs, hasPassed, detectionMs } = value as Readonly<Record<string, unknown>>;
  const isTime = (time: unknown): boolean => time === null || Number.isFinite(time);
  return Number.isFinite(lastRunMs) && isTime(lastPassMs) && isTime(detectionMs) && typeof hasPassed === "boolean";
}

function writeMemories(file: string, memories: ReadonlyMap<string, DrillMemory>): void {
  mkdirSync(dirname(file), { recursive: true });
  // Either the old one or the new one is there, whenever the machine stops.
  writeFileSync(`${file}.new`, JSON.stringify({ drills: Object.fromEntries(memories) }, null, 2));
  renameSync(`${file}.new`, file);
}

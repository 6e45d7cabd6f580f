// npm run crash:tsdb -- [--rounds 300] [--series 160] [--seed 1] [--speed 600] [--keep DIRECTORY]
// Kills a process that writes, at a random moment of writing, compacting or starting, again and again on the same
// directory; after each kill opens it and compares every sample with what was acknowledged. Ends with 1 at the first
// difference, and leaves the directory to be looked at.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Log, VirtualClock } from "@tatou/model";
import { historySeries, tickTimeMs } from "./history.ts";
import { checkHistory } from "./history-check.ts";
import { deletedSeriesIndex, deleteOldTicks, deletesAt, isDeletedBy, openStore } from "./open-store.ts";
import { randomFrom } from "./random.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "300" },
    series: { type: "string", default: "160" },
    seed: { type: "string", default: "1" },
    speed: { type: "string", default: "600" },
    keep: { type: "string" },
  },
});
const roundCount = Number(options.rounds);
const seriesCount = Number(options.series);
const series = historySeries(seriesCount);
const directory = options.keep ?? mkdtempSync(join(tmpdir(), "tatou-crash-"));
const random = randomFrom(Number(options.seed));
const doubtfulTicks = new Set<number>();
let lastTick = -1;
let nextTick = 0;
let killsAtStart = 0;
const reports = new Map<string, number>();

for (let round = 1; round <= roundCount; round++) {
  const { ticks, output } = await writeUntilKilled(nextTick);
  if (ticks.length === 0) killsAtStart++;
  lastTick = ticks.at(-1) ?? lastTick;
  // The next one may have been written, or not.
  nextTick = (ticks.at(-1) ?? nextTick - 1) + 1;
  doubtfulTicks.add(nextTick++);
  const { problems, sampleCount } = await check();
  const blockCount = readdirSync(directory).filter((name) => name.length === 26).length;
  if (round % 10 === 0 || problems.length > 0) {
    process.stdout.write(`round ${round}: tick ${lastTick}, ${sampleCount} samples, ${blockCount} blocks\n`);
  }
  if (problems.length > 0) {
    process.stdout.write(`${problems.join("\n")}\nwriter said:\n${output}\ndirectory: ${directory}\n`);
    process.exit(1);
  }
}
for (const [report, count] of reports) process.stdout.write(`${count} x ${report}\n`);
process.stdout.write(`${roundCount} rounds, ${killsAtStart} killed before the first tick: nothing lost\n`);
if (options.keep === undefined) rmSync(directory, { recursive: true, force: true });

async function writeUntilKilled(firstTick: number): Promise<{ readonly ticks: number[]; readonly output: string }> {
  const writer = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));
  const args = ["--import", "tsx", writer, directory, String(firstTick), String(seriesCount), options.speed];
  const child = spawn(process.execPath, args);
  const exited = once(child, "close");
  let text = "";
  let output = "";
  child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const killsEarly = random() < 0.1;
  const delayMs = killsEarly ? 200 + random() * 600 : 50 + random() * 2500;
  const kill = (): void => void setTimeout(() => child.kill("SIGKILL"), delayMs);
  if (killsEarly) kill();
  let isOpen = false;
  child.stdout.on("data", (bytes: Buffer) => {
    text += bytes.toString();
    if (isOpen || killsEarly) return;
    isOpen = true;
    kill();
  });
  await exited;
  if (child.signalCode !== "SIGKILL") throw new Error(`The writer ended by itself: ${output}`);
  // The last line may have been cut.
  const lines = text.split("\n").slice(0, -1);
  return { ticks: lines.filter((line) => line !== "open").map(Number), output };
}

async function check(): Promise<{ readonly problems: readonly string[]; readonly sampleCount: number }> {
  const clock = new VirtualClock(tickTimeMs(nextTick));
  const store = await openStore(directory, clock, { log: countingLog() });
  try {
    // The last deletion may not have been acknowledged; to repeat it is harmless.
    for (let tick = nextTick - 1; tick > 0 && tick > nextTick - 400; tick--) {
      if (deletesAt(tick)) await deleteOldTicks(store, tick);
    }
    return await checkHistory(store, { series, lastAcknowledgedTick: lastTick, doubtfulTicks, isDeleted });
  } finally {
    await store.close();
  }
}

function isDeleted({ index }: { readonly index: number }, tick: number): boolean {
  return index === deletedSeriesIndex && isDeletedBy(nextTick - 1, tick);
}

/** Counts what the store says about damage, without its numbers. */
function countingLog(): Log {
  const note = (text: string): void => {
    const report = text.replace(/"[^"]*"/g, "…").replace(/\d+/g, "N");
    reports.set(report, (reports.get(report) ?? 0) + 1);
  };
  return { info: () => {}, warn: note, error: note };
}

// npm run damage:tsdb -- [--step 1000]
// Makes a data directory with blocks, chunks_head, a log and a log of late samples, then, for each of its files and every
// thousandth byte, flips a bit there or cuts the file there, opens the store and reads everything. It must not crash, must not
// serve a sample that was never written, and must say what it found: in its log, or as the error of a query.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { VirtualClock } from "@tatou/model";
import { verifyDirectory } from "@tatou/tsdb";
import { historySeries, tickTimeMs } from "./history.ts";
import { checkHistory, type Expectation } from "./history-check.ts";
import { appendTick } from "./history-writer.ts";
import { openStore } from "./open-store.ts";

const { values: options } = parseArgs({
  options: { step: { type: "string", default: "1000" } },
});
const stepBytes = Number(options.step);
const tickCount = 1400;
const series = historySeries(24);
const expected: Expectation = {
  series,
  lastAcknowledgedTick: tickCount - 1,
  doubtfulTicks: new Set(),
  isDeleted: () => false,
};
const folder = mkdtempSync(join(tmpdir(), "tatou-damage-"));
const sound = join(folder, "sound");
const tried = join(folder, "tried");
/** A damage is told, or nothing is missing; a cut between two records of a log leaves a sound file; all else is a failure. */
type Outcome = "told" | "harmless" | "between records" | "failed";
const counts: Record<Outcome, number> = { told: 0, harmless: 0, "between records": 0, failed: 0 };
const failures: string[] = [];

await writeSound();
const files = filesBelow(sound).filter((path) => statSync(path).size > 0 && !path.endsWith("lock"));
for (const path of files) {
  const sizeBytes = statSync(path).size;
  let tryCount = 0;
  // From the second byte on: a log segment that is cut to nothing looks like one that was just begun.
  for (let offset = 1; offset < sizeBytes; offset += stepBytes) {
    for (const kind of ["flip", "cut"] as const) {
      counts[await tryDamage(path, offset, kind)]++;
      tryCount++;
    }
  }
  process.stdout.write(`${relative(sound, path)}: ${sizeBytes} bytes, ${tryCount} damages\n`);
}
for (const failure of failures) process.stdout.write(`${failure}\n`);
process.stdout.write(
  `${files.length} files: ${counts.told} damages told, ${counts.harmless} without a loss, ` +
    `${counts["between records"]} cuts between two records, ${counts.failed} failures\n`,
);
rmSync(folder, { recursive: true, force: true });
process.exitCode = failures.length > 0 ? 1 : 0;

async function writeSound(): Promise<void> {
  const clock = new VirtualClock(tickTimeMs(0));
  const store = await openStore(sound, clock);
  for (let tick = 0; tick < tickCount; tick++) {
    appendTick(store, series, tick);
    await clock.advance(tickTimeMs(1) - tickTimeMs(0));
  }
  const { problems } = await checkHistory(store, expected);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  await store.close();
}

async function tryDamage(path: string, offset: number, kind: "flip" | "cut"): Promise<Outcome> {
  rmSync(tried, { recursive: true, force: true });
  cpSync(sound, tried, { recursive: true });
  const damaged = join(tried, relative(sound, path));
  if (kind === "cut") truncateSync(damaged, offset);
  else {
    const bytes = readFileSync(damaged);
    bytes[offset]! ^= 1 << (offset % 8);
    writeFileSync(damaged, bytes);
  }
  const place = `${relative(sound, path)} ${kind} at ${offset}`;
  const reports: string[] = [];
  const note = (text: string): void => void reports.push(text);
  try {
    const store = await openStore(tried, new VirtualClock(tickTimeMs(tickCount)), {
      log: { info: () => {}, warn: note, error: note },
    });
    try {
      const whole = await checkHistory(store, expected);
      if (whole.problems.length === 0) return "harmless";
      const wrong = await checkHistory(store, { ...expected, mayMiss: true });
      if (wrong.problems.length > 0) return fail(`${place}: ${wrong.problems[0]}`);
      if (reports.length > 0) return "told";
      // What follows the last record of a log may be nothing: such a file is sound.
      if (
        kind === "cut" &&
        /^w[ab]l\//.test(relative(sound, path)) &&
        verifyDirectory(tried, () => {}).problems.length === 0
      )
        return "between records";
      return fail(`${place}: nothing said, but ${whole.problems[0]}`);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string") return "told";
    return fail(`${place}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

function fail(text: string): "failed" {
  failures.push(text);
  return "failed";
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

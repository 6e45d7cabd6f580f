// A store on a disk that fills up and is emptied again; prints what was seen as one JSON object.
//   node --import tsx tests/storage/disk-full-scenario.ts DIRECTORY   (a small file system of its own)
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import type { Tsdb } from "@tatou/tsdb";
import { historySeries, tickMs, tickTimeMs } from "./history.ts";
import { checkHistory } from "./history-check.ts";
import { appendTick } from "./history-writer.ts";
import { openStore } from "./open-store.ts";

const [directory = ""] = process.argv.slice(2);
const data = join(directory, "data");
const ballast = join(directory, "ballast");
const series = historySeries(80);
const clock = new VirtualClock(tickTimeMs(0));
const said: string[] = [];
const log = {
  info: (text: string) => void said.push(text),
  warn: (text: string) => void said.push(text),
  error: (text: string) => void said.push(text),
};

const store = await openStore(data, clock, { log });
const unwritten = new Set<number>();
let tick = 0;
await writeUntil(100);
fillDisk();
while (store.health().durable && tick < 4000) await writeOne();
const full = { tick, health: store.health(), ...(await readBack(store)) };
await writeUntil(tick + 600);
const stillFull = { tick, health: store.health(), ...(await readBack(store)) };
rmSync(ballast);
await writeUntil(tick + 300);
const freed = { tick, health: store.health(), ...(await readBack(store)) };
await store.close();
const again = await openStore(data, clock, { log });
const reopened = { tick, ...(await readBack(again, unwritten)) };
await again.close();
process.stdout.write(`${JSON.stringify({ full, stillFull, freed, reopened, unwritten: unwritten.size, said })}\n`);

async function writeUntil(endTick: number): Promise<void> {
  while (tick < endTick) await writeOne();
}

async function writeOne(): Promise<void> {
  try {
    appendTick(store, series, tick);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "storage_write") throw error;
    unwritten.add(tick);
  }
  tick++;
  await clock.advance(tickMs);
}

/** Leaves hardly anything for the store. */
function fillDisk(): void {
  const { bavail, bsize } = statfsSync(directory);
  writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - 512 * 1024)));
}

async function readBack(subject: Tsdb, doubtfulTicks: ReadonlySet<number> = new Set()) {
  const { problems, sampleCount } = await checkHistory(subject, {
    series,
    lastAcknowledgedTick: tick - 1,
    doubtfulTicks,
    isDeleted: () => false,
  });
  return { problems, sampleCount };
}

// Writes tick after tick into the store in a directory and prints the number of each once it is acknowledged. Ends by being
// killed: node --import tsx tests/storage/crash-writer.ts DIRECTORY FIRST_TICK SERIES SPEED
import { writeSync } from "node:fs";
import { fastClock } from "./fast-clock.ts";
import { historySeries, tickTimeMs } from "./history.ts";
import { appendTick } from "./history-writer.ts";
import { deleteOldTicks, deletesAt, openStore } from "./open-store.ts";

const [directory = "", ...numbers] = process.argv.slice(2);
const [firstTick = 0, seriesCount = 100, speed = 600] = numbers.map(Number);
const clock = fastClock(tickTimeMs(firstTick), speed);
const series = historySeries(seriesCount);
const store = await openStore(directory, clock, {
  hasWorker: true,
  log: {
    info: (text) => process.stderr.write(`${text}\n`),
    warn: (text) => process.stderr.write(`warning: ${text}\n`),
    error: (text) => process.stderr.write(`error: ${text}\n`),
  },
});
writeSync(1, "open\n");
for (let tick = firstTick; ; tick++) {
  await clock.sleepUntil(tickTimeMs(tick));
  appendTick(store, series, tick);
  writeSync(1, `${tick}\n`);
  if (deletesAt(tick)) await deleteOldTicks(store, tick);
}

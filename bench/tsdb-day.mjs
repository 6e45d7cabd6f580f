// npm run bench:tsdb-day: a day in virtual time. node bench/tsdb-day.mjs [--series 10000] [--interval 10] [--hours 24]
// The store alone takes a scrape of all series every ten seconds, with compaction and everything else by its clock. Printed
// hour by hour: memory, blocks, the log; at the end the blocks, and how much memory grew after the warm-up.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { labelsOf, VirtualClock } from "@tatou/model";
import { Tsdb } from "@tatou/tsdb";

const { values } = parseArgs({
  options: {
    series: { type: "string", default: "10000" },
    interval: { type: "string", default: "10" },
    hours: { type: "string", default: "24" },
  },
});
const seriesCount = Number(values.series);
const intervalMs = Number(values.interval) * 1000;
const hourMs = 3_600_000;
const seriesPerTarget = 1000;
// A multiple of two hours, so that the blocks are whole.
const startMs = Math.floor(1_700_000_000_000 / (2 * hourMs)) * 2 * hourMs;
const directory = mkdtempSync(join(tmpdir(), "tatou-day-"));
const clock = new VirtualClock(startMs, () => new Promise((resolve) => setImmediate(resolve)));
const store = await Tsdb.open({ directory, clock });
const refs = [];
const before = process.cpuUsage();
const memoryByHour = [];

for (let scrape = 0; scrape * intervalMs < Number(values.hours) * hourMs; scrape++) {
  for (let first = 0; first < seriesCount; first += seriesPerTarget) {
    appendScrape(scrape, first, Math.min(first + seriesPerTarget, seriesCount));
  }
  await clock.advance(intervalMs);
  if (((scrape + 1) * intervalMs) % hourMs === 0) report(((scrape + 1) * intervalMs) / hourMs);
}
const { user, system } = process.cpuUsage(before);
const sampleCount = (seriesCount * Number(values.hours) * hourMs) / intervalMs;
console.log(`${(user + system) / sampleCount} CPU-s per million samples, compaction included`);
for (const block of blocks()) {
  const hours = (timeMs) => (timeMs - startMs) / hourMs;
  const bytes = sizeOf(join(directory, block.ulid));
  console.log(
    `block ${hours(block.minTime)} to ${hours(block.maxTime)} h, level ${block.compaction.level}: ` +
      `${block.stats.numSamples} samples, ${block.stats.numChunks} chunks, ${(bytes / block.stats.numSamples).toFixed(2)} bytes a sample`,
  );
}
// By the middle of the day blocks of every length have been merged once, in this process: that is the warm-up.
const half = Math.ceil(memoryByHour.length / 2);
const quarter = Math.ceil(half / 2);
const most = (from, to) => Math.max(...memoryByHour.slice(from, to)).toFixed(0);
console.log(
  `memory: ${most(half, half + quarter)} MB at most in the third quarter, ${most(half + quarter)} MB in the last`,
);
await store.close();
rmSync(directory, { recursive: true, force: true });

function appendScrape(scrape, first, end) {
  const appender = store.appender();
  for (let series = first; series < end; series++) {
    if (refs[series] === undefined || !appender.isLive(refs[series]))
      refs[series] = appender.resolve(labelsOfSeries(series));
    appender.append(
      refs[series],
      startMs + scrape * intervalMs + Math.floor(first / seriesPerTarget),
      valueOf(series, scrape),
    );
  }
  appender.commit();
}

function labelsOfSeries(series) {
  return labelsOf({
    __name__: ["requests_total", "latency_bucket", "queue_depth", "memory_bytes"][series % 4],
    job: "load",
    instance: `host-${Math.floor(series / seriesPerTarget)}:9100`,
    path: `/api/v1/${series % 50}`,
    shard: String(series),
  });
}

/** Half of the series stand still, three in ten count, two in ten move with decimals. */
function valueOf(series, scrape) {
  const kind = series % 10;
  if (kind < 5) return series;
  return kind < 8 ? scrape * (kind + 1) + (scrape % kind) : Math.round(1000 * Math.sin(scrape + series)) / 10;
}

function report(hour) {
  const rssMb = process.memoryUsage().rss / 1e6;
  memoryByHour.push(rssMb);
  const stats = store.stats();
  console.log(
    `hour ${hour}: ${rssMb.toFixed(0)} MB, ${blocks().length} blocks, log ${(stats.walBytes / 1e6).toFixed(0)} MB, ` +
      `${stats.seriesCount} series, ${stats.chunkCount} chunks in the head`,
  );
}

function blocks() {
  return readdirSync(directory)
    .filter((name) => name.length === 26)
    .map((name) => JSON.parse(readFileSync(join(directory, name, "meta.json"), "utf8")))
    .sort((left, right) => left.minTime - right.minTime);
}

function sizeOf(path) {
  return readdirSync(path, { recursive: true })
    .map((name) => statSync(join(path, name)))
    .filter((stat) => stat.isFile())
    .reduce((sum, stat) => sum + stat.size, 0);
}

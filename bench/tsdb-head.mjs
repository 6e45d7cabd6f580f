// Measures the head and its log: node bench/tsdb-head.mjs [targets] [series per target] [scrapes]
// Half of the series stand still, three in ten count, two in ten move with decimals. The log is really written, to a
// temporary directory that is removed at the end. Times are user + system CPU of the process.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsOf, makeMatcher, newSampleColumn, VirtualClock } from "@tatou/model";
import { Tsdb } from "@tatou/tsdb";

const [targetCount = 50, seriesPerTarget = 1000, scrapeCount = 240] = process.argv.slice(2).map(Number);
const seriesCount = targetCount * seriesPerTarget;
const sampleCount = seriesCount * scrapeCount;
const startMs = 1_700_000_000_000;
const directory = mkdtempSync(join(tmpdir(), "tatou-bench-"));
const clock = new VirtualClock(startMs + scrapeCount * 15_000);

function measured(what, count, unit, work) {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  console.log(`${what.padEnd(44)} ${((1000 * (user + system)) / count).toFixed(1).padStart(9)} ns per ${unit}`);
  return result;
}

function labelsOfSeries(target, series) {
  return labelsOf({
    __name__: ["requests_total", "latency_bucket", "queue_depth", "memory_bytes"][series % 4],
    job: "load",
    instance: `host-${target}:9100`,
    path: `/api/v1/${series % 50}`,
    status: String(200 + (series % 7)),
    shard: String(series),
  });
}

function valueOf(series, scrape) {
  const kind = series % 10;
  if (kind < 5) return series;
  return kind < 8 ? scrape * (kind + 1) + (scrape % kind) : Math.round(1000 * Math.sin(scrape + series)) / 10;
}

async function main() {
  const heapBefore = process.memoryUsage().rss;
  let tsdb = await Tsdb.open({ directory, clock });
  const refs = [];
  const known = [];
  for (let target = 0; target < targetCount; target++) {
    for (let series = 0; series < seriesPerTarget; series++) known.push(labelsOfSeries(target, series));
  }
  measured("resolve new series, with its record in the log", seriesCount, "series", () => {
    for (let first = 0; first < seriesCount; first += seriesPerTarget) {
      const appender = tsdb.appender();
      for (const labels of known.slice(first, first + seriesPerTarget)) refs.push(appender.resolve(labels));
      appender.commit();
    }
  });
  measured("resolve known series", seriesCount, "series", () => {
    const appender = tsdb.appender();
    for (const labels of known) appender.resolve(labels);
    appender.rollback();
  });
  measured(`append and commit, batches of ${seriesPerTarget}`, sampleCount, "sample", () => {
    for (let scrape = 0; scrape < scrapeCount; scrape++) {
      for (let target = 0; target < targetCount; target++) {
        const appender = tsdb.appender();
        const first = target * seriesPerTarget;
        for (let series = 0; series < seriesPerTarget; series++) {
          appender.append(refs[first + series], startMs + scrape * 15_000 + target, valueOf(series, scrape));
        }
        appender.commit();
      }
    }
  });
  await measureSelect(tsdb);
  const stats = tsdb.stats();
  const perSeries = (bytes) => `${Math.round(bytes / seriesCount)} bytes per series`;
  console.log(
    `arena ${perSeries(stats.memoryUsedBytes)}, process ${perSeries(process.memoryUsage().rss - heapBefore)}`,
  );
  console.log(`log ${(stats.walBytes / sampleCount).toFixed(2)} bytes per sample`);
  await tsdb.close();
  const before = process.cpuUsage();
  tsdb = await Tsdb.open({ directory, clock });
  const { user, system } = process.cpuUsage(before);
  console.log(`replay ${((1000 * (user + system)) / sampleCount).toFixed(1)} ns per sample`);
  await tsdb.close();
}

async function measureSelect(tsdb) {
  const column = newSampleColumn();
  const range = { minTimeMs: 0, maxTimeMs: 2 * startMs };
  const all = [makeMatcher("job", "=", "load")];
  const before = process.cpuUsage();
  const selection = await tsdb.select({ ...range, matchers: all });
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${"select all, sorted by labels".padEnd(44)} ${((1000 * (user + system)) / seriesCount).toFixed(1).padStart(9)} ns per series`,
  );
  measured("read samples", sampleCount, "sample", () => {
    for (let index = 0; index < selection.seriesCount; index++) selection.readSamples(index, column);
  });
  measured("labels", seriesCount, "series", () => {
    for (let index = 0; index < selection.seriesCount; index++) selection.labelsAt(index);
  });
  selection.close();
  const narrow = [
    makeMatcher("__name__", "=", "queue_depth"),
    makeMatcher("shard", "=~", "1.2"),
    makeMatcher("status", "!=", "201"),
  ];
  const startedMs = performance.now();
  const rounds = 20;
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const narrowSelection = await tsdb.select({ ...range, matchers: narrow });
    found = narrowSelection.seriesCount;
    narrowSelection.close();
  }
  console.log(
    `narrow select with an expression: ${((performance.now() - startedMs) / rounds).toFixed(2)} ms for ${found} series`,
  );
}

try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

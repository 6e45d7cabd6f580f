// What a start costs that reads the log back, beside Debian's Prometheus on copies of the same directory.
//   node bench/tsdb-replay.mjs [--series 25000] [--scrapes 480] [--rounds 5]
// The store writes the directory: half of the series stand still, three in ten count, two in ten move with decimals. Then each
// program starts in turn, in a process of its own: Prometheus until it is ready, of ours the store alone. Figures are medians of
// processor time, of which that of a start on an empty directory is taken away; build first.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createSteadyClock } from "@tatou/http";
import { labelsOf, VirtualClock } from "@tatou/model";
import { Tsdb } from "@tatou/tsdb";

const { values } = parseArgs({
  options: {
    series: { type: "string", default: "25000" },
    scrapes: { type: "string", default: "480" },
    rounds: { type: "string", default: "5" },
    open: { type: "string" },
  },
});
const seriesPerTarget = 500;
const intervalMs = 15_000;
const port = 9473;

if (values.open !== undefined) {
  // The other process: opens a directory and says what it has cost since the process began.
  await Tsdb.open({ directory: values.open, clock: createSteadyClock() });
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1e6);
  process.exit(0);
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

async function write(directory, targetCount, scrapeCount) {
  const startMs = Date.now() - scrapeCount * intervalMs;
  const clock = new VirtualClock(startMs);
  const store = await Tsdb.open({ directory, clock });
  const refs = new Uint32Array(targetCount * seriesPerTarget);
  const row = { values: new Float64Array(seriesPerTarget), statuses: new Uint8Array(seriesPerTarget) };
  for (let scrape = 0; scrape < scrapeCount; scrape++) {
    for (let target = 0; target < targetCount; target++) {
      const own = refs.subarray(target * seriesPerTarget, (target + 1) * seriesPerTarget);
      const appender = store.appender();
      for (let series = 0; series < seriesPerTarget; series++) {
        if (scrape === 0) own[series] = appender.resolve(labelsOfSeries(target, series));
        row.values[series] = valueOf(series, scrape);
      }
      const offsetMs = Math.floor((target * intervalMs) / targetCount);
      const timestampMs = startMs + scrape * intervalMs + offsetMs;
      appender.appendRow({ ...row, count: seriesPerTarget, timestampMs, refs: own });
      appender.commit();
    }
    await clock.advance(intervalMs);
  }
  await store.close();
}

function tatouSeconds(directory) {
  const flags = ["--max-semi-space-size=2", fileURLToPath(import.meta.url), "--open", directory];
  return Number(execFileSync(process.execPath, flags, { encoding: "utf8" }));
}

async function prometheusSeconds(directory) {
  const config = `${directory}.yml`;
  writeFileSync(config, "global: {}\n");
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${directory}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn("prometheus", args, { stdio: "ignore" });
  const exited = once(child, "exit");
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) await wait(20);
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  child.kill();
  await exited;
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function median(numbers) {
  return numbers.toSorted((left, right) => left - right)[numbers.length >>> 1];
}

const folder = mkdtempSync(join(tmpdir(), "tatou-bench-replay-"));
try {
  const targetCount = Math.ceil(Number(values.series) / seriesPerTarget);
  const data = join(folder, "data");
  const empty = join(folder, "empty");
  mkdirSync(empty);
  await write(data, targetCount, Number(values.scrapes));
  const programs = { Prometheus: prometheusSeconds, Tatou: tatouSeconds };
  const found = { Prometheus: { empty: [], full: [] }, Tatou: { empty: [], full: [] } };
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, secondsOf] of Object.entries(programs)) {
      for (const [kind, source] of Object.entries({ empty, full: data })) {
        const copy = join(folder, "copy");
        cpSync(source, copy, { recursive: true });
        found[name][kind].push(await secondsOf(copy));
        rmSync(copy, { recursive: true });
      }
    }
  }
  const sampleCount = targetCount * seriesPerTarget * Number(values.scrapes);
  for (const [name, { empty: emptySeconds, full }] of Object.entries(found)) {
    const seconds = median(full) - median(emptySeconds);
    const each = ((seconds * 1e9) / sampleCount).toFixed(1);
    console.log(`${name.padEnd(12)} ${each.padStart(6)} ns a sample; in all ${median(full).toFixed(2)} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

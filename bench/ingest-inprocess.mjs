// The way of samples alone, without rules, doors and pages: scrape manager and storage in one process.
//   node bench/ingest-inprocess.mjs CONFIG DIRECTORY [seconds between lines, 10]
// Scrapes the targets of a Prometheus configuration into a data directory until it is told to end, and prints what that
// costs. Start it with the flags of the launcher: --no-lazy-feedback-allocation --max-semi-space-size=2
import { readFileSync } from "node:fs";
import { loadPrometheusConfig } from "@tatou/config";
import { createSteadyClock } from "@tatou/http";
import { ScrapeManager } from "@tatou/scrape";
import { Tsdb } from "@tatou/tsdb";

const [configFile, directory, secondsText = "10"] = process.argv.slice(2);
const clock = createSteadyClock();
const config = loadPrometheusConfig(readFileSync(configFile, "utf8"), configFile);
const tsdb = await Tsdb.open({ directory, clock });
const total = { scrapes: 0, samples: 0, failed: 0 };
const scrapes = new ScrapeManager({
  appendable: tsdb,
  clock,
  onScrape({ tally, error }) {
    total.scrapes++;
    total.samples += tally.kept;
    if (error !== undefined) total.failed++;
  },
});
scrapes.apply(config);

let before = { ...total, cpu: process.cpuUsage() };
const printing = setInterval(() => {
  const cpu = process.cpuUsage();
  const microseconds = cpu.user + cpu.system - before.cpu.user - before.cpu.system;
  const count = total.scrapes - before.scrapes;
  const series = tsdb.stats().seriesCount;
  const rssBytes = process.memoryUsage.rss();
  console.log(
    JSON.stringify({
      scrapes: total.scrapes,
      failed: total.failed,
      series,
      cpuSecondsPerMillionSamples: Number((microseconds / (total.samples - before.samples)).toFixed(3)),
      cpuMicrosecondsPerScrape: Math.round(microseconds / count),
      rssBytesPerSeries: Math.round(rssBytes / series),
      rssMebibytes: Math.round(rssBytes / 2 ** 20),
    }),
  );
  before = { ...total, cpu };
}, Number(secondsText) * 1000);

async function end() {
  clearInterval(printing);
  await scrapes.close();
  await tsdb.close();
  process.exit(0);
}
process.on("SIGTERM", () => void end());
process.on("SIGINT", () => void end());

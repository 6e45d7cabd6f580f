import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { VirtualClock } from "@tatou/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineProcess, startTarget } from "../lib/engine-process.ts";
import { freePorts, isInstalled, TestProcess, until } from "../lib/processes.ts";
import { historySeries, historyStartMs, tickMs, tickTimeMs } from "../storage/history.ts";
import { appendTick } from "../storage/history-writer.ts";
import { openStore } from "../storage/open-store.ts";
import { answerOf, differenceOf, fiftyQuestions, pointCountOf, type Question } from "./lib/storage-questions.ts";

const missing = isInstalled("prometheus") && isInstalled("promtool") ? null : "prometheus is not on PATH";
const tickCount = 1800;
const series = historySeries(40);

/** The same directory, once under theirs and once under ours; each has a copy of its own, as both write to it. */
describe.skipIf(missing !== null)(
  `one directory, two engines${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let folder: string;
    const running: { stop(): Promise<unknown> }[] = [];

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "tatou-storage-"));
    });
    afterAll(async () => {
      await Promise.all(running.map((program) => program.stop()));
      rmSync(folder, { recursive: true, force: true });
    });

    const startTheirs = async (name: string, data: string, targets: readonly string[] = []): Promise<string> => {
      const [port] = await freePorts(1);
      const config = join(folder, `${name}.yml`);
      writeFileSync(config, configOf(targets));
      const program = new TestProcess("prometheus", [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        "--storage.tsdb.retention.time=100y",
        `--web.listen-address=127.0.0.1:${port}`,
        "--enable-feature=native-histograms",
        "--log.level=warn",
      ]);
      running.push(program);
      await until("Prometheus to be ready", async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok);
      return `http://127.0.0.1:${port}`;
    };
    const startOurs = async (name: string, data: string): Promise<string> => {
      const [port = 0] = await freePorts(1);
      const engine = new EngineProcess(join(folder, name), port);
      engine.write("prometheus.yml", configOf([]));
      cpSync(data, join(folder, name, "data"), { recursive: true });
      running.push(engine);
      await engine.start(["--storage.tsdb.retention.time=100y"]);
      return engine.url;
    };

    test("fifty questions about a directory of ours: blocks, head, log, late samples", async () => {
      const data = join(folder, "written-by-us");
      await writeHistory(data);
      cpSync(data, `${data}-copy`, { recursive: true });
      const [theirs, ours] = await Promise.all([startTheirs("theirs-1", `${data}-copy`), startOurs("ours-1", data)]);
      const questions = fiftyQuestions(
        { counter: "history_counter", gauge: "history_late", any: "history_(counter|decimal|gaps|churn|late)" },
        { endMs: tickTimeMs(tickCount - 2) + 7001, hours: 7, rangeText: "5m" },
      );
      await compare(theirs, ours, questions);
    }, 120_000);

    test("fifty questions about a directory of theirs: blocks by promtool, a head that was scraped", async () => {
      const data = join(folder, "written-by-them");
      makeBlocks(folder, data);
      let count = 0;
      const target = await startTarget(() => exposition(count++));
      const scraping = await startTheirs("scraping", data, [target.address]);
      await setTimeout(10_000);
      const endMs = Date.now() - 500;
      await running.pop()?.stop();
      await target.close();
      expect(scraping).toContain("127.0.0.1");
      cpSync(data, `${data}-copy`, { recursive: true });
      const [theirs, ours] = await Promise.all([startTheirs("theirs-2", `${data}-copy`), startOurs("ours-2", data)]);
      const blocks = fiftyQuestions(
        { counter: "history_counter", gauge: "history_decimal", any: "history_.*" },
        { endMs: historyStartMs + 6 * 3_600_000 + 7001, hours: 6, rangeText: "5m" },
      );
      await compare(theirs, ours, blocks);
      const head = fiftyQuestions(
        { counter: "live_total", gauge: "live_value", any: "live_.*" },
        { endMs, hours: 0.001, rangeText: "2s" },
      );
      await compare(theirs, ours, head);
    }, 120_000);
  },
);

async function compare(theirs: string, ours: string, questions: readonly Question[]): Promise<void> {
  const differences: string[] = [];
  let pointCount = 0;
  for (const question of questions) {
    const [their, our] = await Promise.all([answerOf(theirs, question), answerOf(ours, question)]);
    pointCount += pointCountOf(their);
    const difference = differenceOf(their, our);
    if (difference !== null)
      differences.push(
        `${question.expr} ${question.startMs === null ? "at" : "until"} ${question.endMs}: ${difference}`,
      );
  }
  expect(differences).toEqual([]);
  expect(questions).toHaveLength(50);
  expect(pointCount).toBeGreaterThan(1000);
}

async function writeHistory(directory: string): Promise<void> {
  const clock = new VirtualClock(tickTimeMs(0));
  const store = await openStore(directory, clock);
  for (let tick = 0; tick < tickCount; tick++) {
    appendTick(store, series, tick);
    await clock.advance(tickMs);
  }
  await store.close();
}

/** Six hours of counters and decimals as OpenMetrics text, made into blocks by promtool. */
function makeBlocks(folder: string, data: string): void {
  const families = new Map<string, string[]>([
    ["history_counter", ["# TYPE history_counter gauge"]],
    ["history_decimal", ["# TYPE history_decimal gauge"]],
  ]);
  for (const [name, lines] of families) {
    for (let index = 0; index < 12; index++) {
      for (let at = 0; at < 6 * 3600; at += 15) {
        const value = name === "history_counter" ? (at % 5000) * (index + 1) : Math.sin(at / 100 + index);
        const labels = `instance="host-${index % 3}:9100",job="history",series="${index}"`;
        lines.push(`${name}{${labels}} ${value} ${historyStartMs / 1000 + at}`);
      }
    }
  }
  const text = join(folder, "history.om");
  writeFileSync(text, `${[...families.values()].flat().join("\n")}\n# EOF\n`);
  const { status, stderr } = spawnSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", text, data], {
    encoding: "utf8",
  });
  expect(`${status} ${stderr}`).toBe("0 ");
}

function exposition(count: number): string {
  const lines = ["# TYPE live_total counter", "# TYPE live_value gauge"];
  for (let index = 0; index < 200; index++) {
    lines.push(`live_total{series="${index}"} ${(count % 23) * (index + 1)}`);
    lines.push(`live_value{series="${index}"} ${Math.sin(count + index)}`);
  }
  return `${lines.join("\n")}\n`;
}

function configOf(targets: readonly string[]): string {
  const scrape =
    targets.length === 0
      ? []
      : [
          "scrape_configs:",
          "- job_name: live",
          "  scrape_interval: 100ms",
          "  scrape_timeout: 100ms",
          `  static_configs: [{ targets: ${JSON.stringify(targets)} }]`,
        ];
  return ["storage: { tsdb: { out_of_order_time_window: 1h } }", ...scrape, ""].join("\n");
}

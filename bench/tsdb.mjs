// npm run bench:tsdb: the engine beside Debian's Prometheus in one run: what a sample costs to take in, what a series costs in
// memory, what a start costs that reads the log back, and what a sample costs on disk.
//   TATOU_SHARED=DIR node bench/tsdb.mjs [--targets 100] [--series 1000] [--interval 5] [--warm 180] [--window 60]
//                                        [--history DIR] [--settle 240]
// DIR/bench holds the load generator. --history: a folder whose `blocks` both compact and that is then weighed, as genblocks.mjs
// there makes one. Figures are of processor time; the machine may be busy, but then with the same for both.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    targets: { type: "string", default: "100" },
    series: { type: "string", default: "1000" },
    interval: { type: "string", default: "5" },
    warm: { type: "string", default: "180" },
    window: { type: "string", default: "60" },
    history: { type: "string" },
    settle: { type: "string", default: "240" },
  },
});
const shared = process.env["TATOU_SHARED"];
if (shared === undefined) throw new Error("Set TATOU_SHARED to the folder whose bench/loadgen.mjs plays the targets");
const loadgen = join(shared, "bench", "loadgen.mjs");
const tatou = fileURLToPath(new URL("../apps/cli/bin/tatou.mjs", import.meta.url));
const nodeFlags = ["--no-lazy-feedback-allocation", "--max-semi-space-size=2"];
const loadPort = 9470;
const folder = mkdtempSync(join(tmpdir(), "tatou-bench-tsdb-"));
const children = new Set();

function start(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "ignore"] });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

async function stop(child) {
  const exited = new Promise((resolve) => child.on("exit", resolve));
  child.kill();
  await exited;
}

/** The two programs, by the word under which the load generator counts them. */
const programs = {
  prometheus: {
    port: 9471,
    start: (config, data) =>
      start("prometheus", [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        "--storage.tsdb.retention.time=100y",
        "--web.listen-address=127.0.0.1:9471",
      ]),
  },
  tatou: {
    port: 9472,
    start: (config, data) =>
      start(process.execPath, [
        ...[...nodeFlags, tatou, "engine", "--config.file", config, "--storage.tsdb.path", data],
        ...["--storage.tsdb.retention.time", "100y", "--state.path", `${data}-state`],
        ...["--web.listen-address", "127.0.0.1:9472"],
      ]),
  },
};

/** User and system time of a process and its threads. */
function cpuSeconds({ pid }) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function rssBytes({ pid }) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
}

async function untilReady({ port }) {
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await wait(20);
  }
}

function bytesBelow(path) {
  const stat = statSync(path);
  return stat.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
    : stat.size;
}

async function loadConfig(name) {
  const args = [loadgen, "--print-config", name, "--targets", values.targets, "--interval", `${values.interval}s`];
  const child = spawn(process.execPath, [...args, "--port", String(loadPort)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, text);
  return file;
}

async function samplesTaken() {
  const { clients } = await (await fetch(`http://127.0.0.1:${loadPort}/stats`)).json();
  return Object.fromEntries(Object.keys(programs).map((name) => [name, clients[name]?.samples ?? 0]));
}

function report(what, unit, found) {
  const ratio = found.tatou / found.prometheus;
  const figure = (value) => value.toFixed(value < 10 ? 3 : 0).padStart(9);
  console.log(
    `${what.padEnd(34)} Prometheus ${figure(found.prometheus)}   Tatou ${figure(found.tatou)} ${unit.padEnd(8)} ${ratio.toFixed(2)}`,
  );
}

async function eachProgram(work) {
  const found = {};
  for (const [name, program] of Object.entries(programs)) found[name] = await work(name, program);
  return found;
}

async function measureIngest() {
  const load = start(process.execPath, [
    ...[loadgen, "--targets", values.targets, "--series", values.series, "--port", String(loadPort)],
  ]);
  const seriesCount = Number(values.targets) * Number(values.series);
  await wait(2000 + seriesCount / 100);
  const running = await eachProgram(async (name, program) =>
    program.start(await loadConfig(name), join(folder, `${name}-data`)),
  );
  await wait(Number(values.warm) * 1000);
  const samplesBefore = await samplesTaken();
  const cpuBefore = await eachProgram((name) => cpuSeconds(running[name]));
  await wait(Number(values.window) * 1000);
  const cpuAfter = await eachProgram((name) => cpuSeconds(running[name]));
  const samplesAfter = await samplesTaken();
  const cost = (name) => ((cpuAfter[name] - cpuBefore[name]) * 1e6) / (samplesAfter[name] - samplesBefore[name]);
  report("processor, a million samples", "s", await eachProgram(cost));
  report("memory, a series", "bytes", await eachProgram((name) => rssBytes(running[name]) / seriesCount));
  await eachProgram((name) => stop(running[name]));
  await stop(load);
  const logBytes = (name) => bytesBelow(join(folder, `${name}-data`, "wal")) / samplesAfter[name];
  report("log, a sample", "bytes", await eachProgram(logBytes));
  return samplesAfter;
}

/** Of a start on the data that was taken in, and of one on nothing: the difference is what reading it back costs. */
async function measureReplay(samples) {
  const config = join(folder, "empty.yml");
  writeFileSync(config, "global: {}\n");
  const startCpu = async (program, data) => {
    const child = program.start(config, data);
    await untilReady(program);
    const seconds = cpuSeconds(child);
    await stop(child);
    return seconds;
  };
  const cost = async (name, program) => {
    const empty = await startCpu(program, join(folder, `${name}-empty`));
    const full = await startCpu(program, join(folder, `${name}-data`));
    return ((full - empty) * 1e6) / samples[name];
  };
  report("start, a million samples read back", "s", await eachProgram(cost));
}

/** Both get the same blocks and the time to make larger ones of them. */
async function measureDisk(history) {
  const config = join(folder, "empty.yml");
  const running = await eachProgram((name, program) => {
    const data = join(folder, `${name}-history`);
    mkdirSync(data);
    cpSync(join(history, "blocks"), data, { recursive: true });
    return program.start(config, data);
  });
  await wait(Number(values.settle) * 1000);
  await eachProgram((name) => stop(running[name]));
  const blocksOf = (name) => {
    const data = join(folder, `${name}-history`);
    return readdirSync(data)
      .map((entry) => join(data, entry))
      .filter((path) => /[0-9A-Z]{26}$/.test(path));
  };
  const perSample = (name) => {
    const blocks = blocksOf(name);
    const metas = blocks.map((path) => JSON.parse(readFileSync(join(path, "meta.json"), "utf8")));
    const samples = metas.reduce((sum, { stats }) => sum + stats.numSamples, 0);
    return blocks.reduce((sum, path) => sum + bytesBelow(path), 0) / samples;
  };
  report("blocks, a sample", "bytes", await eachProgram(perSample));
}

try {
  const samples = await measureIngest();
  await measureReplay(samples);
  if (values.history !== undefined) await measureDisk(values.history);
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

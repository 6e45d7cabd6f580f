// npm run soak:tsdb -- [--minutes 10] [--series 160] [--seed 1] [--speed 600] [--kill-every 30]
// Ingest, compaction, queries and kills at once: a process writes and answers, another one asks, compares each answer with
// that of the plain evaluator over a plain copy of the samples, and kills the first now and then.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nodeYieldTurn } from "@tatou/http";
import { MemoryStore } from "@tatou/model";
import { historySeries, lateTicks, tickMs, tickTimeMs } from "./history.ts";
import { appendTick } from "./history-writer.ts";
import { randomFrom } from "./random.ts";
import { expressions, type Question, resultText } from "./soak-questions.ts";

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    series: { type: "string", default: "160" },
    seed: { type: "string", default: "1" },
    speed: { type: "string", default: "600" },
    "kill-every": { type: "string", default: "30" },
  },
});
const directory = mkdtempSync(join(tmpdir(), "tatou-soak-"));
const series = historySeries(Number(options.series));
const random = randomFrom(Number(options.seed));
const copy = new MemoryStore();
let lastTick = -1;
let killCount = 0;
const reports = new Map<string, number>();
const said: string[] = [];
const answers = new Map<number, (text: string | null) => void>();

const endAtMs = Date.now() + Number(options.minutes) * 60_000;
let engine = start();
let killAtMs = nextKillMs();
let askedCount = 0;
let lostCount = 0;
let reportedAtMs = Date.now();
while (Date.now() < endAtMs) {
  if (lastTick < 100) await pause(50);
  else await ask();
  if (Date.now() >= killAtMs) {
    await kill();
    engine = start();
    killAtMs = nextKillMs();
  }
  if (Date.now() - reportedAtMs > 30_000) report();
}
report();
await kill();
rmSync(directory, { recursive: true, force: true });
for (const [text, count] of reports) process.stdout.write(`${count} x ${text}\n`);
process.stdout.write(`${askedCount} answers, ${lostCount} more lost with a kill, ${killCount} kills: no difference\n`);

interface Message {
  readonly kind: string;
  readonly text?: string;
  readonly tick?: number;
  readonly id?: number;
}

function start(): ChildProcess {
  const script = fileURLToPath(new URL("./soak-engine.ts", import.meta.url));
  // The tick that was under way is written again: what is there already stays as it is.
  const args = ["--import", "tsx", script, directory, String(lastTick + 1), options.series, options.speed];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.on("message", (message: Message) => {
    if (message.tick !== undefined) takeTick(message.tick);
    else if (message.id !== undefined) answers.get(message.id)?.(message.text ?? "");
    else {
      said.push(`tick ${lastTick}: ${message.text}`);
      if (message.kind !== "info") count(`${message.kind}: ${message.text}`);
    }
  });
  child.on("exit", (code, signal) => {
    for (const answer of answers.values()) answer(null);
    if (signal === "SIGKILL") return;
    process.stdout.write(`The engine ended by itself (${code ?? signal}); directory: ${directory}\n`);
    process.exit(1);
  });
  return child;
}

function takeTick(tick: number): void {
  appendTick(copy, series, tick, "inOrder");
  lastTick = tick;
}

async function ask(): Promise<void> {
  const endTick = lastTick - lateTicks - Math.floor(random() * Math.min(lastTick / 2, 3000));
  const ticks = Math.floor(random() ** 3 * Math.min(endTick, 4000)) + 1;
  const question: Question = {
    id: askedCount + lostCount,
    expr: expressions[Math.floor(random() * expressions.length)] ?? "",
    startMs: tickTimeMs(Math.max(0, endTick - ticks)) + Math.floor(random() * tickMs),
    endMs: tickTimeMs(endTick),
    stepMs: Math.max(1, Math.ceil(ticks / 60)) * tickMs,
  };
  const asked = engine;
  // Null when it is killed before.
  const answer = new Promise<string | null>((resolve) => answers.set(question.id, resolve));
  asked.send(question);
  const killTimer = setTimeout(() => asked.kill("SIGKILL"), Math.max(0, killAtMs - Date.now()));
  const text = await answer;
  clearTimeout(killTimer);
  answers.delete(question.id);
  if (text === null) {
    lostCount++;
    return;
  }
  askedCount++;
  const expected = await resultText(copy, question, nodeYieldTurn);
  if (text === expected) return;
  process.stdout.write(`${JSON.stringify(question)}\n${firstDifference(text, expected)}\n`);
  process.stdout.write(`the engine was at tick ${lastTick} and had said:\n${said.slice(-20).join("\n")}\n`);
  process.stdout.write(`directory: ${directory}\n`);
  process.exit(1);
}

/** Where two answers differ, in words. */
function firstDifference(store: string, plain: string): string {
  const lines = (text: string): string[] => text.split(/(?<=\]),(?=\{"labels")/);
  const [left, right] = [lines(store), lines(plain)];
  const index = left.findIndex((line, at) => line !== right[at]);
  return `series ${index} of ${left.length} and ${right.length}\nstore: ${left[index]}\nplain: ${right[index]}`;
}

async function kill(): Promise<void> {
  if (engine.signalCode === null) {
    const exited = once(engine, "exit");
    engine.kill("SIGKILL");
    await exited;
  }
  killCount++;
}

function nextKillMs(): number {
  return Date.now() + (0.2 + 1.6 * random()) * Number(options["kill-every"]) * 1000;
}

function report(): void {
  reportedAtMs = Date.now();
  const blockCount = readdirSync(directory).filter((name) => name.length === 26).length;
  process.stdout.write(`tick ${lastTick}, ${blockCount} blocks, ${askedCount} answers, ${killCount} kills\n`);
}

function count(text: string): void {
  const shape = text
    .replace(/"[^"]*"/g, "…")
    .replace(/[0-9A-Z]{26}/g, "ULID")
    .replace(/\d+/g, "N");
  reports.set(shape, (reports.get(shape) ?? 0) + 1);
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Program } from "./program.ts";
import { type ProgramEvent, Supervisor } from "./supervisor.ts";

/** Small programs, each as a process of its own. */
const scripts = {
  good: `process.send({ kind: "ready" }); process.on("message", () => process.exit(0)); console.log("hello"); setInterval(() => {}, 1000);`,
  crashing: `console.error("TypeError: boom\\n    at here"); process.exit(3);`,
  refusing: `console.error("no.yml:1:2: Cannot load it"); process.exit(78);`,
  deaf: `process.send({ kind: "ready" }); process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`,
  wordy: `process.stdout.write("ä".repeat(100000) + "\\nlast line without an end"); process.send({ kind: "ready" }); process.on("message", () => process.exit(0));`,
  telling: `process.send({ kind: "progress", text: "reading", isLine: true }); process.send({ kind: "progress" });
    process.send({ kind: "ready" }); setInterval(() => {}, 1000); process.on("message", () => process.exit(0));`,
} as const;

let folder: string;
let clock: VirtualClock;
let events: ProgramEvent[];
let supervisor: Supervisor;
let waiting: { readonly kind: ProgramEvent["kind"]; readonly resolve: (event: ProgramEvent) => void }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-supervisor-"));
  clock = new VirtualClock();
  events = [];
  waiting = [];
});
afterEach(async () => {
  supervisor.kill();
  await supervisor.stop();
  rmSync(folder, { recursive: true });
});

function supervise(name: keyof typeof scripts): void {
  const script = join(folder, `${name}.mjs`);
  writeFileSync(script, scripts[name]);
  const program: Program = { name: "engine", title: "", script, args: [], environment: {}, nodeFlags: [], url: "" };
  supervisor = new Supervisor(program, {
    clock,
    report: (event) => {
      events.push(event);
      const told = waiting.filter(({ kind }) => kind === event.kind);
      waiting = waiting.filter(({ kind }) => kind !== event.kind);
      for (const { resolve } of told) resolve(event);
    },
  });
}

/** The next event of a kind. */
function next<Kind extends ProgramEvent["kind"]>(kind: Kind): Promise<Extract<ProgramEvent, { kind: Kind }>> {
  return new Promise((resolve) => {
    waiting.push({ kind, resolve: resolve as (event: ProgramEvent) => void });
  });
}

function kinds(): readonly string[] {
  return events.map(({ kind }) => kind).filter((kind) => kind !== "output");
}

test("a program starts, says that it is ready, and ends when it is asked to", async () => {
  supervise("good");
  const ready = next("ready");
  supervisor.start();
  await ready;
  await supervisor.stop();
  expect(kinds()).toEqual(["starting", "ready", "stopped"]);
  expect(events).toContainEqual(expect.objectContaining({ kind: "output", stream: "stdout", line: "hello" }));
  expect(events.at(-1)).toMatchObject({ wasKilled: false });
});

test("how far a start has come is handed on", async () => {
  supervise("telling");
  const ready = next("ready");
  supervisor.start();
  await ready;
  expect(kinds()).toEqual(["starting", "progress", "ready"]);
  expect(events[1]).toMatchObject({ kind: "progress", text: "reading", isLine: true });
  await supervisor.stop();
});

test("one that dies is started again after 1, 2, 4 ... 30 s, and says why it died", async () => {
  supervise("crashing");
  const delays: number[] = [];
  let ended = next("ended");
  supervisor.start();
  for (let death = 0; death < 7; death++) {
    const event = await ended;
    expect(event).toMatchObject({ how: "code 3", errorLines: ["TypeError: boom", "    at here"] });
    delays.push(event.restartInMs);
    ended = next("ended");
    await clock.advance(event.restartInMs - 1);
    expect(events.at(-1)).toBe(event);
    await clock.advance(1);
    expect(events.at(-1)?.kind).toBe("starting");
  }
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  await ended;
});

test("one that lived for a minute is started again after a second", async () => {
  supervise("crashing");
  let ended = next("ended");
  supervisor.start();
  await clock.advance((await ended).restartInMs);
  ended = next("ended");
  await clock.advance(61_000);
  expect((await ended).restartInMs).toBe(1000);
});

test("one that refuses is not started again, and its reason is handed on", async () => {
  supervise("refusing");
  const refused = next("refused");
  supervisor.start();
  expect((await refused).errorLines).toEqual(["no.yml:1:2: Cannot load it"]);
  await clock.advance(120_000);
  expect(kinds()).toEqual(["starting", "refused"]);
});

test("one that does not end is killed when the patience is over", async () => {
  supervise("deaf");
  const ready = next("ready");
  supervisor.start();
  await ready;
  const stopped = supervisor.stop();
  await clock.advance(14_999);
  expect(kinds()).toEqual(["starting", "ready"]);
  await clock.advance(1);
  await stopped;
  expect(events.at(-1)).toMatchObject({ kind: "stopped", wasKilled: true });
});

test("stopping while it waits for a restart cancels the restart", async () => {
  supervise("crashing");
  const ended = next("ended");
  supervisor.start();
  await ended;
  await supervisor.stop();
  await clock.advance(60_000);
  expect(kinds()).toEqual(["starting", "ended"]);
});

test("an endless line is cut, and the last line needs no end", async () => {
  supervise("wordy");
  const ready = next("ready");
  supervisor.start();
  await ready;
  await supervisor.stop();
  const lines = events.flatMap((event) => (event.kind === "output" ? [event.line] : []));
  expect(lines.map((line) => line.length)).toEqual([16_384, "last line without an end".length]);
});

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@tatou/model";
import { describeEventLog, readEvents } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileEventLog, type FileEventLogOptions } from "./file-event-log.ts";
import { verifyEventLog } from "./verify.ts";

const dayMs = 24 * 3600 * 1000;
/** 2026-11-22T12:00:00Z */
const noonMs = 1_795_348_800_000;

let directory: string;
let clock: VirtualClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tatou-events-"));
  clock = new VirtualClock(noonMs);
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

function open(options: Partial<FileEventLogOptions> = {}): Promise<FileEventLog> {
  return FileEventLog.open({ directory, clock, ...options });
}

describeEventLog("FileEventLog", async () => ({ log: await open() }));

/** Appends events with some text each, so that files fill. */
function fill(log: FileEventLog, count: number): void {
  for (let index = 0; index < count; index++) log.append({ kind: "test", data: { text: "x".repeat(100) } });
}

test("goes on behind what is there", async () => {
  const first = await open();
  fill(first, 3);
  const head = first.head();
  await first.close();
  const second = await open();
  expect(second.head()).toEqual(head);
  expect(second.append({ kind: "test", data: {} })).toMatchObject({ seq: 4, prev: head.hash });
  expect(await second.verify()).toEqual({ ok: true, firstSeq: 1, lastSeq: 4, hash: second.head().hash });
  await second.close();
});

test("keeps everything that was appended before a kill -9", async () => {
  const script = `
    import { FileEventLog } from ${JSON.stringify(new URL("file-event-log.ts", import.meta.url).href)};
    import { SystemClock } from "@tatou/model";
    const clock = new SystemClock({ nowMs: Date.now, monotonicMs: Date.now, setTimer: setTimeout, clearTimer: clearTimeout });
    const log = await FileEventLog.open({ directory: ${JSON.stringify(directory)}, clock });
    for (;;) {
      const { seq } = log.append({ kind: "test", data: { text: "x".repeat(500) } });
      process.stdout.write(seq + "\\n");
      if (seq % 50 === 0) await new Promise(setImmediate);
    }`;
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    "--conditions=source",
    "--input-type=module",
    "--eval",
    script,
  ]);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.length > 5000) child.kill("SIGKILL");
  });
  await once(child, "close");
  const lastSaid = Number(said.split("\n").at(-2));
  const log = await open();
  expect(lastSaid).toBeGreaterThan(100);
  expect(log.head().seq).toBeGreaterThanOrEqual(lastSaid);
  expect(await log.verify()).toMatchObject({ ok: true, firstSeq: 1 });
  await log.close();
});

test.each([
  { what: "half a line", tail: '{"seq":4,"time":17', cutBytes: 18 },
  { what: "zeros, as a power cut leaves", tail: "\0\0\0\0\n\0\0", cutBytes: 7 },
])("cuts a torn end and says so: $what", async ({ tail, cutBytes }) => {
  const before = await open();
  fill(before, 3);
  const head = before.head();
  await before.close();
  const [name = ""] = await readdir(directory);
  await appendFile(join(directory, name), tail);
  const said: string[] = [];
  const log = await open({ log: { info: () => {}, warn: (message) => said.push(message), error: () => {} } });
  expect(said).toEqual([`Event log: cut a torn end of ${cutBytes} bytes from ${name}`]);
  expect(await readEvents(log, { fromSeq: 4 })).toMatchObject([
    { seq: 4, prev: head.hash, kind: "log.repair", data: { file: name, cutBytes } },
  ]);
  expect(await log.verify()).toMatchObject({ ok: true, lastSeq: 4 });
  await log.close();
});

test("sets a newest file aside that holds no line at all", async () => {
  const before = await open();
  fill(before, 2);
  await before.close();
  await writeFile(join(directory, "events-2026-11-23-000002.jsonl"), "\0".repeat(1000));
  const log = await open();
  expect(log.head().seq).toBe(3);
  expect(await log.verify()).toMatchObject({ ok: true, lastSeq: 3 });
  expect(await readdir(directory)).toContain("events-2026-11-23-000002.jsonl.unreadable");
  await log.close();
});

test("begins a file at each day and at the size, and reads across them", async () => {
  const log = await open({ segmentMaxBytes: 1000 });
  fill(log, 10);
  await clock.advance(dayMs);
  fill(log, 1);
  const names = await readdir(directory);
  expect(names.length).toBeGreaterThan(2);
  expect(names.at(-1)).toMatch(/^events-2026-11-23-\d{6}\.jsonl$/);
  expect((await readEvents(log)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect((await readEvents(log, { fromSeq: 6, limit: 2 })).map(({ seq }) => seq)).toEqual([6, 7]);
  expect(await log.verify()).toMatchObject({ ok: true, firstSeq: 1, lastSeq: 11 });
  await log.close();
});

test.each([
  { what: "age", options: { retentionMs: 2 * dayMs }, days: 5 },
  { what: "size", options: { segmentMaxBytes: 1000, retentionMaxBytes: 3000 }, days: 0 },
])("cuts the oldest files by $what and logs the cut", async ({ options, days }) => {
  const log = await open(options);
  fill(log, 15);
  for (let day = 0; day < days; day++) {
    await clock.advance(dayMs);
    fill(log, 2);
  }
  fill(log, 15);
  const events = await readEvents(log);
  expect(events[0]!.seq).toBeGreaterThan(1);
  const cuts = events.filter(({ kind }) => kind === "log.cut");
  expect(cuts.at(-1)?.data).toMatchObject({ lastSeq: events[0]!.seq - 1, lastHash: events[0]!.prev });
  expect(await log.verify()).toMatchObject({ ok: true, firstSeq: events[0]!.seq });
  await log.close();
});

test.each([
  { what: "an edited line", edit: (text: string) => text.replace('"n":2', '"n":9'), line: 3 },
  { what: "a line left out", edit: (text: string) => text.split("\n").toSpliced(1, 1).join("\n"), line: 2 },
  { what: "a line that is no event", edit: (text: string) => text.replace('{"seq":3', '{"seq":'), line: 3 },
  { what: "the first lines left out", edit: (text: string) => text.split("\n").slice(1).join("\n"), line: 1 },
])("verifying names $what", async ({ edit, line }) => {
  const log = await open();
  for (let n = 1; n <= 5; n++) log.append({ kind: "test", data: { n } });
  await log.close();
  const [name = ""] = await readdir(directory);
  const path = join(directory, name);
  await writeFile(path, edit(await readFile(path, "utf8")));
  expect(await verifyEventLog(directory)).toMatchObject({ ok: false, file: name, line });
});

test("verifying finds nothing wrong with an empty folder", async () => {
  expect(await verifyEventLog(directory)).toMatchObject({ ok: true, lastSeq: 0 });
});

test("data that is too large is replaced by its size", async () => {
  const log = await open();
  const event = log.append({ kind: "test", data: { text: "x".repeat(300_000) } });
  expect(event.data).toEqual({ omittedBytes: expect.any(Number) });
  expect(await log.verify()).toMatchObject({ ok: true });
  await log.close();
});

test("keeps events while the disk refuses them, tells of those it cannot keep, and writes on when it can", async () => {
  const log = await open();
  fill(log, 1);
  // A new day needs a new file, for which there is no folder now.
  await rename(directory, `${directory}-away`);
  await clock.advance(dayMs);
  fill(log, 10_003);
  expect(log.health()).toMatchObject({ ok: false, waitingCount: 10_000, lostCount: 3 });
  await rename(`${directory}-away`, directory);
  const next = log.append({ kind: "test", data: {} });
  expect(log.health()).toEqual({ ok: true });
  const tail = await readEvents(log, { fromSeq: 10_001 });
  expect(tail.map(({ seq, kind }) => [seq, kind])).toEqual([
    [10_001, "test"],
    [10_005, "log.lost"],
    [10_006, "test"],
  ]);
  expect(tail[1]!.data).toEqual({ firstSeq: 10_002, lastSeq: 10_004 });
  expect(next.seq).toBe(10_006);
  expect(await log.verify()).toMatchObject({ ok: true, lastSeq: 10_006 });
  await log.close();
});

test.runIf(process.platform === "linux")("a line that fits only in part leaves no trace in the file", () => {
  const script = `
    import { FileEventLog, verifyEventLog } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    import { SystemClock } from "@tatou/model";
    const clock = new SystemClock({ nowMs: Date.now, monotonicMs: Date.now, setTimer: setTimeout, clearTimer: clearTimeout });
    const directory = ${JSON.stringify(directory)};
    const log = await FileEventLog.open({ directory, clock });
    for (let index = 0; index < 10; index++) log.append({ kind: "test", data: { text: "x".repeat(1000) } });
    console.log(JSON.stringify([log.health().ok, log.health().waitingCount, (await verifyEventLog(directory)).lastSeq]));`;
  // The system refuses to make any file larger than 4 KiB, as a full disk would.
  const run = spawnSync(
    "bash",
    [
      "-c",
      'ulimit -f 4; exec "$0" --import tsx --conditions=source --input-type=module --eval "$1"',
      process.execPath,
      script,
    ],
    { encoding: "utf8", env: { ...process.env, TSX_DISABLE_CACHE: "1" } },
  );
  expect(run.stdout.trim()).toBe("[false,7,3]");
});

test("says what is wrong with a folder that cannot be used", async () => {
  const file = join(directory, "file");
  await writeFile(file, "");
  await expect(open({ directory: file })).rejects.toMatchObject({ code: "event_log_open" });
  await truncate(file);
});

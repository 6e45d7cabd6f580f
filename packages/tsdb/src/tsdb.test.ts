import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Appendable,
  type Clock,
  labelsOf,
  makeMatcher,
  newSampleColumn,
  type Queryable,
  StorageWriteError,
  VirtualClock,
} from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HeadStore } from "./head-store.ts";
import type { HeadStoreOptions } from "./head-store-options.ts";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb } from "./tsdb.ts";
import { nodeFiles } from "./wal/files.ts";

const t = testBaseMs;
const hourMs = 3_600_000;
let directory: ReturnType<typeof temporaryDirectory>;
let opened: { close(): Promise<void> }[];
const said: string[] = [];
const log = {
  info: (line: string) => said.push(`info: ${line}`),
  warn: (line: string) => said.push(`warn: ${line}`),
  error: (line: string) => said.push(`error: ${line}`),
};
beforeEach(() => {
  said.length = 0;
  directory = temporaryDirectory();
  opened = [];
});
afterEach(async () => {
  for (const tsdb of opened) await tsdb.close();
  directory.remove();
});

async function open(options: Parameters<typeof openTsdb>[1] = {}): Promise<Tsdb> {
  const tsdb = await openTsdb(directory.path, options);
  opened.push(tsdb);
  return tsdb;
}

/** Without blocks and what goes on in the background. */
async function openHead(options: Partial<HeadStoreOptions> & { readonly clock: Clock }): Promise<HeadStore> {
  const store = await HeadStore.open({ directory: directory.path, memoryMaxBytes: 64 * 1024 * 1024, ...options });
  opened.push(store);
  return store;
}

interface Peak {
  readonly memory: number;
  readonly wal: number;
}

/** Appends one sample to each series, named by its index. */
function scrape(store: Appendable, timeMs: number, seriesCount = 1): void {
  const appender = store.appender();
  for (let index = 0; index < seriesCount; index++) {
    appender.append(appender.resolve(labelsOf({ __name__: "m", index: String(index) })), timeMs, timeMs - t + index);
  }
  appender.commit();
}

async function timesOf(store: Queryable, index = "0"): Promise<number[]> {
  const matchers = [makeMatcher("__name__", "=", "m"), makeMatcher("index", "=", index)];
  const series = await readAll(store, { matchers, minTimeMs: t - 100 * hourMs, maxTimeMs: t + 100 * hourMs });
  return series.flatMap(({ samples }) => samples.map(([timeMs]) => timeMs - t));
}

const segmentPath = (index: number): string => join(directory.path, "wal", String(index).padStart(8, "0"));

test("a data directory holds the log and, while open, the lock", async () => {
  const tsdb = await open();
  scrape(tsdb, t);
  expect(readdirSync(directory.path).sort()).toEqual(["chunks_head", "lock", "wal", "wbl"]);
  await tsdb.close();
  expect(readdirSync(directory.path)).toEqual(["chunks_head", "wal", "wbl"]);
});

test("restarts without samples don't pile up segments", async () => {
  for (let round = 0; round < 5; round++) await (await open()).close();
  expect(readdirSync(join(directory.path, "wal"))).toEqual(["00000000"]);
});

test("what was written after restarts is read in order", async () => {
  for (let round = 0; round < 4; round++) {
    const tsdb = await open();
    scrape(tsdb, t + round, 3);
    expect(await timesOf(tsdb, "2")).toEqual(Array.from({ length: round + 1 }, (_, index) => index));
    expect(tsdb.stats()).toMatchObject({ seriesCount: 3, samplesReplayed: 3 * round, samplesAppended: 3 });
    await tsdb.close();
  }
});

test("replay tells how far it is", async () => {
  for (let round = 0; round < 3; round++) {
    const tsdb = await open();
    scrape(tsdb, t + round);
    await tsdb.close();
  }
  const seen: string[] = [];
  const tsdb = await open({ onReplayProgress: ({ state, current, max }) => seen.push(`${state} ${current}/${max}`) });
  expect(seen).toEqual(["replaying 0/2", "replaying 0/2", "replaying 1/2", "replaying 2/2", "done 2/2"]);
  expect(tsdb.walReplayStatus).toEqual({ state: "done", min: 0, max: 2, current: 2 });
});

test("a torn tail is cut, counted and said; everything before it is there", async () => {
  const first = await open();
  scrape(first, t, 3);
  await first.close();
  const sizeBytes = statSync(segmentPath(0)).size;
  const second = await open();
  scrape(second, t + 1, 3);
  await second.close();
  writeFileSync(segmentPath(1), readFileSync(segmentPath(1)).subarray(0, -1));
  const third = await open({ log });
  expect(said[0]).toMatch(
    /^warn: The write-ahead log was cut by \d+ bytes: Cannot read log segment ".*" at byte 0: a fragment is cut$/,
  );
  expect(third.stats()).toMatchObject({ walCorruptions: 1, samplesReplayed: 3 });
  expect(await timesOf(third)).toEqual([0]);
  expect(statSync(segmentPath(0)).size).toBe(sizeBytes);
  expect(statSync(segmentPath(1)).size).toBe(0);
});

test("damage in the middle costs the rest of its segment only", async () => {
  for (let round = 0; round < 3; round++) {
    const tsdb = await open();
    scrape(tsdb, t + 2 * round);
    scrape(tsdb, t + 2 * round + 1);
    await tsdb.close();
  }
  const bytes = readFileSync(segmentPath(1));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(segmentPath(1), bytes);
  const tsdb = await open();
  expect(await timesOf(tsdb)).toEqual([0, 1, 2, 4, 5]);
  scrape(tsdb, t + 6);
  await tsdb.close();
  const again = await open();
  expect(again.stats().walCorruptions).toBe(0);
  expect(await timesOf(again)).toEqual([0, 1, 2, 4, 5, 6]);
});

test("series whose record was lost get new numbers, not those that the log still names", async () => {
  const first = await open();
  scrape(first, t, 5);
  await first.close();
  const second = await open();
  scrape(second, t + 1, 5);
  await second.close();
  writeFileSync(segmentPath(0), "");
  const third = await open();
  expect(third.stats()).toMatchObject({ seriesCount: 0, samplesReplayed: 0 });
  const appender = third.appender();
  expect(appender.resolve(labelsOf({ __name__: "m", index: "0" }))).toBe(6);
  appender.rollback();
  scrape(third, t + 2, 2);
  await third.close();
  expect(await timesOf(await open(), "1")).toEqual([2]);
});

test("a full disk: samples stay in memory, health says so, and writing resumes with the series it missed", async () => {
  let full = false;
  const files = {
    ...nodeFiles,
    write(file: number, bytes: Uint8Array, position: number) {
      if (full) throw new Error("ENOSPC: no space left on device, write");
      return nodeFiles.write(file, bytes, position);
    },
  };
  const clock = new VirtualClock(t);
  const tsdb = await open({ files, clock });
  scrape(tsdb, t);
  full = true;
  await clock.advance(1000);
  expect(() => scrape(tsdb, t + 1000, 2)).toThrow(StorageWriteError);
  await clock.advance(1000);
  expect(() => scrape(tsdb, t + 2000, 2)).toThrow("Cannot write to the log: ENOSPC: no space left on device, write");
  expect(await timesOf(tsdb, "1")).toEqual([1000, 2000]);
  expect(tsdb.health()).toEqual({
    durable: false,
    problem: "Cannot write to the log: ENOSPC: no space left on device, write",
    failingSinceMs: t + 1000,
    samplesNotWritten: 4,
  });
  full = false;
  scrape(tsdb, t + 3000, 2);
  expect(tsdb.health()).toMatchObject({ durable: true, problem: null, failingSinceMs: null });
  expect(tsdb.stats().walWriteFailures).toBe(2);
  await tsdb.close();
  const again = await open();
  expect(await timesOf(again)).toEqual([0, 3000]);
  expect(await timesOf(again, "1")).toEqual([3000]);
});

test("a selection shows the moment it was made, whatever is committed or dropped after", async () => {
  const clock = new VirtualClock(t);
  const store = await openHead({ clock, retentionMs: hourMs });
  for (let index = 0; index < 50; index++) scrape(store, t + index * 1000, 2);
  const matchers = [makeMatcher("__name__", "=", "m")];
  const selection = await store.select({ matchers, minTimeMs: 0, maxTimeMs: t + 100 * hourMs });
  const usedBytes = store.stats().memoryUsedBytes;
  for (let index = 50; index < 1000; index++) scrape(store, t + index * 1000, 3);
  await clock.advance(10 * hourMs);
  for (let round = 0; round < 3; round++) store.truncateBefore(clock.nowMs() - hourMs);
  const column = newSampleColumn();
  expect(selection.seriesCount).toBe(2);
  selection.readSamples(1, column);
  expect([...column.values.subarray(0, column.count)]).toEqual(
    Array.from({ length: 50 }, (_, index) => index * 1000 + 1),
  );
  expect(selection.labelsAt(1)).toEqual(labelsOf({ __name__: "m", index: "1" }));
  expect(store.stats().openSelections).toBe(1);
  selection.close();
  selection.close();
  store.truncateBefore(clock.nowMs() - hourMs);
  expect(store.stats()).toMatchObject({ openSelections: 0, seriesCount: 0, chunkCount: 0, labelPairCount: 0 });
  expect(store.stats().memoryUsedBytes).toBeLessThan(usedBytes);
});

test("maintenance keeps memory and log bounded while series come and go", async () => {
  const clock = new VirtualClock(t);
  const store = await openHead({ clock, retentionMs: 4 * hourMs });
  const peaks: Peak[] = [];
  for (let minute = 0; minute < 36 * 60; minute++) {
    const appender = store.appender();
    for (let index = 0; index < 10; index++) {
      const pod = `pod-${Math.floor(minute / 30)}-${index}`;
      appender.append(appender.resolve(labelsOf({ __name__: "m", index: "0", pod })), clock.nowMs(), minute);
    }
    appender.commit();
    await clock.advance(60_000);
    if (minute % 30 === 0) store.truncateBefore(clock.nowMs() - 4 * hourMs);
    if (minute % (12 * 60) === 12 * 60 - 1) {
      peaks.push({ memory: store.stats().memoryUsedBytes, wal: store.stats().walBytes });
    }
  }
  const [, second, third] = peaks as [Peak, Peak, Peak];
  expect(third.memory).toBeLessThan(second.memory * 1.1);
  expect(third.wal).toBeLessThan(second.wal * 1.1);
  expect(store.stats().seriesCount).toBeLessThan(120);
  expect(store.stats().seriesRemoved).toBeGreaterThan(500);
  store.truncateBefore(clock.nowMs() - 4 * hourMs);
  const before = await timesOf(store);
  await store.close();
  expect(existsSync(segmentPath(0))).toBe(false);
  const again = await openHead({ clock, retentionMs: 4 * hourMs });
  again.truncateBefore(clock.nowMs() - 4 * hourMs);
  expect(await timesOf(again)).toEqual(before);
});

test("a sample from the future outlives the segments that are replaced around it", async () => {
  const clock = new VirtualClock(t);
  const store = await openHead({ clock, retentionMs: hourMs });
  scrape(store, t + 50 * hourMs);
  for (let hour = 0; hour < 20; hour++) {
    await clock.advance(hourMs);
    store.truncateBefore(clock.nowMs() - hourMs);
    const appender = store.appender();
    appender.append(appender.resolve(labelsOf({ __name__: "other" })), clock.nowMs(), hour);
    appender.commit();
  }
  expect(existsSync(segmentPath(0))).toBe(false);
  await store.close();
  await clock.advanceTo(t + 50 * hourMs);
  expect(await timesOf(await openHead({ clock }))).toEqual([50 * hourMs]);
});

test("deleted samples stay deleted over a restart and a checkpoint, and new ones are not touched", async () => {
  const clock = new VirtualClock(t);
  const first = await open({ clock, retentionMs: 10 * hourMs });
  for (let index = 0; index < 10; index++) scrape(first, t + index * 1000, 2);
  const matchers = [makeMatcher("index", "=", "0")];
  await first.deleteSamples({ matchers, minTimeMs: t + 2000, maxTimeMs: t + 6500 });
  await first.deleteSamples({ matchers, minTimeMs: t + 8500, maxTimeMs: t + hourMs });
  scrape(first, t + 20_000, 2);
  const left = [0, 1000, 7000, 8000, 20_000];
  expect(await timesOf(first)).toEqual(left);
  await first.close();
  const second = await open({ clock });
  expect(await timesOf(second)).toEqual(left);
  expect(await timesOf(second, "1")).toHaveLength(11);
});

test("when the disk takes no chunks and memory is full, the oldest samples go, not the newest", async () => {
  const files = {
    ...nodeFiles,
    open(path: string, mode: "create" | "existing") {
      if (path.includes("chunks_head")) throw new Error("ENOSPC: no space left on device, open");
      return nodeFiles.open(path, mode);
    },
  };
  const tsdb = await open({ memoryMaxBytes: 4 * 1024 * 1024, files });
  for (let index = 0; index < 5000; index++) {
    const appender = tsdb.appender();
    for (let series = 0; series < 100; series++) {
      const ref = appender.resolve(labelsOf({ __name__: "m", index: String(series) }));
      appender.append(ref, t + index * 15_000, Math.sin(index * series));
    }
    appender.commit();
  }
  const times = await timesOf(tsdb, "7");
  expect(tsdb.stats().earlyDropCount).toBeGreaterThan(0);
  expect(times.at(-1)).toBe(4999 * 15_000);
  expect(times.length).toBeGreaterThan(500);
  expect(tsdb.stats().memoryReservedBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(tsdb.health()).toMatchObject({ durable: false, samplesNotWritten: 0 });
  expect(tsdb.health().problem).toMatch(/^Cannot write head chunks: ENOSPC/);
});

test.each([
  { what: "older than retention", timeMs: t - 16 * 24 * hourMs },
  { what: "beyond what formats hold", timeMs: 2 ** 51 },
])("a sample $what is out of bounds", async ({ timeMs }) => {
  const tsdb = await open();
  const appender = tsdb.appender();
  expect(appender.append(appender.resolve(labelsOf({ __name__: "m" })), timeMs, 1)).toBe(3);
  appender.commit();
  expect(tsdb.stats().samplesRefused).toEqual({ outOfOrder: 0, duplicate: 0, outOfBounds: 1, tooOld: 0 });
});

test("of two batches with one time, the first commit wins and the second loses that sample only", async () => {
  const tsdb = await open();
  const labels = labelsOf({ __name__: "m", index: "0" });
  const [left, right] = [tsdb.appender(), tsdb.appender()];
  const ref = left.resolve(labels);
  expect([left.append(ref, t + 5, 1), right.append(ref, t + 4, 2), right.append(ref, t + 6, 3)]).toEqual([0, 0, 0]);
  left.commit();
  right.commit();
  expect(await timesOf(tsdb)).toEqual([5, 6]);
});

test("labels in any order, with duplicates and empty values, name the same series", async () => {
  const tsdb = await open();
  const appender = tsdb.appender();
  const ref = appender.resolve(labelsOf({ __name__: "m", a: "1" }));
  const untidy = [
    { name: "b", value: "" },
    { name: "a", value: "0" },
    { name: "a", value: "1" },
    { name: "__name__", value: "m" },
  ];
  expect(appender.resolve(untidy)).toBe(ref);
  appender.rollback();
});

test("a log with more series than memory has room for costs those, and not the start", async () => {
  const before = await open();
  const appender = before.appender();
  for (let index = 0; index < 12; index++) {
    const labels = labelsOf({ __name__: "m", index: String(index), text: "x".repeat(500_000) + index });
    appender.append(appender.resolve(labels), t, 1);
  }
  appender.commit();
  await before.close();
  const after = await open({ memoryMaxBytes: 4 * 1024 * 1024, log });
  expect(after.stats().seriesCount).toBeGreaterThan(0);
  expect(after.stats().seriesCount).toBeLessThan(12);
  expect(said.join()).toMatch(/error: Memory is full: \d+ series were left out/);
});

test("a directory that the system refuses is told in words", async () => {
  writeFileSync(join(directory.path, "file"), "");
  const opening = openTsdb(join(directory.path, "file"));
  await expect(opening).rejects.toThrow(StorageWriteError);
  await expect(opening).rejects.toThrow(/^Cannot open data directory ".*file": E/);
});

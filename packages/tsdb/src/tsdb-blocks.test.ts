/** Head and blocks together, over hours of virtual time. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBlockMeta } from "./block/block-meta-file.ts";
import { chunkedSeries, writeTestBlock } from "./block/testing/test-blocks.ts";
import { StoreClosingError } from "./errors.ts";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb, TsdbOptions } from "./tsdb.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** A multiple of all lengths of blocks here, so that they begin and end with the runs. */
const t = Math.floor(testBaseMs / (54 * hourMs)) * 54 * hourMs;
const seriesCount = 3;

let directory: ReturnType<typeof temporaryDirectory>;
let clock: VirtualClock;
let opened: Tsdb[];
const said: string[] = [];
const log = { info: () => {}, warn: () => {}, error: (line: string) => said.push(line) };
beforeEach(() => {
  said.length = 0;
  directory = temporaryDirectory();
  clock = new VirtualClock(t);
  opened = [];
});
afterEach(async () => {
  for (const tsdb of opened) await tsdb.close();
  directory.remove();
});

async function open(options: Partial<TsdbOptions> = {}, path = directory.path): Promise<Tsdb> {
  const tsdb = await openTsdb(path, { clock, log, ...options });
  opened.push(tsdb);
  return tsdb;
}

/** A sample each minute for each series, while the store looks after itself. */
async function run(tsdb: Tsdb, hours: number): Promise<void> {
  for (const endMs = clock.nowMs() + hours * hourMs; clock.nowMs() < endMs; ) {
    const appender = tsdb.appender();
    for (let index = 0; index < seriesCount; index++) {
      const ref = appender.resolve(labelsOf({ __name__: "m", index: String(index) }));
      appender.append(ref, clock.nowMs(), (clock.nowMs() - t) / minuteMs + index / 8);
    }
    appender.commit();
    await clock.advance(minuteMs);
  }
}

/** What `run` has appended, from one hour to another. */
function history(fromHour: number, toHour: number): TestSeries[] {
  return Array.from({ length: seriesCount }, (_, index) => ({
    labels: { __name__: "m", index: String(index) },
    samples: Array.from({ length: (toHour - fromHour) * 60 }, (_, at): [number, number] => {
      const minute = fromHour * 60 + at;
      return [t + minute * minuteMs, minute + index / 8];
    }),
  }));
}

const everything = { matchers: [makeMatcher("__name__", "=", "m")], minTimeMs: 0, maxTimeMs: 2 * t };
const ofFirstSeries = { ...everything, matchers: [makeMatcher("index", "=", "0")] };

const isBlockName = (name: string) => /^[0-9A-Z]{26}$/.test(name);
const metasIn = (path: string) =>
  readdirSync(path)
    .filter(isBlockName)
    .map((ulid) => readBlockMeta(join(path, ulid)))
    .sort((left, right) => left.minTime - right.minTime);
/** Hours that the blocks on disk cover, "0-6 6-8". */
const hoursOf = (path = directory.path) =>
  metasIn(path)
    .map(({ minTime, maxTime }) => `${(minTime - t) / hourMs}-${(maxTime - t) / hourMs}`)
    .join(" ");

test("the head becomes blocks, blocks become longer ones, and all samples stay as they are", async () => {
  const tsdb = await open();
  await run(tsdb, 3);
  expect(hoursOf()).toBe("");
  await run(tsdb, 1);
  expect(hoursOf()).toBe("0-2");
  await run(tsdb, 26);
  expect(hoursOf()).toBe("0-18 18-24 24-26 26-28");
  expect(await readAll(tsdb, everything)).toEqual(history(0, 30));
  const [oldest, , ...young] = metasIn(directory.path);
  expect(oldest).toMatchObject({
    stats: { numSamples: 18 * 60 * seriesCount, numFloatSamples: 18 * 60 * seriesCount, numSeries: seriesCount },
    compaction: { level: 3 },
  });
  expect(oldest!.compaction.sources).toHaveLength(9);
  expect(oldest!.compaction.parents).toHaveLength(3);
  expect(oldest!.stats.numChunks).toBe(3 * seriesCount);
  expect(young.map(({ compaction }) => compaction.level)).toEqual([1, 1]);
  expect(tsdb.stats()).toMatchObject({ blockCount: 4, compactionFailures: 0, oldestTimeMs: t, isCompacting: false });
  expect(tsdb.stats().minTimeMs).toBe(t + 28 * hourMs);
  await tsdb.close();
  const again = await open();
  expect(await readAll(again, everything)).toEqual(history(0, 30));
  expect(again.stats().samplesReplayed).toBeLessThanOrEqual(2 * 60 * seriesCount);
  await run(again, 2);
  expect(await readAll(again, everything)).toEqual(history(0, 32));
  expect(said).toEqual([]);
});

test("label names and values come from blocks and head", async () => {
  const tsdb = await open();
  const appender = tsdb.appender();
  appender.append(appender.resolve(labelsOf({ __name__: "old", zone: "x" })), t, 1);
  appender.commit();
  await run(tsdb, 6);
  expect(tsdb.stats()).toMatchObject({ seriesCount, blockCount: 2 });
  expect(await tsdb.labelNames({ ...everything, matchers: [] })).toEqual(["__name__", "index", "zone"]);
  expect(await tsdb.labelValues("__name__", { ...everything, matchers: [] })).toEqual(["m", "old"]);
  const now = { ...everything, matchers: [], minTimeMs: t + 5 * hourMs };
  expect(await tsdb.labelValues("__name__", now)).toEqual(["m"]);
});

test("blocks go when their time is over", async () => {
  const tsdb = await open({ retention: { timeMs: 10 * hourMs } });
  await run(tsdb, 20);
  expect(hoursOf()).toBe("8-10 10-12 12-14 14-16 16-18");
  expect(tsdb.stats().timeRetentions).toBeGreaterThan(2);
  expect(await readAll(tsdb, everything)).toEqual(history(8, 20));
});

test("the oldest blocks go when all together are too large", async () => {
  const tsdb = await open({ maxBlockDurationMs: 2 * hourMs });
  await run(tsdb, 8);
  const { blockBytes, blockCount, walBytes, headChunkBytes } = tsdb.stats();
  tsdb.configure({ retention: { sizeBytes: walBytes + headChunkBytes + (2.5 * blockBytes) / blockCount } });
  await tsdb.tick(clock.nowMs());
  expect(hoursOf()).toBe("2-4 4-6");
  expect(tsdb.stats().sizeRetentions).toBe(1);
});

test("a share of the disk is a limit on size", async () => {
  const tsdb = await open();
  await run(tsdb, 4);
  tsdb.configure({ retention: { percentage: 1e-9, sizeBytes: 2 ** 40 } });
  await tsdb.tick(clock.nowMs());
  expect(hoursOf()).toBe("");
});

test("what is deleted is gone from head and blocks, over compactions and restarts", async () => {
  const tsdb = await open();
  await run(tsdb, 10);
  await tsdb.deleteSamples({ ...ofFirstSeries, minTimeMs: t + hourMs, maxTimeMs: t + 9.5 * hourMs });
  const [first, ...others] = history(0, 22);
  const left = first!.samples.filter(([timeMs]) => timeMs < t + hourMs || timeMs > t + 9.5 * hourMs);
  const upTo = (endMs: number) =>
    [{ ...first!, samples: left }, ...others].map((series) => ({
      ...series,
      samples: series.samples.filter(([timeMs]) => timeMs < endMs),
    }));
  expect(await readAll(tsdb, everything)).toEqual(upTo(t + 10 * hourMs));
  await tsdb.close();
  const again = await open();
  expect(await readAll(again, everything)).toEqual(upTo(t + 10 * hourMs));
  await run(again, 12);
  expect(hoursOf()).toBe("0-18 18-20");
  expect(await readAll(again, everything)).toEqual(upTo(t + 22 * hourMs));
  expect(metasIn(directory.path)[0]!.stats.numSamples).toBe(18 * 60 * seriesCount - 8.5 * 60 - 1);
});

test("cleaning takes deleted samples off the disk, and blocks that have nothing else", async () => {
  const tsdb = await open({ maxBlockDurationMs: 2 * hourMs });
  await run(tsdb, 8);
  await tsdb.deleteSamples({ ...ofFirstSeries, minTimeMs: t, maxTimeMs: t + hourMs - 1 });
  await tsdb.deleteSamples({ ...everything, minTimeMs: t + 2 * hourMs, maxTimeMs: t + 4 * hourMs - 1 });
  const before = await readAll(tsdb, everything);
  await tsdb.cleanTombstones();
  await tsdb.tick(clock.nowMs());
  expect(hoursOf()).toBe("0-2 4-6");
  expect(metasIn(directory.path)[0]!.stats).toMatchObject({ numSamples: 2 * 60 * seriesCount - 60 });
  expect(await readAll(tsdb, everything)).toEqual(before);
});

test("a snapshot is a data directory of its own", async () => {
  const tsdb = await open();
  await run(tsdb, 9);
  await tsdb.deleteSamples({ ...ofFirstSeries, minTimeMs: t, maxTimeMs: t + hourMs });
  const name = await tsdb.snapshot({ skipHead: false });
  expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{16}$/);
  const before = await readAll(tsdb, everything);
  const withoutHead = await tsdb.snapshot({ skipHead: true });
  await run(tsdb, 1);
  const copy = await open({}, join(directory.path, "snapshots", name));
  expect(await readAll(copy, everything)).toEqual(before);
  expect(hoursOf(join(directory.path, "snapshots", withoutHead))).toBe("0-2 2-4 4-6");
});

test("blocks that others put there are served, overlaps merged", async () => {
  const tsdb = await open();
  await run(tsdb, 8);
  const late: TestSeries = { labels: { __name__: "m", index: "0" }, samples: [[t + hourMs + 1, -1]] };
  const other: TestSeries = { labels: { __name__: "m", index: "x" }, samples: [[t - 9 * hourMs, -2]] };
  writeTestBlock(directory.path, chunkedSeries([late, other]));
  await clock.advance(minuteMs);
  expect(tsdb.stats()).toMatchObject({ compactionsVertical: 1, blockCount: 3 });
  const [first, ...others] = history(0, 8);
  const merged = [...first!.samples, ...late.samples].sort(([left], [right]) => left - right);
  expect(await readAll(tsdb, everything)).toEqual([{ ...first, samples: merged }, ...others, other]);
});

test("a damaged block is not merged and not lost, and the others go on", async () => {
  const tsdb = await open();
  await run(tsdb, 6);
  const damagedMeta = metasIn(directory.path)[1]!;
  const chunks = join(directory.path, damagedMeta.ulid, "chunks", "000001");
  const bytes = readFileSync(chunks);
  bytes[40]! ^= 1;
  writeFileSync(chunks, bytes);
  await run(tsdb, 10);
  expect(said.join()).toContain("stay as they are: Cannot compact: Cannot read block file");
  expect(said).toHaveLength(1);
  expect(tsdb.stats()).toMatchObject({ compactionFailures: 1, maintenanceFailures: 0 });
  expect(hoursOf()).toBe("0-2 2-4 4-6 6-12 12-14");
  const failed = metasIn(directory.path).filter(({ compaction }) => compaction.failed === true);
  expect(failed.map(({ ulid }) => ulid)).toEqual([damagedMeta.ulid]);
  const later = { ...everything, minTimeMs: t + 4 * hourMs };
  expect(await readAll(tsdb, later)).toEqual(history(4, 16));
  await tsdb.close();
  await open();
  await clock.advance(2 * minuteMs);
  expect(said).toHaveLength(1);
});

test("a crash between block and log costs nothing and doubles nothing", async () => {
  const tsdb = await open({ minBlockDurationMs: 4 * hourMs });
  await run(tsdb, 5);
  await tsdb.close();
  const before = temporaryDirectory();
  for (const name of readdirSync(directory.path)) {
    cpSync(join(directory.path, name), join(before.path, name), { recursive: true });
  }
  const compacting = await open();
  await compacting.tick(clock.nowMs());
  expect(hoursOf()).toBe("0-2");
  await compacting.close();
  for (const name of ["wal", "chunks_head"]) {
    rmSync(join(directory.path, name), { recursive: true, force: true });
    if (!existsSync(join(before.path, name))) continue;
    cpSync(join(before.path, name), join(directory.path, name), { recursive: true });
  }
  before.remove();
  const again = await open();
  expect(await readAll(again, everything)).toEqual(history(0, 5));
  await run(again, 3);
  expect(hoursOf()).toBe("0-2 2-4 4-6");
  expect(await readAll(again, everything)).toEqual(history(0, 8));
  expect(said).toEqual([]);
});

test("while it closes, what waits is refused", async () => {
  const tsdb = await open();
  const waiting = [tsdb.snapshot({ skipHead: true }), tsdb.cleanTombstones()];
  const outcomes = Promise.allSettled(waiting);
  await tsdb.close();
  expect((await outcomes).map((outcome) => outcome.status === "rejected" && outcome.reason)).toContainEqual(
    new StoreClosingError(),
  );
});

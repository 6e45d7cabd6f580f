/** Head and blocks when times are wrong, bytes change, and things happen at the same moment. */
import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBlockMeta } from "./block/block-meta-file.ts";
import { chunkedSeries, writeTestBlock } from "./block/testing/test-blocks.ts";
import { isUlid } from "./block/ulid.ts";
import { compactionWorkerUrl } from "./compaction/compaction-runner.ts";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb, TsdbOptions } from "./tsdb.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
const yearMs = 365 * 24 * hourMs;
/** A multiple of all lengths of blocks here. */
const t = Math.floor(testBaseMs / (54 * hourMs)) * 54 * hourMs;

let directory: ReturnType<typeof temporaryDirectory>;
let clock: VirtualClock;
let tsdb: Tsdb;
const said: string[] = [];
const log = { info: () => {}, warn: () => {}, error: (line: string) => said.push(line) };
beforeEach(() => {
  said.length = 0;
  directory = temporaryDirectory();
  clock = new VirtualClock(t);
});
afterEach(async () => {
  await tsdb.close();
  directory.remove();
});

async function open(options: Partial<TsdbOptions> = {}): Promise<void> {
  tsdb = await openTsdb(directory.path, { clock, log, ...options });
}

function append(name: string, timeMs: number): void {
  const appender = tsdb.appender();
  appender.append(appender.resolve(labelsOf({ __name__: name })), timeMs, (timeMs - t) / minuteMs);
  appender.commit();
}

/** A sample each minute. */
async function run(hours: number, each: (minute: number) => void = () => {}): Promise<void> {
  for (let minute = 0; minute < hours * 60; minute++) {
    append("m", clock.nowMs());
    each(minute);
    await clock.advance(minuteMs);
  }
}

const everything = { matchers: [makeMatcher("__name__", "!=", "")], minTimeMs: 0, maxTimeMs: 2 * t };
const of = (name: string) => ({ ...everything, matchers: [makeMatcher("__name__", "=", name)] });
const countOf = async (name: string) => (await readAll(tsdb, of(name)))[0]?.samples.length ?? 0;
/** "0-2 4-6 late": hours that the blocks on disk cover. */
const hoursOf = () =>
  readdirSync(directory.path)
    .filter(isUlid)
    .map((ulid) => readBlockMeta(join(directory.path, ulid)))
    .sort((left, right) => left.minTime - right.minTime)
    .map(({ minTime, maxTime, compaction: { hints = [] } }) => {
      const hours = `${(minTime - t) / hourMs}-${(maxTime - t) / hourMs}`;
      return hints.includes("from-out-of-order") ? `${hours} late` : hours;
    })
    .join(" ");

test("a sample from the future takes no history away", async () => {
  await open({ retention: { timeMs: 20 * hourMs } });
  await run(8);
  append("m", clock.nowMs() + yearMs);
  await run(6);
  expect(hoursOf()).toBe(`0-2 2-4 4-6 6-8 8-10 10-12 ${8 + yearMs / hourMs}-${10 + yearMs / hourMs} late`);
  expect(await countOf("m")).toBe(14 * 60 + 1);
});

test("a clock that is a year ahead for a moment takes no history away", async () => {
  await open({ retention: { timeMs: 20 * hourMs } });
  await run(8);
  /** Restarts the store with another clock. */
  const openAt = async (timeMs: number): Promise<void> => {
    await tsdb.close();
    clock = new VirtualClock(timeMs);
    await open({ retention: { timeMs: 20 * hourMs } });
  };
  for (const [index, hours] of [4, 1].entries()) {
    const rightMs = clock.nowMs();
    await openAt(rightMs + yearMs);
    await run(1 / 4);
    await openAt(rightMs + hourMs / 4);
    await run(hours);
    const known = { ...of("m"), maxTimeMs: t + 24 * hourMs };
    expect((await readAll(tsdb, known))[0]!.samples).toHaveLength((8 + 4 + index) * 60);
  }
});

test("late samples of a time that the head still has do not hide the log, cleaned or merged", async () => {
  const options = { outOfOrderWindowMs: 6 * hourMs };
  await open(options);
  await run(6.5, (minute) => {
    if (minute % 10 !== 9) return;
    append("late", clock.nowMs());
    append("late", clock.nowMs() - 5 * minuteMs);
  });
  expect(hoursOf()).toBe("0-2 2-4 4-6 late");
  await tsdb.deleteSamples({ ...of("late"), minTimeMs: t + 4 * hourMs, maxTimeMs: t + 4.4 * hourMs });
  await tsdb.cleanTombstones();
  await tsdb.tick(clock.nowMs());
  expect(hoursOf()).toBe("0-2 2-4 4-6 late");
  await tsdb.close();
  await open(options);
  expect(await countOf("m")).toBe(6.5 * 60);
});

test("blocks that were deleted and cleaned do not come back from the log", async () => {
  await open();
  await run(4);
  await tsdb.deleteSamples({ ...everything, maxTimeMs: t + 2 * hourMs - 1 });
  await tsdb.cleanTombstones();
  await tsdb.tick(clock.nowMs());
  expect(hoursOf()).toBe("");
  await tsdb.close();
  await open();
  expect(await countOf("m")).toBe(2 * 60);
});

test("a chunk of the head that is damaged is tried again, then left out; blocks go on meanwhile", async () => {
  await open();
  await run(2.5);
  // Writes what waits to be written.
  await tsdb.close();
  await open();
  const name = readdirSync(join(directory.path, "chunks_head")).at(-1)!;
  const file = openSync(join(directory.path, "chunks_head", name), "r+");
  writeSync(file, Uint8Array.of(0xff, 0xff), 0, 2, 60);
  closeSync(file);
  await run(0.5);
  // Until the head is due.
  await run(1 / 30);
  expect(said).toHaveLength(1);
  for (const seed of [1, 2]) {
    const samples: [number, number][] = [[t - 9 * hourMs, seed]];
    writeTestBlock(directory.path, chunkedSeries([{ labels: { __name__: `other${seed}` }, samples }]), seed);
  }
  await tsdb.tick(clock.nowMs());
  expect(tsdb.stats()).toMatchObject({ compactionFailures: 2, compactionsVertical: 1 });
  await run(4.5);
  expect(said).toHaveLength(4);
  expect(said[0]).toContain(
    `Cannot maintain the storage, it will be tried again: Cannot compact: Cannot read head chunk`,
  );
  expect(said[3]).toBe("The samples of 1 damaged chunks of the head are lost: blocks were written without them");
  expect(tsdb.stats()).toMatchObject({ compactionFailures: 3, headChunksLeftOut: 1, maintenanceFailures: 3 });
  expect(hoursOf()).toContain(" 2-4 4-6");
  expect(await countOf("m")).toBe(7.5 * 60 + 2 - 120);
});

test("what is deleted while the head is being written is gone from the block, too", async () => {
  const script = join(directory.path, "slow.mjs");
  const pause = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)";
  writeFileSync(script, `${pause};\nawait import(${JSON.stringify(compactionWorkerUrl.href)});`);
  clock = new VirtualClock(t + 200 * minuteMs);
  await open({ compactionWorkerUrl: pathToFileURL(script) });
  for (let minute = 0; minute < 200; minute++) append("m", t + minute * minuteMs);
  const round = tsdb.tick(clock.nowMs());
  while (!tsdb.stats().isCompacting) await new Promise((resolve) => setImmediate(resolve));
  const deleted = tsdb.deleteSamples({ ...of("m"), minTimeMs: t + 10 * minuteMs, maxTimeMs: t + 150 * minuteMs });
  expect(tsdb.stats()).toMatchObject({ isCompacting: true, blockCount: 0 });
  await Promise.all([round, deleted]);
  expect(hoursOf()).toBe("0-2");
  expect(await countOf("m")).toBe(200 - 141);
  await tsdb.close();
  await open();
  expect(await countOf("m")).toBe(200 - 141);
});

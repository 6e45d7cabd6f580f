/** What a truncation of the head must not cost: those who read, those who append, and what the next start finds. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appendStatus, labelsOf, makeMatcher, newSampleColumn, type SeriesSelection, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HeadStore } from "./head-store.ts";
import type { HeadStoreOptions } from "./head-store-options.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";
import { nodeFiles } from "./wal/files.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
const t = Math.ceil(testBaseMs / (2 * hourMs)) * 2 * hourMs;
let directory: ReturnType<typeof temporaryDirectory>;
let store: HeadStore;
let clock: VirtualClock;
let warnings: string[];

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new VirtualClock(t);
  warnings = [];
  await open();
});
afterEach(async () => {
  await store.close();
  directory.remove();
});

async function open(options: Partial<HeadStoreOptions> = {}): Promise<void> {
  const log = { info: () => {}, warn: (line: string) => void warnings.push(line), error: () => {} };
  const files = { ...nodeFiles, sync: () => {} };
  const base = { directory: directory.path, clock, log, files, memoryMaxBytes: 64 * 1024 * 1024 };
  store = await HeadStore.open({ ...base, ...options });
}

async function reopen(options: Partial<HeadStoreOptions> = {}): Promise<void> {
  await store.close();
  await open(options);
}

const query = (name: string): { matchers: ReturnType<typeof makeMatcher>[]; minTimeMs: number; maxTimeMs: number } => ({
  matchers: [makeMatcher("__name__", "=", name)],
  minTimeMs: 0,
  maxTimeMs: 2 * t,
});

function append(name: string, timeMs: number): void {
  const appender = store.appender();
  appender.append(appender.resolve(labelsOf({ __name__: name })), timeMs, timeMs - t);
  appender.commit();
}

/** A sample each minute. */
async function scrape(names: string | readonly string[], minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    const appender = store.appender();
    for (const name of [names].flat()) {
      appender.append(appender.resolve(labelsOf({ __name__: name })), clock.nowMs(), Math.sin(minute));
    }
    appender.commit();
    await clock.advance(minuteMs);
  }
}

const manyNames = Array.from({ length: 20 }, (_, index) => `b${index}`);

/** As a compaction does when the block is there. */
function cutBefore(endMs: number): void {
  const cut = store.cut(store.blockStartMs, endMs);
  store.truncateBefore(endMs);
  store.release(cut);
}

async function countOf(name: string): Promise<number> {
  const [series] = await readAll(store, query(name));
  return series?.samples.length ?? 0;
}

function read(selection: SeriesSelection): number[] {
  const column = newSampleColumn();
  selection.readSamples(0, column);
  return [...column.timesMs.subarray(0, column.count)];
}

describe("a selection that is open", () => {
  test("keeps what there was, truncation after truncation", async () => {
    await scrape("m", 170);
    const first = await store.select(query("m"));
    const wanted = read(first);
    expect(wanted.length).toBe(170);
    cutBefore(t + 2 * hourMs);
    const second = await store.select(query("m"));
    await scrape("m", 200);
    cutBefore(t + 4 * hourMs);
    await scrape("m", 130);
    cutBefore(t + 8 * hourMs);
    expect(read(first)).toEqual(wanted);
    expect(read(second)).toEqual(wanted.filter((timeMs) => timeMs >= t + 2 * hourMs));
    first.close();
    second.close();
    expect(await countOf("m")).toBe(20);
  });

  test("keeps what there was when samples from the future are put aside", async () => {
    await scrape("m", 300);
    const selection = await store.select(query("m"));
    clock.step(-2 * hourMs);
    await scrape("m", 10);
    expect(store.stats().futureSetAside).toBe(1);
    expect(read(selection).length).toBe(300);
    selection.close();
  });

  test("does not bring back what was deleted before, nor lose what is deleted after", async () => {
    await scrape("m", 100);
    store.deleteSamples({ ...query("m"), minTimeMs: t, maxTimeMs: t + 50 * minuteMs });
    const selection = await store.select(query("m"));
    store.deleteSamples({ ...query("m"), minTimeMs: t, maxTimeMs: t + 60 * minuteMs });
    store.truncateBefore(t + 3 * hourMs);
    expect(read(selection).length).toBe(49);
    selection.close();
  });
});

describe("a batch that is open", () => {
  test("keeps its new series through any number of truncations", async () => {
    await scrape("m", 180);
    const appender = store.appender();
    const ref = appender.resolve(labelsOf({ __name__: "fresh" }));
    expect(appender.append(ref, clock.nowMs(), 1)).toBe(appendStatus.ok);
    const other = store.appender();
    const otherRef = other.resolve(labelsOf({ __name__: "looked up" }));
    for (let round = 1; round <= 4; round++) cutBefore(t + round * 10 * minuteMs);
    appender.commit();
    expect(await countOf("fresh")).toBe(1);
    for (let round = 1; round <= 4; round++) cutBefore(t + hourMs + round * 10 * minuteMs);
    expect(other.append(otherRef, clock.nowMs(), 1)).toBe(appendStatus.ok);
    other.rollback();
    cutBefore(t + 2 * hourMs);
    expect(store.stats().seriesRemoved).toBe(1);
  });

  test("has samples refused and counted that a cut has passed over since, or taken late within the window", async () => {
    for (const outOfOrderWindowMs of [0, 10 * hourMs]) {
      await reopen({ outOfOrderWindowMs });
      await scrape("m", 1);
      const appender = store.appender();
      const name = `old ${outOfOrderWindowMs}`;
      expect(appender.append(appender.resolve(labelsOf({ __name__: name })), clock.nowMs(), 7)).toBe(appendStatus.ok);
      await clock.advance(5 * hourMs);
      await scrape("m", 1);
      cutBefore(clock.nowMs() - 2 * hourMs);
      appender.commit();
      const isLate = outOfOrderWindowMs > 0;
      expect(await countOf(name)).toBe(isLate ? 1 : 0);
      expect(store.stats().samplesRefused.outOfBounds).toBe(isLate ? 0 : 1);
    }
  });
});

describe("the next start", () => {
  test("reads nothing again that is in blocks, though no block says so", async () => {
    await scrape("m", 200);
    cutBefore(t + 2 * hourMs);
    expect(readFileSync(join(directory.path, "wal", "min-valid-time"), "utf8")).toBe(String(t + 2 * hourMs));
    await reopen();
    expect(await countOf("m")).toBe(80);
    expect(warnings).toEqual([]);
  });

  test("keeps samples that were taken after a truncation and are older than it", async () => {
    await scrape("m", 7 * 60);
    cutBefore(t + 6 * hourMs);
    await reopen();
    clock.step(-3 * hourMs);
    await scrape("m", 120);
    expect(store.blockStartMs).toBe(t + 4 * hourMs);
    await reopen();
    expect(await countOf("m")).toBe(60 + 120);
    expect(store.hasOutOfOrder).toBe(true);
  });

  test("keeps samples older than the blocks end that were taken into an empty log", async () => {
    await store.close();
    rmSync(join(directory.path, "wal"), { recursive: true });
    const minValidTimeMs = t - hourMs;
    await open({ minValidTimeMs });
    for (let minute = 0; minute < 180; minute++) append("sent", t - 3 * hourMs + minute * minuteMs);
    // Some are in chunks_head then, too: a chunk that ends before that time, and one behind it.
    append("sent", t);
    store.truncateBefore(Number.NEGATIVE_INFINITY);
    for (let start = 0; start < 2; start++) {
      await reopen({ minValidTimeMs });
      expect(await countOf("sent")).toBe(181);
    }
    expect(store.blockStartMs).toBe(t - 3 * hourMs);
  });

  test("takes the time that Prometheus noted last, and new samples from before it all the same", async () => {
    await scrape("m", 200);
    cutBefore(t + 2 * hourMs);
    await store.close();
    writeFileSync(join(directory.path, "wal", "min-valid-time"), ` ${t + 3 * hourMs}\n`);
    await open();
    expect(await countOf("m")).toBe(20);
    await store.close();
    writeFileSync(join(directory.path, "wal", "min-valid-time"), String(t + 1000 * hourMs));
    await open();
    expect(await countOf("m")).toBe(0);
    await scrape("m", 10);
    await reopen();
    expect(await countOf("m")).toBe(10);
  });

  test("without either file goes by the checkpoint, and says what it cannot read", async () => {
    await reopen({ segmentSizeMaxBytes: 32 * 1024 });
    await scrape(manyNames, 400);
    cutBefore(t + 4 * hourMs);
    expect(store.stats().checkpoints).toBe(1);
    await store.close();
    writeFileSync(join(directory.path, "wal", "min-valid-time"), "soon");
    writeFileSync(join(directory.path, "wal", "truncation.json"), '{"timeMs":1.5}');
    await open();
    expect(warnings.length).toBe(2);
    expect(await countOf("b7")).toBe(160);
  });

  test("knows a series by all the numbers that the log has for it, checkpoint after checkpoint", async () => {
    const small = { segmentSizeMaxBytes: 32 * 1024 };
    await reopen(small);
    await scrape([...manyNames, "a"], 5);
    await scrape(manyNames, 180);
    cutBefore(t + 2 * hourMs);
    expect(store.stats().seriesCount).toBe(20);
    // It comes back under another number.
    await scrape("a", 1);
    const metadata = { type: "counter", unit: "", help: "What a is" } as const;
    const appender = store.appender();
    appender.setMetadata(appender.resolve(labelsOf({ __name__: "a" })), metadata);
    appender.commit();
    await scrape([...manyNames, "a"], 99);
    await reopen(small);
    await scrape([...manyNames, "a"], 60);
    cutBefore(t + 4 * hourMs);
    expect(store.stats().checkpoints).toBe(1);
    const held = await countOf("a");
    expect(held).toBeGreaterThan(60);
    await reopen(small);
    expect(await countOf("a")).toBe(held);
    expect(store.metadataOf(labelsOf({ __name__: "a" }))).toEqual(metadata);
    expect(warnings).toEqual([]);
  });

  test("leaves chunks out of order alone that went into blocks, and keeps those that came since", async () => {
    const late = { outOfOrderWindowMs: 6 * hourMs };
    await reopen(late);
    await scrape("m", 120);
    for (let index = 0; index < 100; index++) append("m", t + hourMs / 2 + index * 1000 + 7);
    const cut = store.cutOutOfOrder();
    for (let index = 0; index < 40; index++) append("m", t + hourMs + index * 1000 + 7);
    store.truncateOutOfOrder(cut);
    store.release(cut);
    expect(await countOf("m")).toBe(160);
    await reopen(late);
    expect(await countOf("m")).toBe(160);
    await reopen(late);
    expect(await countOf("m")).toBe(160);
  });

  test("tells samples before 1970 that are in chunks from late ones", async () => {
    clock.step(-t - 5 * hourMs);
    await reopen();
    await scrape("old", 200);
    store.truncateBefore(Number.NEGATIVE_INFINITY);
    await reopen();
    expect(store.hasOutOfOrder).toBe(false);
    expect((await readAll(store, { ...query("old"), minTimeMs: -t }))[0]?.samples.length).toBe(200);
  });
});

/** What a head keeps besides floats in order. The model test has random histories of the same. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  appendStatus,
  type Histogram,
  type Labels,
  labelsOf,
  makeMatcher,
  newSampleColumn,
  StorageWriteError,
  VirtualClock,
} from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HeadStore } from "./head-store.ts";
import type { HeadStoreOptions } from "./head-store-options.ts";
import { growingHistogram } from "./testing/histograms.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";
import { nodeFiles } from "./wal/files.ts";

const t = testBaseMs;
const hourMs = 3_600_000;
let directory: ReturnType<typeof temporaryDirectory>;
let store: HeadStore;
let clock: VirtualClock;

beforeEach(() => {
  directory = temporaryDirectory();
  clock = new VirtualClock(t);
});
afterEach(async () => {
  await store.close();
  directory.remove();
});

async function open(options: Partial<HeadStoreOptions> = {}): Promise<void> {
  store = await HeadStore.open({ directory: directory.path, clock, memoryMaxBytes: 64 * 1024 * 1024, ...options });
}

const labels = labelsOf({ __name__: "m", job: "api" });
const matchers = [makeMatcher("__name__", "=", "m")];

function append(timeMs: number, value: number | Histogram | "stale", to: Labels = labels): number {
  const appender = store.appender();
  const ref = appender.resolve(to);
  let status: number;
  if (value === "stale") status = appender.appendStale(ref, timeMs);
  else if (typeof value === "number") status = appender.append(ref, timeMs, value);
  else status = appender.appendHistogram(ref, timeMs, value);
  appender.commit();
  return status;
}

async function samples(): Promise<[number, unknown][]> {
  const [series] = await readAll(store, { matchers, minTimeMs: 0, maxTimeMs: 2 * t });
  return series?.samples.map(([timeMs, value]) => [timeMs - t, value]) ?? [];
}

async function histograms(): Promise<[number, Histogram | undefined][]> {
  const selection = await store.select({ matchers, minTimeMs: 0, maxTimeMs: 2 * t });
  const column = newSampleColumn(8, { histograms: true });
  selection.readSamples(0, column);
  selection.close();
  return Array.from({ length: column.count }, (_, index) => [column.timesMs[index]! - t, column.histograms![index]]);
}

describe("samples out of order", () => {
  test("are taken within their window, and each refusal has its name", async () => {
    await open({ outOfOrderWindowMs: 30 * 60_000 });
    await clock.advance(2 * hourMs);
    const nowMs = clock.nowMs();
    expect(append(nowMs, 1)).toBe(appendStatus.ok);
    expect(append(nowMs - 1000, 2)).toBe(appendStatus.ok);
    expect(append(nowMs, 1)).toBe(appendStatus.ok);
    expect(append(nowMs, 3)).toBe(appendStatus.duplicate);
    expect(append(nowMs - 30 * 60_000, 4)).toBe(appendStatus.ok);
    expect(append(nowMs - 30 * 60_000 - 1, 5)).toBe(appendStatus.tooOld);
    expect(append(nowMs - 2 * hourMs, 6, labelsOf({ __name__: "m2" }))).toBe(appendStatus.tooOld);
    expect(await samples()).toEqual([
      [1.5 * hourMs, 4],
      [2 * hourMs - 1000, 2],
      [2 * hourMs, 1],
    ]);
    expect(store.stats()).toMatchObject({ samplesRefused: { duplicate: 1, tooOld: 2 }, outOfOrderSamplesAppended: 2 });
  });

  test("a selection does not see those that come after it", async () => {
    await open({ outOfOrderWindowMs: hourMs });
    append(t + 10, 1);
    append(t + 5, 2);
    const selection = await store.select({ matchers, minTimeMs: 0, maxTimeMs: 2 * t });
    for (let index = 0; index < 50; index++) append(t - index, index);
    store.truncateBefore(0);
    const column = newSampleColumn();
    selection.readSamples(0, column);
    expect([...column.timesMs.subarray(0, column.count)]).toEqual([t + 5, t + 10]);
    selection.close();
    expect(await samples()).toHaveLength(52);
  });

  test("are deleted like others, and stay deleted when those in order are dropped, and after a restart", async () => {
    await open({ outOfOrderWindowMs: 10 * hourMs });
    await clock.advance(8 * hourMs);
    append(t + 8 * hourMs, 1);
    for (const hour of [1, 2, 3]) append(t + hour * hourMs, hour);
    store.deleteSamples({ matchers, minTimeMs: t + hourMs, maxTimeMs: t + 2 * hourMs });
    const left = [
      [3 * hourMs, 3],
      [8 * hourMs, 1],
    ];
    expect(await samples()).toEqual(left);
    for (let round = 0; round < 3; round++) {
      await clock.advance(3 * hourMs);
      append(clock.nowMs(), 1, labelsOf({ __name__: "other" }));
      store.truncateBefore(t + 7 * hourMs);
    }
    expect(await samples()).toEqual(left);
    await store.close();
    await open();
    expect(await samples()).toEqual(left);
  });

  test("are refused when too many wait for a disk that is full, and taken again afterwards", async () => {
    let isFull = true;
    const files = {
      ...nodeFiles,
      open(path: string, mode: "create" | "existing") {
        if (isFull && path.includes("chunks_head")) throw new Error("ENOSPC: no space left on device, open");
        return nodeFiles.open(path, mode);
      },
    };
    await open({ files, outOfOrderWindowMs: hourMs, memoryMaxBytes: 1024 * 1024 });
    append(t, 1);
    let taken = 0;
    for (let batch = 0; batch < 400; batch++) {
      const appender = store.appender();
      const ref = appender.resolve(labels);
      for (let index = 0; index < 100; index++) {
        if (appender.append(ref, t - 1 - batch * 100 - index, Math.sin(batch * index)) === appendStatus.ok) taken++;
      }
      appender.commit();
    }
    expect(taken).toBeGreaterThan(10_000);
    expect(taken).toBeLessThan(39_000);
    expect(store.stats().samplesRefused.outOfOrder).toBe(40_000 - taken);
    isFull = false;
    store.truncateBefore(0);
    expect(append(t - 50_000, 1)).toBe(appendStatus.ok);
    expect(await samples()).toHaveLength(taken + 2);
  });

  test("without a window they are out of order, or out of bounds", async () => {
    await open();
    await clock.advance(2 * hourMs);
    append(t + 2 * hourMs, 1);
    expect(append(t + 2 * hourMs - 1, 1)).toBe(appendStatus.outOfOrder);
    expect(append(t, 1)).toBe(appendStatus.outOfBounds);
  });
});

describe("native histograms", () => {
  test("come back with new buckets, resets and ends, over a restart", async () => {
    await open();
    const values = Array.from({ length: 150 }, (_, index) => growingHistogram(index % 70));
    values.forEach((value, index) => append(t + index * 1000, value));
    append(t + 150_000, "stale");
    const before = await histograms();
    expect(before).toHaveLength(151);
    expect(before.map(([, histogram]) => histogram?.count)).toEqual([...values.map(({ count }) => count), undefined]);
    expect(await samples()).toEqual([[150_000, "stale"]]);
    await store.close();
    await open();
    expect(await histograms()).toEqual(before);
  });

  test("a selection shows the moment it was made, whatever buckets come later", async () => {
    await open();
    append(t, growingHistogram(0));
    append(t + 1, growingHistogram(1));
    const selection = await store.select({ matchers, minTimeMs: 0, maxTimeMs: 2 * t });
    for (let step = 2; step < 100; step++) append(t + step, growingHistogram(step));
    const column = newSampleColumn(8, { histograms: true });
    selection.readSamples(0, column);
    expect(column.histograms!.map((histogram) => histogram?.count)).toEqual([3, 6]);
    selection.close();
  });

  test("one time is taken once, whatever the kind", async () => {
    await open();
    append(t, growingHistogram(3));
    expect(append(t, growingHistogram(3))).toBe(appendStatus.ok);
    expect(append(t, growingHistogram(4))).toBe(appendStatus.duplicate);
    expect(append(t, 1)).toBe(appendStatus.duplicate);
    expect(append(t + 1, 1)).toBe(appendStatus.ok);
    expect(append(t + 2, growingHistogram(5))).toBe(appendStatus.ok);
    expect((await histograms()).map(([, histogram]) => histogram?.count)).toEqual([12, undefined, 18]);
  });

  test("buckets that do not fit their spans are a mistake of the caller", async () => {
    await open();
    expect(() => append(t, growingHistogram(3, { positiveBuckets: [1] }))).toThrow("as many buckets as its spans say");
  });
});

describe("start times", () => {
  test.each([
    {
      what: "a zero where the counter began",
      startMs: t - 500,
      expected: [
        [-500, 0],
        [0, 5],
      ],
    },
    { what: "no zero at the sample's own time", startMs: t, expected: [[0, 5]] },
    { what: "no zero without a start time", startMs: 0, expected: [[0, 5]] },
  ])("$what", async ({ startMs, expected }) => {
    await open({ injectsZeros: true });
    const appender = store.appender();
    const ref = appender.resolve(labels);
    appender.noteStartTime(ref, t, startMs);
    appender.append(ref, t, 5);
    appender.commit();
    expect(await samples()).toEqual(expected);
  });

  test("a start that is known already puts no second zero, and a later one does", async () => {
    await open({ injectsZeros: true });
    for (const [timeMs, startMs] of [
      [t, t - 500],
      [t + 1000, t - 500],
      [t + 2000, t + 1500],
    ] as const) {
      const appender = store.appender();
      const ref = appender.resolve(labels);
      appender.noteStartTime(ref, timeMs, startMs);
      appender.append(ref, timeMs, 5);
      appender.commit();
    }
    expect(await samples()).toEqual([
      [-500, 0],
      [0, 5],
      [1000, 5],
      [1500, 0],
      [2000, 5],
    ]);
  });

  test("histograms begin with an empty one; without the switch nothing is added", async () => {
    await open({ injectsZeros: true });
    const appendOne = (): void => {
      const appender = store.appender();
      const ref = appender.resolve(labels);
      appender.noteStartTime(ref, t, t - 500);
      appender.appendHistogram(ref, t, growingHistogram(3));
      appender.commit();
    };
    appendOne();
    expect((await histograms()).map(([timeMs, histogram]) => [timeMs, histogram?.count])).toEqual([
      [-500, 0],
      [0, 12],
    ]);
    await store.close();
    directory.remove();
    directory = temporaryDirectory();
    await open();
    appendOne();
    expect(await histograms()).toHaveLength(1);
  });
});

test("exemplars and metadata are there after a restart", async () => {
  await open({ exemplarCountMax: 10 });
  const appender = store.appender();
  const ref = appender.resolve(labels);
  appender.append(ref, t, 1);
  const exemplar = { labels: labelsOf({ trace_id: "abc" }), value: 0.5, timestampMs: t };
  appender.appendExemplar(ref, exemplar);
  appender.appendExemplar(ref, exemplar);
  appender.setMetadata(ref, { type: "counter", unit: "seconds", help: "Time" });
  appender.commit();
  for (let round = 0; round < 2; round++) {
    const query = { matcherSets: [matchers], minTimeMs: t, maxTimeMs: t };
    expect(store.selectExemplars(query)).toEqual([{ seriesLabels: labels, exemplars: [exemplar] }]);
    expect(store.metadataOf(labels)).toEqual({ type: "counter", unit: "seconds", help: "Time" });
    await store.close();
    await open({ exemplarCountMax: 10 });
  }
  expect(store.metadataOf(labelsOf({ __name__: "unknown" }))).toBeNull();
});

test("a disk that is full for a while: chunks and logs wait in memory, all is told, and all is written afterwards", async () => {
  let isFull = false;
  const files = {
    ...nodeFiles,
    write(file: number, bytes: Uint8Array, position: number) {
      if (isFull) throw new Error("ENOSPC: no space left on device, write");
      return nodeFiles.write(file, bytes, position);
    },
  };
  await open({ files, outOfOrderWindowMs: hourMs });
  const scrape = (): void => {
    const appender = store.appender();
    for (let index = 0; index < 150; index++) {
      const ref = appender.resolve(labelsOf({ __name__: "m", index: String(index) }));
      appender.append(ref, clock.nowMs(), index);
      appender.append(ref, clock.nowMs() - 1, index);
    }
    appender.commit();
  };
  for (let round = 0; round < 100; round++) {
    await clock.advance(1000);
    scrape();
  }
  isFull = true;
  for (let round = 0; round < 200; round++) {
    await clock.advance(1000);
    expect(scrape).toThrow(StorageWriteError);
  }
  expect(store.health()).toMatchObject({ durable: false, failingSinceMs: t + 101_000, samplesNotWritten: 60_000 });
  expect(store.stats().headChunkWriteFailures).toBeGreaterThan(0);
  const query = { matchers, minTimeMs: 0, maxTimeMs: 2 * t };
  const before = await readAll(store, query);
  expect(before[149]?.samples).toHaveLength(600);
  isFull = false;
  await clock.advance(20_000);
  scrape();
  expect(store.health()).toMatchObject({ durable: true, problem: null });
  store.truncateBefore(0);
  expect(store.stats().headChunkBytes).toBeGreaterThan(150 * 2 * 100);
  const after = await readAll(store, query);
  expect(after[149]?.samples).toHaveLength(602);
  expect(after[149]?.samples.slice(0, 600)).toEqual(before[149]?.samples);
});

test("a selection reads chunks whose file is dropped under it; afterwards the file goes", async () => {
  await open();
  const chunkFiles = (): string[] => readdirSync(join(directory.path, "chunks_head"));
  for (let index = 0; index < 300; index++) append(t + index * 1000, index);
  store.truncateBefore(0);
  expect(chunkFiles()).toEqual(["000001"]);
  const query = { matchers, minTimeMs: 0, maxTimeMs: 2 * t };
  const selection = await store.select(query);
  for (let index = 0; index < 300; index++) append(t + 3 * hourMs + index * 1000, index);
  store.truncateBefore(t + 2 * hourMs);
  store.truncateBefore(t + 2 * hourMs);
  expect(chunkFiles()).toContain("000001");
  const column = newSampleColumn();
  selection.readSamples(0, column);
  expect([...column.values.subarray(0, column.count)]).toEqual(Array.from({ length: 300 }, (_, index) => index));
  selection.close();
  store.truncateBefore(t + 2 * hourMs);
  expect(chunkFiles()).not.toContain("000001");
  expect(await samples()).toHaveLength(300);
});

/** Clocks that are set: nothing that was taken is lost, and nothing new is refused for long. */
import { labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HeadStore } from "./head-store.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";

const t = testBaseMs;
const hourMs = 3_600_000;
let directory: ReturnType<typeof temporaryDirectory>;
let store: HeadStore;
let clock: VirtualClock;

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new VirtualClock(t);
  store = await open();
});
afterEach(async () => {
  await store.close();
  directory.remove();
});

function open(): Promise<HeadStore> {
  return HeadStore.open({ directory: directory.path, clock, memoryMaxBytes: 64 * 1024 * 1024 });
}

async function reopen(): Promise<void> {
  await store.close();
  store = await open();
}

/** Appends a sample each minute, `count` times; says what came of the last. */
async function scrape(count: number, name = "m"): Promise<number> {
  let status = -1;
  for (let index = 0; index < count; index++) {
    await clock.advance(60_000);
    const appender = store.appender();
    status = appender.append(appender.resolve(labelsOf({ __name__: name })), clock.nowMs(), clock.nowMs() - t);
    appender.commit();
  }
  return status;
}

async function timesOf(name = "m"): Promise<number[]> {
  const matchers = [makeMatcher("__name__", "=", name)];
  const [series] = await readAll(store, { matchers, minTimeMs: 0, maxTimeMs: 2 * t });
  return series?.samples.map(([timeMs]) => timeMs - t) ?? [];
}

const minutes = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (first + index) * 60_000);

test("after a clock that was ahead, samples of now are taken at once, and those it wrote stay", async () => {
  await scrape(10);
  clock.step(5 * hourMs);
  await scrape(200);
  clock.step(-5 * hourMs - 200 * 60_000);
  expect(await scrape(150)).toBe(0);
  const all = [...minutes(1, 160), ...minutes(311, 200)].sort((left, right) => left - right);
  const expected = [...new Set([...all])];
  expect(await timesOf()).toEqual(expected);
  expect(store.stats().futureSetAside).toBe(1);
  await reopen();
  expect(await timesOf()).toEqual(expected);
  expect(await scrape(1)).toBe(0);
  await reopen();
  expect(await timesOf()).toContain(161 * 60_000);
});

test("a clock that is set back by less than a minute has its samples refused until it catches up, as in Prometheus", async () => {
  await scrape(10);
  clock.step(-90_000);
  expect(await scrape(1)).toBe(1);
  expect(await scrape(1)).toBe(0);
});

test("one series from the future does not keep others from being taken", async () => {
  await scrape(1, "ahead");
  const appender = store.appender();
  appender.append(appender.resolve(labelsOf({ __name__: "ahead" })), t + 100 * hourMs, 1);
  appender.commit();
  expect(await scrape(1, "other")).toBe(0);
  expect(await scrape(1, "ahead")).toBe(0);
  expect(await timesOf("ahead")).toEqual([60_000, 180_000, 100 * hourMs]);
});

test("a cut whose end is still to come keeps nobody from appending once it is released", async () => {
  clock.step(50 * hourMs);
  await scrape(60);
  clock.step(-50 * hourMs);
  const cut = store.cut(t, t + 50.5 * hourMs);
  store.truncateBefore(t + 50.5 * hourMs);
  store.release(cut);
  expect(await scrape(1)).toBe(0);
  expect(await scrape(1, "fresh")).toBe(0);
});

test("a start with a block from the future reads the log all the same", async () => {
  await scrape(5);
  await store.close();
  store = await HeadStore.open({ directory: directory.path, clock, minValidTimeMs: t + 100 * hourMs });
  expect(await timesOf()).toEqual(minutes(1, 5));
});

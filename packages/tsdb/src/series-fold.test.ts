import { type Labels, labelsOf, makeMatcher, SeriesLimitError, type SeriesRef, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HeadStore } from "./head-store.ts";
import { growingHistogram } from "./testing/histograms.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";

const t = testBaseMs;
let directory: ReturnType<typeof temporaryDirectory>;
let store: HeadStore;
let said: string[];

beforeEach(async () => {
  directory = temporaryDirectory();
  said = [];
  store = await open(3);
});
afterEach(async () => {
  await store.close();
  directory.remove();
});

function open(seriesCountMax: number): Promise<HeadStore> {
  const log = { info: () => {}, warn: (line: string) => void said.push(line), error: () => {} };
  const clock = new VirtualClock(t);
  return HeadStore.open({ directory: directory.path, clock, seriesCountMax, log, memoryMaxBytes: 64 * 1024 * 1024 });
}

const requests = (user: number, parts: Record<string, string> = {}): Labels =>
  labelsOf({ __name__: "requests", job: "api", instance: "a:1", user: String(user), ...parts });

/** One scrape: a value, or the end ("stale"), of each series. */
function scrape(timeMs: number, rows: readonly (readonly [Labels, number | "stale"])[]): number[] {
  const appender = store.appender();
  const statuses = rows.map(([labels, value]) => {
    const ref = appender.resolve(labels);
    return value === "stale" ? appender.appendStale(ref, timeMs) : appender.append(ref, timeMs, value);
  });
  appender.commit();
  return statuses;
}

function stored(label: string, value: string) {
  return readAll(store, { matchers: [makeMatcher(label, "=", value)], minTimeMs: 0, maxTimeMs: 2 * t });
}

const other = { __name__: "requests", job: "api", instance: "a:1", tatou_folded: "other" };

test("above the limit, new series of a metric and a target are one series: their sum", async () => {
  const rows = (scale: number) => [0, 1, 2, 3, 4, 5].map((user) => [requests(user), scale * 10 ** user] as const);
  expect(scrape(t, rows(1))).toEqual([0, 0, 0, 0, 0, 0]);
  scrape(t + 1000, rows(2));
  const folded = { labels: other, samples: [[t, 111_000] as const, [t + 1000, 222_000] as const] };
  expect(await stored("tatou_folded", "other")).toEqual([folded]);
  const all = await stored("__name__", "requests");
  expect(all).toHaveLength(4);
  const total = all.reduce((sum, { samples }) => sum + (samples[1]![1] as number), 0);
  expect(total).toBe(222_222);
  expect(store.stats()).toMatchObject({ seriesCount: 4, seriesFolded: 6 });
  const what = 'new series of "requests" of job "api" are summed up in series with tatou_folded="other"';
  expect(said).toEqual([`The limit of 3 series is reached: ${what}`]);
});

test("instances, buckets and quantiles stay apart, so that rates and histograms stay right", async () => {
  scrape(
    t,
    [0, 1, 2].map((user) => [requests(user), 1]),
  );
  scrape(t, [
    [requests(7, { instance: "b:1" }), 1],
    [requests(8, { instance: "b:1" }), 2],
    [requests(7, { le: "0.5" }), 4],
    [requests(8, { le: "0.5" }), 8],
    [requests(8, { le: "+Inf" }), 16],
    [requests(8, { quantile: "0.9" }), 32],
    [requests(8, { job: "web" }), 64],
  ]);
  const found = await stored("tatou_folded", "other");
  const byValue = Object.fromEntries(found.map(({ labels, samples }) => [samples[0]![1], labels]));
  expect(byValue).toEqual({
    3: { ...other, instance: "b:1" },
    12: { ...other, le: "0.5" },
    16: { ...other, le: "+Inf" },
    32: { ...other, quantile: "0.9" },
    64: { ...other, job: "web" },
  });
});

test("the end of one part does not end the sum; the end of all does", async () => {
  scrape(
    t,
    [0, 1, 2, 3, 4].map((user) => [requests(user), 1]),
  );
  scrape(t + 1, [
    [requests(3), "stale"],
    [requests(4), 5],
  ]);
  scrape(t + 2, [
    [requests(3), 7],
    [requests(4), "stale"],
  ]);
  scrape(t + 3, [
    [requests(3), "stale"],
    [requests(4), "stale"],
  ]);
  const [folded] = await stored("tatou_folded", "other");
  expect(folded?.samples).toEqual([
    [t, 2],
    [t + 1, 5],
    [t + 2, 7],
    [t + 3, "stale"],
  ]);
});

test("a sum goes on after a restart, and under a higher limit new series are series again", async () => {
  scrape(
    t,
    [0, 1, 2, 3, 4].map((user) => [requests(user), 1]),
  );
  await store.close();
  store = await open(3);
  scrape(
    t + 1,
    [0, 3, 4].map((user) => [requests(user), 2]),
  );
  const [folded] = await stored("tatou_folded", "other");
  expect(folded?.samples).toEqual([
    [t, 2],
    [t + 1, 4],
  ]);
  await store.close();
  store = await open(100);
  scrape(t + 2, [[requests(3), 3]]);
  const labels = { __name__: "requests", job: "api", instance: "a:1", user: "3" };
  expect(await stored("user", "3")).toEqual([{ labels, samples: [[t + 2, 3]] }]);
});

test("a row of a scrape is summed up too, and native histograms are left out", async () => {
  scrape(
    t,
    [0, 1, 2].map((user) => [requests(user), 1]),
  );
  const appender = store.appender();
  const refs = [3, 4].map((user) => appender.resolve(requests(user)));
  const row = {
    count: 2,
    timestampMs: t + 1,
    refs: Uint32Array.from(refs),
    values: Float64Array.of(1, 2),
    statuses: new Uint8Array(2),
  };
  expect(appender.appendRow(row)).toBe(0);
  expect(appender.appendHistogram(refs[0] as SeriesRef, t + 1, growingHistogram(1))).toBe(0);
  appender.commit();
  const [folded] = await stored("tatou_folded", "other");
  expect(folded?.samples).toEqual([[t + 1, 3]]);
});

test("there is a limit on sums too", () => {
  const appender = store.appender();
  const resolveMany = (): void => {
    for (let index = 0; index < 2000; index++) appender.resolve(labelsOf({ __name__: `m${index}`, job: "api" }));
  };
  expect(resolveMany).toThrow(SeriesLimitError);
  expect(store.stats().seriesCount).toBe(1003);
  appender.rollback();
});

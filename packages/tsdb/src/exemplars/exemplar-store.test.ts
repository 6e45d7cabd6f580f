import { labelsOf, makeMatcher } from "@tatou/model";
import { expect, test } from "vitest";
import { ExemplarStore } from "./exemplar-store.ts";

const exemplar = (timestampMs: number, parts: Record<string, string> = { trace_id: String(timestampMs) }) => ({
  labels: labelsOf(parts),
  value: timestampMs,
  timestampMs,
});
const labelsOfSeries = (ref: number) => (ref === 9 ? null : labelsOf({ __name__: "m", index: String(ref) }));
const everything = { matcherSets: [[makeMatcher("__name__", "=", "m")]], minTimeMs: 0, maxTimeMs: 100 };

const add = (store: ExemplarStore, ref: number, timestampMs: number) => store.add(ref, exemplar(timestampMs));

const timesOf = (store: ExemplarStore, query = everything) =>
  store
    .select(query, labelsOfSeries)
    .map(({ seriesLabels, exemplars }) => [
      seriesLabels.at(-1)?.value,
      ...exemplars.map(({ timestampMs }) => timestampMs),
    ]);

test("the newest are kept, whatever series they are of", () => {
  const store = new ExemplarStore(4);
  for (const [ref, timeMs] of [
    [2, 1],
    [1, 2],
    [2, 3],
    [1, 4],
    [2, 5],
    [3, 6],
  ] as const)
    add(store, ref, timeMs);
  expect(timesOf(store)).toEqual([
    ["1", 4],
    ["2", 3, 5],
    ["3", 6],
  ]);
  expect(store.stats()).toEqual({ appended: 6, refused: 0, count: 4, countMax: 4, seriesCount: 3, minTimeMs: 3 });
});

test("repetitions, older ones and those with long labels are left out", () => {
  const store = new ExemplarStore(4);
  expect([add(store, 1, 5), add(store, 1, 5), add(store, 1, 4), add(store, 2, 4)]).toEqual([true, false, false, true]);
  expect(store.add(1, exemplar(6, { trace_id: "x".repeat(120) }))).toBe(true);
  expect(store.add(1, exemplar(6, { trace_id: "x".repeat(121) }))).toBe(false);
  expect(store.stats().refused).toBe(2);
});

test("a query is answered by times and by any of its matcher sets; series that are gone are not", () => {
  const store = new ExemplarStore(20);
  for (const ref of [1, 2, 3, 9]) for (const timeMs of [10, 20, 30]) add(store, ref, timeMs);
  const matcherSets = [[makeMatcher("index", "=", "1")], [makeMatcher("index", "=~", "3|9")]];
  expect(timesOf(store, { matcherSets, minTimeMs: 20, maxTimeMs: 30 })).toEqual([
    ["1", 20, 30],
    ["3", 20, 30],
  ]);
});

test("a change of size keeps the newest; size 0 keeps and takes none", () => {
  const store = new ExemplarStore(5);
  for (let timeMs = 1; timeMs < 8; timeMs++) add(store, 1, timeMs);
  store.resize(3);
  expect(timesOf(store)).toEqual([["1", 5, 6, 7]]);
  store.resize(10);
  add(store, 1, 8);
  expect(timesOf(store)).toEqual([["1", 5, 6, 7, 8]]);
  store.resize(0);
  expect(add(store, 1, 9)).toBe(false);
  expect(timesOf(store)).toEqual([]);
});

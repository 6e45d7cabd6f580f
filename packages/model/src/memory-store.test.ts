import { expect, test } from "vitest";
import { appendStatus, SampleLimitError, SeriesLimitError } from "./appendable.ts";
import { labelsOf } from "./labels.ts";
import { makeMatcher } from "./matcher.ts";
import { MemoryStore } from "./memory-store.ts";
import { describeAppendable } from "./testing/describe-appendable.ts";
import { describeQueryable } from "./testing/describe-queryable.ts";
import { storeOf } from "./testing/store-of.ts";
import { readAll } from "./testing/test-series.ts";

describeQueryable("MemoryStore", (series) => ({ queryable: storeOf(series) }));

describeAppendable("MemoryStore", () => {
  const store = new MemoryStore();
  return { appendable: store, queryable: store };
});

const up = labelsOf({ __name__: "up" });
const all = { matchers: [makeMatcher("__name__", "!=", "")], minTimeMs: 0, maxTimeMs: 100 };

test("takes no more series than its limit, and known ones still", () => {
  const appender = new MemoryStore({ seriesCountMax: 1 }).appender();
  const ref = appender.resolve(up);
  expect(() => appender.resolve(labelsOf({ __name__: "down" }))).toThrow(SeriesLimitError);
  expect(appender.resolve(up)).toBe(ref);
});

test("a batch beyond the limit on samples is dropped as a whole; what is no new sample does not count", async () => {
  const store = new MemoryStore({ sampleCountMax: 3 });
  const appender = store.appender();
  const ref = appender.resolve(up);
  const append = (...timesMs: number[]) => {
    for (const timeMs of timesMs) expect(appender.append(ref, timeMs, 1)).toBe(appendStatus.ok);
    appender.commit();
  };
  append(1, 1);
  append(2);
  expect(() => append(3, 4)).toThrow(SampleLimitError);
  append(5);
  expect(() => append(6)).toThrow("Cannot add samples: the limit of 3 samples is reached");
  const samples = [1, 2, 5].map((timeMs) => [timeMs, 1]);
  expect(await readAll(store, all)).toEqual([{ labels: { __name__: "up" }, samples }]);
});

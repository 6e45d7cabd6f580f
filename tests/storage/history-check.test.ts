import { type Appendable, type Appender, MemoryStore } from "@tatou/model";
import { expect, test } from "vitest";
import { historySeries } from "./history.ts";
import { checkHistory, type Expectation } from "./history-check.ts";
import { appendTick } from "./history-writer.ts";

const series = historySeries(16).filter(({ kind }) => kind !== "late");
const expected: Expectation = { series, lastAcknowledgedTick: 299, doubtfulTicks: new Set(), isDeleted: () => false };

function written(change: (appender: Appender, tick: number) => Appender = (appender) => appender): MemoryStore {
  const store = new MemoryStore();
  for (let tick = 0; tick < 300; tick++) {
    const changing: Appendable = { appender: () => change(store.appender(), tick) };
    appendTick(changing, series, tick);
  }
  return store;
}

test("a store that has everything passes", async () => {
  const result = await checkHistory(written(), expected);
  expect(result.problems).toEqual([]);
  expect(result.sampleCount).toBeGreaterThan(4000);
});

test("a lost batch is seen", async () => {
  const store = written((appender, tick) => (tick === 120 ? { ...appender, commit: () => {} } : appender));
  expect((await checkHistory(store, expected)).problems[0]).toMatch(/at tick 120 is missing: found tick 121/);
  const forgiving = { ...expected, doubtfulTicks: new Set([120]) };
  expect((await checkHistory(store, forgiving)).problems).toEqual([]);
});

test("a wrong value is seen, of floats and of histograms", async () => {
  const wrongFloat = written((appender, tick) => ({
    ...appender,
    append: (ref, timeMs, value) => appender.append(ref, timeMs, tick === 7 ? value + 1e-9 : value),
  }));
  expect((await checkHistory(wrongFloat, expected)).problems[0]).toMatch(/at tick 7 is wrong/);
  const wrongHistogram = written((appender, tick) => ({
    ...appender,
    appendHistogram: (ref, timeMs, histogram) =>
      appender.appendHistogram(ref, timeMs, tick === 9 ? { ...histogram, positiveBuckets: [9, 9, 9] } : histogram),
  }));
  expect((await checkHistory(wrongHistogram, expected)).problems[0]).toMatch(/history_histogram.* at tick 9 is wrong/);
});

test("what should not be there is seen", async () => {
  const short = { ...expected, lastAcknowledgedTick: 298 };
  expect((await checkHistory(written(), short)).problems[0]).toMatch(/has a sample too many, at tick 299/);
  const deleted: Expectation = { ...expected, isDeleted: ({ index }, tick) => index === 3 && tick === 50 };
  expect((await checkHistory(written(), deleted)).problems).toEqual([
    expect.stringMatching(/has a sample too many, at tick 50/),
  ]);
});

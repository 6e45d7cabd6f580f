import { labelsOf, makeMatcher, newSampleColumn, type Queryable, type SeriesQuery } from "@tatou/model";
import { describeQueryable, readAll, storeOf, type TestSeries, testBaseMs } from "@tatou/model/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectFromAll, textsFromAll } from "./merge-queryable.ts";

const t = testBaseMs;
const all: SeriesQuery = { matchers: [makeMatcher("__name__", "=", "m")], minTimeMs: 0, maxTimeMs: 2 * t };

function mergeOf(...sources: readonly Queryable[]): Queryable {
  return {
    select: (query, signal) => selectFromAll(sources, query, signal),
    labelNames: (query) => textsFromAll(sources, query, (source) => source.labelNames(query)),
    labelValues: (name, query) => textsFromAll(sources, query, (source) => source.labelValues(name, query)),
  };
}

/** Each source has every `count`-th sample of each series. */
function dealt(series: readonly TestSeries[], count: number): Queryable[] {
  return Array.from({ length: count }, (_, source) =>
    storeOf(
      series.map(({ labels, samples }) => ({ labels, samples: samples.filter((_, at) => at % count === source) })),
    ),
  );
}

describeQueryable("a merge of one source", (series) => ({ queryable: mergeOf(storeOf(series)) }));
describeQueryable("a merge of sources that take turns", (series) => ({ queryable: mergeOf(...dealt(series, 3)) }));
describeQueryable("a merge of sources that hold the same", (series) => ({
  queryable: mergeOf(storeOf(series), storeOf(series)),
}));
describeQueryable("a merge of sources with series of their own", (series) => ({
  queryable: mergeOf(
    storeOf(series.filter((_, index) => index % 2 === 0)),
    storeOf([]),
    storeOf(series.filter((_, index) => index % 2 === 1)),
  ),
}));

const series = (samples: TestSeries["samples"], labels: Record<string, string> = {}): TestSeries => ({
  labels: { __name__: "m", ...labels },
  samples,
});

describe("merging", () => {
  test("keeps the first source's sample where two have one at the same time", async () => {
    const left = storeOf([
      series([
        [t, 1],
        [t + 2, 1],
        [t + 3, "stale"],
      ]),
    ]);
    const right = storeOf([
      series([
        [t, 2],
        [t + 1, 2],
        [t + 2, 2],
        [t + 3, 2],
        [t + 4, "stale"],
      ]),
    ]);
    expect(await readAll(mergeOf(left, right), all)).toEqual([
      series([
        [t, 1],
        [t + 1, 2],
        [t + 2, 1],
        [t + 3, "stale"],
        [t + 4, "stale"],
      ]),
    ]);
  });

  test("stops at the limit on series, and on texts", async () => {
    const many = Array.from({ length: 9 }, (_, index) => series([[t, index]], { index: String(index) }));
    const [left, right] = dealt(
      many.map((one) => ({ ...one, samples: [...one.samples, [t + 1, 0]] })),
      2,
    );
    const merged = mergeOf(left!, right!);
    const limited = { ...all, hints: { limit: 4 } };
    expect((await readAll(merged, limited)).map(({ labels }) => labels["index"])).toEqual(["0", "1", "2", "3"]);
    expect(await merged.labelValues("index", limited)).toEqual(["0", "1", "2", "3"]);
    expect(await readAll(mergeOf(left!), limited)).toHaveLength(4);
  });

  test("reads histograms and start times along with the values", async () => {
    const source = (offset: number): Queryable => ({
      ...mergeOf(),
      select: async () => ({
        seriesCount: 1,
        labelsAt: () => labelsOf({ __name__: "m" }),
        readSamples(_index, column) {
          column.count = 2;
          column.histograms = [histogram(offset), undefined];
          for (const at of [0, 1]) {
            column.timesMs[at] = t + 2 * at + offset;
            column.values[at] = offset;
            column.startTimesMs![at] = offset;
          }
        },
        close: () => {},
      }),
    });
    const selection = await selectFromAll([source(0), source(1)], all);
    const column = newSampleColumn(8, { histograms: true, startTimes: true });
    selection.readSamples(0, column);
    const { count, timesMs, startTimesMs, histograms } = column;
    expect([...timesMs.subarray(0, count)]).toEqual([t, t + 1, t + 2, t + 3]);
    expect([...startTimesMs!.subarray(0, count)]).toEqual([0, 1, 0, 1]);
    expect(histograms!.map((found) => found?.sum)).toEqual([0, 1, undefined, undefined]);
  });

  test("closes what was opened when one source fails", async () => {
    let closed = 0;
    const open: Queryable = {
      ...mergeOf(),
      select: async () => ({ seriesCount: 0, labelsAt: () => [], readSamples: () => {}, close: () => void closed++ }),
    };
    const failing: Queryable = { ...open, select: () => Promise.reject(new Error("no")) };
    await expect(selectFromAll([open, failing, open], all)).rejects.toThrow("no");
    expect(closed).toBe(2);
    (await selectFromAll([open, open], all)).close();
    expect(closed).toBe(4);
  });

  test("holds what its sources hold, however the samples are spread", async () => {
    const sample = fc.record({ at: fc.nat(60), source: fc.nat(7), index: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { maxLength: 200 }), async (samples) => {
        const seriesOf = (kept: typeof samples): TestSeries[] =>
          [0, 1, 2, 3].map((index) => {
            const times = kept.filter((one) => one.index === index).map(({ at }) => at);
            const ascending = [...new Set(times)].sort((left, right) => left - right);
            return series(
              ascending.map((at) => [t + at, at % 5 === 0 ? "stale" : at]),
              { index: String(index) },
            );
          });
        const sources = Array.from({ length: 8 }, (_, source) =>
          storeOf(seriesOf(samples.filter((one) => one.source === source))),
        );
        expect(await readAll(mergeOf(...sources), all)).toEqual(await readAll(storeOf(seriesOf(samples)), all));
      }),
      { numRuns: 50 },
    );
  });
});

function histogram(sum: number) {
  const none = { positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [], customValues: [] };
  const counts = { countKind: "integer", counterReset: "unknown", count: 1, zeroCount: 1 } as const;
  return { ...none, ...counts, schema: 0, zeroThreshold: 0, sum };
}

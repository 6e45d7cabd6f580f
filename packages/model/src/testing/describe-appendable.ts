import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Appendable, type Appender, appendStatus, type SampleRow, type SeriesRef } from "../appendable.ts";
import type { Histogram } from "../histogram.ts";
import { areSameHistograms } from "../histogram-equality.ts";
import { labelsOf } from "../labels.ts";
import { makeMatcher } from "../matcher.ts";
import type { Queryable } from "../queryable.ts";
import { newSampleColumn } from "../sample.ts";
import { testHistogram } from "./test-histogram.ts";
import { readAll, type TestSample, type TestSeries, testBaseMs } from "./test-series.ts";

/** An empty store, with the way to read back what was appended. */
export interface AppendableUnderTest {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  close?(): Promise<void> | void;
}

/** What every Appendable promises. `open` is called for each test and gives an empty store without an out-of-order window. */
export function describeAppendable(name: string, open: () => Promise<AppendableUnderTest> | AppendableUnderTest): void {
  describe(`${name} as an Appendable`, () => {
    let subject: AppendableUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close?.();
    });

    testBatches(() => subject);
    testStatuses(() => subject);
    testRows(() => subject);
    testHistograms(() => subject);
    testRefs(() => subject);
  });
}

type Subject = () => AppendableUnderTest;

const t = testBaseMs;
const upLabels = labelsOf({ __name__: "m", job: "api" });

/** Appends one sample in a batch of its own. */
function appendOne(appendable: Appendable, timeMs: number, value: number | "stale"): number {
  const appender = appendable.appender();
  const ref = appender.resolve(upLabels);
  const status = value === "stale" ? appender.appendStale(ref, timeMs) : appender.append(ref, timeMs, value);
  appender.commit();
  return status;
}

async function stored(subject: AppendableUnderTest): Promise<TestSeries[]> {
  return readAll(subject.queryable, {
    matchers: [makeMatcher("__name__", "=", "m")],
    minTimeMs: t - 3_600_000,
    maxTimeMs: t + 3_600_000,
  });
}

async function storedSamples(subject: AppendableUnderTest): Promise<readonly TestSample[]> {
  return (await stored(subject)).flatMap((series) => series.samples);
}

function testBatches(subject: Subject): void {
  test("shows a batch when it is committed, not before", async () => {
    const appender = subject().appendable.appender();
    expect(appender.append(appender.resolve(upLabels), t, 1)).toBe(appendStatus.ok);
    expect(await storedSamples(subject())).toEqual([]);
    appender.commit();
    expect(await storedSamples(subject())).toEqual([[t, 1]]);
  });

  test("forgets a batch that is rolled back", async () => {
    appendOne(subject().appendable, t, 1);
    const appender = subject().appendable.appender();
    appender.append(appender.resolve(upLabels), t + 1000, 2);
    appender.rollback();
    expect(await storedSamples(subject())).toEqual([[t, 1]]);
    // What was rolled back leaves no trace in the order check either.
    expect(appendOne(subject().appendable, t + 500, 3)).toBe(appendStatus.ok);
    expect(await storedSamples(subject())).toEqual([
      [t, 1],
      [t + 500, 3],
    ]);
  });

  test("commits an empty batch", async () => {
    subject().appendable.appender().commit();
    expect(await stored(subject())).toEqual([]);
  });

  test("takes many series in one batch", async () => {
    const appender = subject().appendable.appender();
    for (let index = 0; index < 1000; index++) {
      const labels = labelsOf({ __name__: "m", index: String(index).padStart(4, "0") });
      appender.append(appender.resolve(labels), t, index);
    }
    appender.commit();
    const series = await stored(subject());
    expect(series.map(({ samples }) => samples)).toEqual(Array.from({ length: 1000 }, (_, index) => [[t, index]]));
  });

  test("takes several samples of one series in one batch", async () => {
    const appender = subject().appendable.appender();
    const ref = appender.resolve(upLabels);
    for (let index = 0; index < 300; index++) appender.append(ref, t + index * 1000, index);
    appender.commit();
    expect(await storedSamples(subject())).toEqual(
      Array.from({ length: 300 }, (_, index) => [t + index * 1000, index]),
    );
  });

  test("stays in order whatever one batch brings", async () => {
    const appender = subject().appendable.appender();
    const ref = appender.resolve(upLabels);
    for (const at of [0, 2000, 1000, 2000, 3000]) appender.append(ref, t + at, at);
    appender.commit();
    const times = (await storedSamples(subject())).map(([timeMs]) => timeMs);
    expect(times).toEqual([...new Set(times)].sort((left, right) => left - right));
    expect(times).toEqual(expect.arrayContaining([t, t + 2000, t + 3000]));
  });

  test("keeps two batches that are open at once apart", async () => {
    const first = subject().appendable.appender();
    const second = subject().appendable.appender();
    first.append(first.resolve(upLabels), t, 1);
    second.append(second.resolve(labelsOf({ __name__: "m", job: "web" })), t, 2);
    first.commit();
    expect(await storedSamples(subject())).toEqual([[t, 1]]);
    second.commit();
    expect(await stored(subject())).toHaveLength(2);
  });
}

function testStatuses(subject: Subject): void {
  test.each<{ what: string; at: number; value: number | "stale"; status: number; samples: number }>([
    { what: "a newer sample", at: 1, value: 7, status: appendStatus.ok, samples: 2 },
    { what: "the newest sample again", at: 0, value: 1, status: appendStatus.ok, samples: 1 },
    { what: "the newest time with another value", at: 0, value: 2, status: appendStatus.duplicate, samples: 1 },
    {
      what: "the newest time with the staleness marker",
      at: 0,
      value: "stale",
      status: appendStatus.duplicate,
      samples: 1,
    },
    { what: "an older sample", at: -1, value: 1, status: appendStatus.outOfOrder, samples: 1 },
    { what: "an older staleness marker", at: -1, value: "stale", status: appendStatus.outOfOrder, samples: 1 },
  ])("answers $what with status $status", async ({ at, value, status, samples }) => {
    appendOne(subject().appendable, t, 1);
    expect(appendOne(subject().appendable, t + at, value)).toBe(status);
    expect(await storedSamples(subject())).toHaveLength(samples);
  });

  test.each<{ value: number | "stale" }>([{ value: Number.NaN }, { value: "stale" }])(
    "takes $value again at the same time: the bits are equal",
    async ({ value }) => {
      appendOne(subject().appendable, t, value);
      expect(appendOne(subject().appendable, t, value)).toBe(appendStatus.ok);
      expect(await storedSamples(subject())).toEqual([[t, value]]);
    },
  );

  test("tells NaN from the staleness marker", async () => {
    appendOne(subject().appendable, t, Number.NaN);
    appendOne(subject().appendable, t + 1, "stale");
    expect(await storedSamples(subject())).toEqual([
      [t, Number.NaN],
      [t + 1, "stale"],
    ]);
  });

  test("goes on with the batch after a refused sample", async () => {
    appendOne(subject().appendable, t, 1);
    const appender = subject().appendable.appender();
    const ref = appender.resolve(upLabels);
    expect(appender.append(ref, t - 1000, 0)).toBe(appendStatus.outOfOrder);
    expect(appender.append(ref, t + 1000, 2)).toBe(appendStatus.ok);
    appender.commit();
    expect(await storedSamples(subject())).toEqual([
      [t, 1],
      [t + 1000, 2],
    ]);
  });
}

function testHistograms(subject: Subject): void {
  const histogram = testHistogram();
  const more = testHistogram({ count: 5, sum: 9, positiveBuckets: [2, 3] });

  test("keeps histograms beside floats, and ends them", async () => {
    const appender = subject().appendable.appender();
    const ref = appender.resolve(upLabels);
    expect(appender.append(ref, t, 1)).toBe(appendStatus.ok);
    expect(appender.appendHistogram(ref, t + 1000, histogram)).toBe(appendStatus.ok);
    expect(appender.appendHistogram(ref, t + 2000, more)).toBe(appendStatus.ok);
    expect(appender.appendStale(ref, t + 3000)).toBe(appendStatus.ok);
    appender.commit();
    const read = await storedHistograms(subject());
    expect(read.map((item) => typeof item)).toEqual(["number", "object", "object", "number"]);
    expect(areSameHistograms(read[1] as Histogram, histogram)).toBe(true);
    expect(areSameHistograms(read[2] as Histogram, more)).toBe(true);
    expect(await storedSamples(subject())).toEqual([
      [t, 1],
      [t + 3000, "stale"],
    ]);
  });

  test("takes the newest histogram again, and no other one in its place", async () => {
    const appender = subject().appendable.appender();
    const ref = appender.resolve(upLabels);
    appender.appendHistogram(ref, t, histogram);
    appender.commit();
    const next = subject().appendable.appender();
    expect(next.appendHistogram(ref, t, { ...histogram })).toBe(appendStatus.ok);
    expect(next.appendHistogram(ref, t, more)).toBe(appendStatus.duplicate);
    expect(next.append(ref, t, 1)).toBe(appendStatus.duplicate);
    expect(next.appendHistogram(ref, t - 1, more)).toBe(appendStatus.outOfOrder);
    next.commit();
    expect(await storedHistograms(subject())).toHaveLength(1);
  });
}

/** The samples of the one series: floats, staleness markers as NaN, and histograms. */
async function storedHistograms({ queryable }: AppendableUnderTest): Promise<(number | Histogram)[]> {
  const range = { minTimeMs: t - 3_600_000, maxTimeMs: t + 3_600_000 };
  const selection = await queryable.select({ matchers: [makeMatcher("__name__", "=", "m")], ...range });
  const column = newSampleColumn(1, { histograms: true });
  expect(selection.seriesCount).toBe(1);
  selection.readSamples(0, column);
  selection.close();
  return Array.from({ length: column.count }, (_, index) => column.histograms?.[index] ?? column.values[index]!);
}

function testRows(subject: Subject): void {
  const rowOf = (timestampMs: number, refs: readonly number[], values: readonly number[]): SampleRow => ({
    count: refs.length,
    timestampMs,
    // Longer than the row, as a caller's own arrays are.
    refs: Uint32Array.from([...refs, 0]),
    values: Float64Array.from([...values, 0]),
    statuses: new Uint8Array(refs.length + 1).fill(255),
  });

  test("takes a row of samples, one for each series", async () => {
    const appender = subject().appendable.appender();
    const refs = ["a", "b", "c"].map((index) => appender.resolve(labelsOf({ __name__: "m", index })));
    const row = rowOf(t, refs, [1, Number.NaN, 3]);
    expect(appender.appendRow(row)).toBe(0);
    row.values.fill(0);
    row.refs.fill(0);
    appender.commit();
    const series = await stored(subject());
    expect(series.map(({ samples }) => samples)).toEqual([[[t, 1]], [[t, Number.NaN]], [[t, 3]]]);
  });

  test("says what came of each sample of a row, and takes those that are right", async () => {
    appendOne(subject().appendable, t, 1);
    const appender = subject().appendable.appender();
    const known = appender.resolve(upLabels);
    const fresh = appender.resolve(labelsOf({ __name__: "m", job: "web" }));
    const older = rowOf(t - 1000, [known, 987_654], [7, 7]);
    expect(appender.appendRow(older)).toBe(2);
    expect([...older.statuses]).toEqual([appendStatus.outOfOrder, appendStatus.unknownSeries, 255]);
    const again = rowOf(t, [known, fresh, known], [1, 2, 3]);
    expect(appender.appendRow(again)).toBe(1);
    expect([...again.statuses]).toEqual([appendStatus.ok, appendStatus.ok, appendStatus.duplicate, 255]);
    const newer = rowOf(t + 1000, [known, known], [4, 5]);
    appender.appendRow(newer);
    expect(newer.statuses[0]).toBe(appendStatus.ok);
    appender.commit();
    expect((await stored(subject())).map(({ samples }) => samples)).toEqual([
      [
        [t, 1],
        [t + 1000, 4],
      ],
      [[t, 2]],
    ]);
  });
}

function testRefs(subject: Subject): void {
  test("names a series by the same ref in every batch", () => {
    const refs = [0, 1, 2].map((index) => {
      const appender = subject().appendable.appender();
      const ref = appender.resolve(upLabels);
      appender.append(ref, t + index, index);
      appender.commit();
      return ref;
    });
    expect(new Set(refs).size).toBe(1);
  });

  test("gives different series different refs", () => {
    const appender = subject().appendable.appender();
    const web = appender.resolve(labelsOf({ __name__: "m", job: "web" }));
    expect(appender.resolve(upLabels)).not.toBe(web);
    appender.rollback();
  });

  test("appends by a ref of an earlier batch while it is live", async () => {
    const first = subject().appendable.appender();
    const ref = first.resolve(upLabels);
    first.append(ref, t, 1);
    first.commit();
    const second: Appender = subject().appendable.appender();
    expect(second.isLive(ref)).toBe(true);
    second.append(ref, t + 1000, 2);
    second.commit();
    expect(await storedSamples(subject())).toEqual([
      [t, 1],
      [t + 1000, 2],
    ]);
  });

  test("says that a ref nobody gave out is not live", () => {
    const appender = subject().appendable.appender();
    expect(appender.isLive(987_654 as SeriesRef)).toBe(false);
    appender.rollback();
  });
}

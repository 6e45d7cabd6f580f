import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { compareLabels, labelsOf, labelValue } from "../labels.ts";
import { accepts, type Matcher, makeMatcher } from "../matcher.ts";
import type { Queryable, SeriesQuery } from "../queryable.ts";
import { newSampleColumn } from "../sample.ts";
import { readAll, type TestSample, type TestSeries, testBaseMs } from "./test-series.ts";

/** A Queryable that holds the series it was opened with. */
export interface QueryableUnderTest {
  readonly queryable: Queryable;
  close?(): Promise<void> | void;
}

/** What every Queryable promises. `open` is called for each test with the series to hold, in no particular order. */
export function describeQueryable(
  name: string,
  open: (series: readonly TestSeries[]) => Promise<QueryableUnderTest> | QueryableUnderTest,
): void {
  describe(`${name} as a Queryable`, () => {
    const opened: QueryableUnderTest[] = [];
    const openWith = async (series: readonly TestSeries[]): Promise<Queryable> => {
      const subject = await open(series);
      opened.push(subject);
      return subject.queryable;
    };
    afterEach(async () => {
      for (const subject of opened.splice(0)) await subject.close?.();
    });

    testSelecting(openWith);
    testSamples(openWith);
    testLabelLists(openWith);
  });
}

type Open = (series: readonly TestSeries[]) => Promise<Queryable>;

const t = testBaseMs;
const api0: TestSeries = { labels: { __name__: "requests", job: "api", instance: "0" }, samples: ramp(0, 5) };
const api1: TestSeries = { labels: { __name__: "requests", job: "api", instance: "1" }, samples: ramp(0, 5) };
const web0: TestSeries = { labels: { __name__: "requests", job: "web", instance: "0" }, samples: ramp(0, 5) };
const up: TestSeries = { labels: { __name__: "up", job: "api" }, samples: ramp(0, 5) };
const fixture = [web0, up, api1, api0];

/** Samples at testBaseMs + 10 s × index, with the index as value. */
function ramp(firstIndex: number, count: number): TestSample[] {
  return Array.from({ length: count }, (_, index) => [t + 10_000 * (firstIndex + index), firstIndex + index]);
}

function query(matchers: readonly Matcher[], minTimeMs = t, maxTimeMs = t + 3_600_000): SeriesQuery {
  return { matchers, minTimeMs, maxTimeMs };
}

function testSelecting(open: Open): void {
  test.each<{ what: string; matchers: Matcher[]; selected: TestSeries[] }>([
    { what: "a name", matchers: [makeMatcher("__name__", "=", "up")], selected: [up] },
    {
      what: "several matchers that all accept",
      matchers: [makeMatcher("__name__", "=", "requests"), makeMatcher("instance", "=", "0")],
      selected: [api0, web0],
    },
    { what: "an expression", matchers: [makeMatcher("__name__", "=~", "req.*|nothing")], selected: [api0, web0, api1] },
    {
      what: "an inequality, which a missing label also fulfils",
      matchers: [makeMatcher("job", "=", "api"), makeMatcher("instance", "!=", "1")],
      selected: [api0, up],
    },
    {
      what: "the empty text, which only a missing label has",
      matchers: [makeMatcher("job", "=", "api"), makeMatcher("instance", "=", "")],
      selected: [up],
    },
    {
      what: "an expression that must not match",
      matchers: [makeMatcher("job", "=~", ".+"), makeMatcher("instance", "!~", "0|")],
      selected: [api1],
    },
    {
      what: "two matchers on one label",
      matchers: [makeMatcher("job", "=~", ".+"), makeMatcher("job", "!=", "api")],
      selected: [web0],
    },
    { what: "nothing that is there", matchers: [makeMatcher("job", "=", "none")], selected: [] },
    { what: "a label nobody has", matchers: [makeMatcher("zone", "=~", ".+")], selected: [] },
  ])("selects by $what, sorted by labels", async ({ matchers, selected }) => {
    const queryable = await open(fixture);
    expect(await readAll(queryable, query(matchers))).toEqual(selected);
  });

  test("sorts labels by the bytes of their UTF-8", async () => {
    const texts = ["\u{1f600}", "\uffee", "z", "é", "Z"];
    const queryable = await open(texts.map((text) => ({ labels: { __name__: "m", text }, samples: ramp(0, 1) })));
    const found = await readAll(queryable, query([makeMatcher("__name__", "=", "m")]));
    expect(found.map((series) => series.labels["text"])).toEqual(["Z", "z", "é", "\uffee", "\u{1f600}"]);
  });

  test("keeps selections apart: each stays readable after the other was closed", async () => {
    const queryable = await open(fixture);
    const first = await queryable.select(query([makeMatcher("__name__", "=", "up")]));
    const second = await queryable.select(query([makeMatcher("__name__", "=", "requests")]));
    first.close();
    const column = newSampleColumn();
    second.readSamples(2, column);
    expect(labelValue(second.labelsAt(2), "instance")).toBe("1");
    expect(column.count).toBe(5);
    second.close();
  });

  test("rejects when the signal is aborted already", async () => {
    const queryable = await open(fixture);
    const reason = new Error("no longer wanted");
    const signal = AbortSignal.abort(reason);
    await expect(queryable.select(query([makeMatcher("__name__", "=", "up")]), signal)).rejects.toBe(reason);
  });

  test("answers as going through all series one by one does", async () => {
    await fc.assert(
      fc.asyncProperty(anySeries, anyMatchers, anyRange, async (series, matchers, [minTimeMs, maxTimeMs]) => {
        const queryable = await open(series);
        const expected = series
          .filter(({ labels }) => matchers.every((matcher) => accepts(matcher, labels[matcher.label] ?? "")))
          .map(({ labels, samples }) => ({
            labels,
            samples: samples.filter(([timeMs]) => timeMs >= minTimeMs && timeMs <= maxTimeMs),
          }))
          .filter(({ samples }) => samples.length > 0)
          .sort((left, right) => compareLabels(labelsOf(left.labels), labelsOf(right.labels)));
        expect(await readAll(queryable, { matchers, minTimeMs, maxTimeMs })).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
}

const anyLabels = fc
  .record({
    job: fc.constantFrom("", "a", "b", "c"),
    zone: fc.constantFrom("", "x", "y"),
    path: fc.constantFrom("", "/", "/ü"),
  })
  .map(
    (labels): Record<string, string> => ({
      __name__: "m",
      ...Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== "")),
    }),
  );
const anySamples = fc
  .uniqueArray(fc.tuple(fc.nat(600), fc.oneof(fc.double(), fc.constant("stale" as const))), {
    selector: ([at]) => at,
    minLength: 1,
    maxLength: 40,
  })
  .map((pairs): TestSample[] =>
    pairs.sort(([left], [right]) => left - right).map(([at, value]) => [t + at * 1000, value]),
  );
const anySeries = fc.uniqueArray(fc.record({ labels: anyLabels, samples: anySamples }), {
  selector: ({ labels }) => JSON.stringify(labels),
  maxLength: 12,
});
const anyMatchers = fc
  .array(
    fc
      .tuple(
        fc.constantFrom("job", "zone", "path"),
        fc.constantFrom("=" as const, "!=" as const, "=~" as const, "!~" as const),
        fc.constantFrom("", "a", "x", "/", "a|b|", ".+", "[b-y]"),
      )
      .map(([label, operator, value]) => makeMatcher(label, operator, value)),
    { maxLength: 3 },
  )
  .map((matchers) => [makeMatcher("__name__", "=", "m"), ...matchers]);
const anyRange = fc
  .tuple(fc.nat(600), fc.nat(600))
  .map(([left, right]): [number, number] => [t + 1000 * Math.min(left, right), t + 1000 * Math.max(left, right)]);

function testSamples(open: Open): void {
  test.each([
    { what: "both bounds belong to the range", minTimeMs: t + 10_000, maxTimeMs: t + 30_000, values: [1, 2, 3] },
    { what: "a range between samples is empty", minTimeMs: t + 10_001, maxTimeMs: t + 19_999, values: [] },
    { what: "one instant", minTimeMs: t + 20_000, maxTimeMs: t + 20_000, values: [2] },
    { what: "a range that is wider than the data", minTimeMs: 0, maxTimeMs: 2 * t, values: [0, 1, 2, 3, 4] },
  ])("$what", async ({ minTimeMs, maxTimeMs, values }) => {
    const queryable = await open(fixture);
    const found = await readAll(queryable, query([makeMatcher("__name__", "=", "up")], minTimeMs, maxTimeMs));
    expect(found.flatMap((series) => series.samples.map(([, value]) => value))).toEqual(values);
  });

  test("keeps every bit of a value", async () => {
    const values = [
      0,
      -0,
      0.1,
      Number.NaN,
      Infinity,
      -Infinity,
      5e-324,
      Number.MAX_VALUE,
      2 ** 53 + 2,
      "stale" as const,
    ];
    const samples = values.map((value, index): TestSample => [t + index, value]);
    const queryable = await open([{ labels: { __name__: "m" }, samples }]);
    const found = await readAll(queryable, query([makeMatcher("__name__", "=", "m")]));
    expect(found).toEqual([{ labels: { __name__: "m" }, samples }]);
  });

  test("gives thousands of samples of one series in ascending order", async () => {
    const samples = ramp(0, 5000);
    const queryable = await open([{ labels: { __name__: "m" }, samples }]);
    const found = await readAll(queryable, query([makeMatcher("__name__", "=", "m")], 0, t + 10_000 * 5000));
    expect(found).toEqual([{ labels: { __name__: "m" }, samples }]);
  });
}

function testLabelLists(open: Open): void {
  test("lists label names, sorted, of all series or of those that match", async () => {
    const queryable = await open(fixture);
    expect(await queryable.labelNames(query([]))).toEqual(["__name__", "instance", "job"]);
    expect(await queryable.labelNames(query([makeMatcher("__name__", "=", "up")]))).toEqual(["__name__", "job"]);
  });

  test("lists the values of a label, sorted, of all series or of those that match", async () => {
    const queryable = await open(fixture);
    expect(await queryable.labelValues("__name__", query([]))).toEqual(["requests", "up"]);
    expect(await queryable.labelValues("job", query([makeMatcher("instance", "=", "0")]))).toEqual(["api", "web"]);
    expect(await queryable.labelValues("instance", query([makeMatcher("__name__", "=", "up")]))).toEqual([]);
    expect(await queryable.labelValues("zone", query([]))).toEqual([]);
  });

  test("an empty store answers with nothing", async () => {
    const queryable = await open([]);
    expect(await readAll(queryable, query([makeMatcher("__name__", "=", "up")]))).toEqual([]);
    expect(await queryable.labelNames(query([]))).toEqual([]);
    expect(await queryable.labelValues("job", query([]))).toEqual([]);
  });
}

import { expect, test } from "vitest";
import { bucketIndexesOf, spansOf } from "./bucket-spans.ts";
import { customBucketsSchema, type Histogram } from "./histogram.ts";
import { bucketsOf, formatHistogram } from "./histogram-buckets.ts";
import { areSameHistograms } from "./histogram-equality.ts";
import { histogramProblem } from "./histogram-problem.ts";
import { reduceResolution } from "./histogram-resolution.ts";
import { testHistogram } from "./testing/test-histogram.ts";

const empty = { zeroThreshold: 0, count: 0, sum: 0, positiveSpans: [], positiveBuckets: [] };
const formatFloat = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

test.each<{ printed: string; parts: Partial<Histogram> }>([
  // Values of Prometheus' own tests.
  { printed: "{count:0, sum:0}", parts: empty },
  {
    printed:
      "{count:9, sum:-3.1415, [-64,-32):1, [-16,-8):1, [-8,-4):2, [-4,-2):1, [-2,-1):3, [-1,-0.5):1, [-0.001,0.001]:12}",
    parts: {
      ...empty,
      count: 9,
      sum: -3.1415,
      zeroCount: 12,
      zeroThreshold: 0.001,
      negativeSpans: spans([0, 5], [1, 1]),
      negativeBuckets: [1, 3, 1, 2, 1, 1],
    },
  },
  {
    printed: "{count:8, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}",
    parts: {
      countKind: "float",
      count: 8,
      sum: 10,
      zeroCount: 2,
      zeroThreshold: 0.001,
      positiveSpans: spans([0, 2]),
      positiveBuckets: [1, 2],
      negativeSpans: spans([0, 2]),
      negativeBuckets: [1, 2],
    },
  },
  {
    printed: "{count:6, sum:1, [-Infinity,0.5]:1, (0.5,2]:2, (2,Infinity]:3}",
    parts: {
      schema: customBucketsSchema,
      zeroThreshold: 0,
      count: 6,
      sum: 1,
      positiveSpans: spans([0, 3]),
      positiveBuckets: [1, 2, 3],
      customValues: [0.5, 2],
    },
  },
  { printed: "{count:1, sum:0, [-0,0]:1}", parts: { ...empty, count: 1, zeroCount: 1 } },
])("prints $printed", ({ printed, parts }) => {
  expect(formatHistogram(testHistogram(parts), formatFloat)).toBe(printed);
});

test.each([
  // Upper bounds as Prometheus has them, most of which are not the nearest float64.
  { schema: 1, index: 1, upper: 1.414213562373095 },
  { schema: 2, index: 3, upper: 2 * 0.8408964152537144 },
  { schema: 3, index: -4, upper: 0.7071067811865475 },
  { schema: 5, index: 31, upper: 2 * 0.9785720620876999 },
  { schema: 7, index: 127, upper: 2 * 0.9945994234836328 },
  { schema: 8, index: 3, upper: 2 * 0.5040779490592088 },
  { schema: 8, index: 137, upper: 2 * 0.7245495448210174 },
  { schema: 8, index: 255, upper: 2 * 0.9972960560854698 },
  { schema: 8, index: -1, upper: 0.9972960560854698 },
  { schema: 8, index: -256 * 1074, upper: 5e-324 },
  { schema: 0, index: 10, upper: 1024 },
  { schema: -4, index: 1, upper: 65_536 },
  { schema: -4, index: 64, upper: Number.MAX_VALUE },
  { schema: 2, index: 4096, upper: Number.MAX_VALUE },
  { schema: 2, index: 4097, upper: Number.POSITIVE_INFINITY },
])("bucket $index of schema $schema ends at $upper", ({ schema, index, upper }) => {
  const histogram = testHistogram({ schema, positiveSpans: spans([index, 1]), positiveBuckets: [1] });
  expect(bucketsOf(histogram).map((bucket) => bucket.upper)).toEqual([upper]);
});

test("spans give back the indexes they are made of", () => {
  expect(spansOf([-3, -2, 0, 5, 6])).toEqual(spans([-3, 2], [1, 1], [4, 2]));
  expect(bucketIndexesOf(spans([-3, 2], [1, 0], [0, 1], [4, 2]))).toEqual([-3, -2, 0, 5, 6]);
});

test("spans that are cut differently are the same histogram, other numbers are not", () => {
  const histogram = testHistogram();
  const cut = { positiveSpans: spans([0, 1], [0, 0], [0, 1]), counterReset: "reset" as const };
  expect(areSameHistograms(histogram, testHistogram(cut))).toBe(true);
  expect(areSameHistograms(testHistogram({ sum: Number.NaN }), testHistogram({ sum: Number.NaN }))).toBe(true);
  const others: Partial<Histogram>[] = [
    { countKind: "float" },
    { schema: 1 },
    { sum: 0 },
    { count: 5 },
    { zeroCount: 1 },
    { zeroThreshold: 0 },
    { positiveSpans: spans([1, 2]) },
    { positiveBuckets: [2, 2] },
    { positiveBuckets: [1, 3, 0] },
    { negativeSpans: spans([0, 1]) },
    { negativeBuckets: [0] },
    { customValues: [1] },
  ];
  for (const parts of others) expect(areSameHistograms(histogram, testHistogram(parts))).toBe(false);
});

test.each<{ problem: string | null; parts: Partial<Histogram> }>([
  { problem: null, parts: {} },
  { problem: null, parts: { countKind: "float", count: 3 } },
  { problem: null, parts: { sum: Number.NaN, count: 5 } },
  { problem: "observations found in buckets, but the Count field is 3", parts: { sum: Number.NaN, count: 3 } },
  { problem: "4 observations found in buckets, but the Count field is 5", parts: { count: 5 } },
  { problem: "invalid schema, which must be between -4 and 8", parts: { schema: 9 } },
  { problem: "invalid schema", parts: { schema: 0.5 } },
  { problem: "positive side: spans need 3 buckets, have 2 buckets", parts: { positiveSpans: spans([0, 3]) } },
  {
    problem: "positive side: span number 2 with offset -1",
    parts: { positiveSpans: spans([0, 1], [-1, 1]) },
  },
  { problem: "positive side: bucket number 2 has observation count of -1", parts: { positiveBuckets: [1, -1] } },
  {
    problem: "negative side: bucket number 1 has observation count of -1",
    parts: { negativeSpans: spans([0, 1]), negativeBuckets: [-1] },
  },
  { problem: "exponential schema must not have custom bounds", parts: { customValues: [1] } },
  { problem: "zero bucket has observation count of -2", parts: { zeroCount: -2 } },
  { problem: "observation count is -1", parts: { count: -1 } },
  { problem: null, parts: custom({}) },
  { problem: "custom bounds must not be NaN", parts: custom({ customValues: [Number.NaN] }) },
  { problem: "previous bound is 2.000000 and current is 1.000000", parts: custom({ customValues: [2, 1] }) },
  { problem: "last +Inf bound", parts: custom({ customValues: [1, Number.POSITIVE_INFINITY] }) },
  { problem: "only 0 custom bounds", parts: custom({ customValues: [] }) },
  { problem: "span number 1 with offset -1", parts: custom({ positiveSpans: spans([-1, 2]) }) },
  { problem: "must have zero count of 0", parts: custom({ zeroCount: 1 }) },
  { problem: "must have zero threshold of 0", parts: custom({ zeroThreshold: 1 }) },
  { problem: "must not have negative spans", parts: custom({ negativeSpans: spans([0, 0]) }) },
  { problem: "must not have negative buckets", parts: custom({ negativeBuckets: [0] }) },
])("finds $problem in $parts", ({ problem, parts }) => {
  const found = histogramProblem(testHistogram(parts));
  expect(found ?? "nothing").toContain(problem ?? "nothing");
});

test("fewer, wider buckets hold the same observations", () => {
  const fine = testHistogram({
    schema: 2,
    positiveSpans: spans([-3, 5], [2, 1]),
    positiveBuckets: [1, 2, 3, 4, 5, 6],
    negativeSpans: spans([5, 1]),
    negativeBuckets: [7],
  });
  expect(reduceResolution(fine, 0)).toEqual({
    ...fine,
    schema: 0,
    positiveSpans: spans([0, 2]),
    positiveBuckets: [10, 11],
    negativeSpans: spans([2, 1]),
    negativeBuckets: [7],
  });
});

function spans(...list: readonly (readonly [offset: number, length: number])[]) {
  return list.map(([offset, length]) => ({ offset, length }));
}

function custom(parts: Partial<Histogram>): Partial<Histogram> {
  return { schema: customBucketsSchema, zeroThreshold: 0, customValues: [1], ...parts };
}

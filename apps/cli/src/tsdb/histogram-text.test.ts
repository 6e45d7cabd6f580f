import { customBucketsSchema, type Histogram } from "@tatou/model";
import { expect, test } from "vitest";
import { histogramText } from "./histogram-text.ts";

const empty: Histogram = {
  countKind: "integer",
  counterReset: "unknown",
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: [],
  positiveBuckets: [],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
};

// The expected texts are those of Prometheus' own printer.
test.each([
  { histogram: empty, text: "{count:0, sum:0}" },
  {
    histogram: {
      ...empty,
      schema: 0,
      zeroCount: 2,
      count: 12_345_678,
      sum: 18.4,
      positiveSpans: [
        { offset: 0, length: 2 },
        { offset: 1, length: 2 },
      ],
      positiveBuckets: [1, 2, 0, 3],
      negativeSpans: [{ offset: 0, length: 2 }],
      negativeBuckets: [1, 4],
    },
    text: "{count:12345678, sum:18.4, [-2,-1):4, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2, (8,16]:3}",
  },
  {
    histogram: {
      ...empty,
      countKind: "float" as const,
      schema: -2,
      count: 2.5,
      positiveSpans: [{ offset: -1, length: 1 }],
      positiveBuckets: [2.5],
    },
    text: "{count:2.5, sum:0, (0.00390625,0.0625]:2.5}",
  },
  {
    histogram: {
      ...empty,
      schema: customBucketsSchema,
      count: 6,
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveBuckets: [1, 2, 3],
      customValues: [5, 10],
    },
    text: "{count:6, sum:0, [-Inf,5]:1, (5,10]:2, (10,+Inf]:3}",
  },
])("$text", ({ histogram, text }) => {
  expect(histogramText(histogram)).toBe(text);
});

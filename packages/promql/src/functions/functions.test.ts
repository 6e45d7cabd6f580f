import { labelsOf } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { dateParts } from "./calendar.ts";
import { bucketFraction, bucketQuantile } from "./classic-histogram.ts";
import { elementFunctions, largerOf, smallerOf } from "./elementwise.ts";
import { ratioOffset, xxHash64 } from "./label-hash.ts";
import { compareNaturally } from "./natural-order.ts";
import { applyOperator } from "./operators.ts";
import { meanOf, quantileOf, sumOf, varianceOf } from "./sums.ts";

function slice(...values: number[]): { values: Float64Array; start: number; end: number } {
  return { values: Float64Array.from(values), start: 0, end: values.length };
}

describe("sums", () => {
  test("keep the digits that plain addition loses", () => {
    expect(sumOf(slice(1, 1e100, 1, -1e100))).toBe(2);
    expect(meanOf(slice(5, 1e100, 1, -1e100, -2))).toBeCloseTo(0.8, 12);
    expect(varianceOf(slice(1e9 + 1, 1e9 + 2, 1e9 + 3))).toBeCloseTo(2 / 3, 12);
  });

  test("stay finite in the mean where the sum overflows", () => {
    expect(meanOf(slice(Number.MAX_VALUE, Number.MAX_VALUE))).toBe(Number.MAX_VALUE);
    expect(sumOf(slice(Number.MAX_VALUE, Number.MAX_VALUE))).toBe(Number.POSITIVE_INFINITY);
  });

  test("quantiles lie between the values around their rank", () => {
    expect(quantileOf(0.5, slice(4, 1, 3, 2))).toBe(2.5);
    expect(quantileOf(0.25, slice(Number.NaN, 1))).toBeNaN();
    expect(quantileOf(-1, slice(1))).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("classic histograms", () => {
  const buckets = [
    { upperBound: 1, count: 10 },
    { upperBound: Number.POSITIVE_INFINITY, count: 40 },
    { upperBound: 2, count: 30 },
  ];

  test.each([
    [0, 0],
    [0.25, 1],
    [0.5, 1.5],
    [0.9, 2],
    [Number.NaN, Number.NaN],
  ])("the %d-quantile is %d", (q, value) => {
    expect(bucketQuantile(q, buckets).value).toBe(value);
  });

  test("fractions are the inverse of quantiles", () => {
    expect(bucketFraction(0, 1.5, buckets)).toBe(0.5);
    expect(bucketFraction(1.5, Number.POSITIVE_INFINITY, buckets)).toBe(0.5);
    expect(bucketFraction(2, 1, buckets)).toBe(0);
  });

  test("need a +Inf bucket", () => {
    expect(bucketQuantile(0.5, buckets.slice(0, 1)).value).toBeNaN();
    expect(bucketFraction(0, 1, buckets.slice(0, 1))).toBeNaN();
  });

  test("counts that fall are raised and told, noise is not", () => {
    const falling = [...buckets, { upperBound: 1.5, count: 7 }];
    expect(bucketQuantile(0.5, falling).fix).toEqual({ minBucket: 1.5, maxBucket: 1.5, maxDifference: 3 });
    const noisy = [...buckets, { upperBound: 1.5, count: 10 - 1e-13 }];
    expect(bucketQuantile(0.5, noisy).fix).toBeNull();
  });
});

test("operators are those of IEEE 754, as in Go", () => {
  expect(applyOperator("^", 1, Number.NaN)).toBe(1);
  expect(applyOperator("^", -1, Number.POSITIVE_INFINITY)).toBe(1);
  expect(applyOperator("%", -5, 3)).toBe(-2);
  expect(applyOperator("!=", Number.NaN, Number.NaN)).toBe(true);
  expect(applyOperator("</", 1, 2)).toBeNull();
  expect(largerOf(Number.NaN, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(smallerOf(Number.NaN, 1)).toBeNaN();
  expect(elementFunctions.get("round")!(-2.5, [])).toBe(-2);
  expect(elementFunctions.get("round")!(1.25, [0.5])).toBe(1.5);
});

test("dates are those of UTC", () => {
  const leapDay = {
    year: 2024,
    month: 2,
    dayOfMonth: 29,
    dayOfYear: 60,
    dayOfWeek: 4,
    daysInMonth: 29,
    hour: 23,
    minute: 59,
  };
  expect(dateParts(Date.UTC(2024, 1, 29, 23, 59, 59) / 1000 + 0.9)).toEqual(leapDay);
  expect(dateParts(-1)).toMatchObject({ year: 1969, month: 12, dayOfYear: 365 });
  expect(dateParts(Number.NaN).year).toBeNaN();
});

test("numbers inside texts sort as numbers", () => {
  const sorted = ["4m1000", "4m5", "10", "4m600", "4m", "9a"].sort(compareNaturally);
  expect(sorted).toEqual(["4m", "4m5", "4m600", "4m1000", "9a", "10"]);
});

test("hashes are those of the published test vectors of xxHash", () => {
  const hash = (text: string): string => xxHash64(new TextEncoder().encode(text)).toString(16);
  expect(hash("")).toBe("ef46db3751d8e999");
  expect(hash("a")).toBe("d24ec4f1a98c6e5b");
  expect(hash("abc")).toBe("44bc2cf5ad770999");
  expect(hash("Nobody inspects the spammish repetition")).toBe("fbcea83c8a378bf1");
  const offset = ratioOffset(labelsOf({ __name__: "up", job: "api" }));
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(offset).toBeLessThan(1);
});

import { describe, expect, test } from "vitest";
import type { RangeWindow } from "./range-window.ts";
import { delta, idelta, increase, irate, rate } from "./rate.ts";

/** A window of 60 s that ends at 60 s. */
function windowOf(...samples: readonly (readonly [seconds: number, value: number])[]): RangeWindow {
  return {
    timesMs: Float64Array.from(samples, ([seconds]) => seconds * 1000),
    values: Float64Array.from(samples, ([, value]) => value),
    start: 0,
    end: samples.length,
    rangeStartMs: 0,
    rangeEndMs: 60_000,
    rangeMs: 60_000,
    extension: null,
    stepTimeMs: 60_000,
  };
}

describe("extrapolation", () => {
  test("goes to the border where the next sample is due within 110 % of the distance", () => {
    expect(delta(windowOf([10.9, 100], [20.9, 110], [30.9, 120], [40.9, 130], [50.9, 140]))).toBeCloseTo(60, 9);
  });

  test("goes half a distance beyond where the series seems to start or end", () => {
    // 30 s sampled, 11 s before: half of 10 s; 19 s after: half of 10 s.
    expect(delta(windowOf([11, 100], [21, 110], [31, 120], [41, 130]))).toBeCloseTo(40, 9);
  });

  test("never takes a counter below zero", () => {
    // The counter was zero two seconds before its first sample.
    expect(increase(windowOf([10, 2], [20, 12], [30, 22], [40, 32], [50, 42]))).toBeCloseTo(52, 9);
    expect(delta(windowOf([10, 2], [20, 12], [30, 22], [40, 32], [50, 42]))).toBeCloseTo(60, 9);
  });

  test("needs two samples", () => {
    expect(rate(windowOf([10, 1]))).toBeNull();
    expect(irate(windowOf([10, 1]))).toBeNull();
    expect(idelta(windowOf([10, 1]))).toBeNull();
  });
});

test("a counter that falls has started again from zero", () => {
  const samples = windowOf([10, 100], [20, 110], [30, 5], [40, 15], [50, 25]);
  expect(increase(samples)).toBeCloseTo((35 * 60) / 40, 9);
  expect(rate(samples)).toBeCloseTo(35 / 40, 9);
  expect(irate(windowOf([10, 100], [20, 4]))).toBe(0.4);
  expect(idelta(windowOf([10, 100], [20, 4]))).toBe(-96);
});

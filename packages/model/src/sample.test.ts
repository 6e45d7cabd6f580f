import { expect, test } from "vitest";
import { growSampleColumn, isStaleMarker, newSampleColumn, writeStaleMarker } from "./sample.ts";

test("tells the staleness marker from other NaN and from numbers", () => {
  const values = Float64Array.of(1, Number.NaN, 0, Infinity);
  writeStaleMarker(values, 2);
  expect([0, 1, 2, 3].map((index) => isStaleMarker(values, index))).toEqual([false, false, true, false]);
  expect(new DataView(values.buffer).getBigUint64(16, true)).toBe(0x7ff0_0000_0000_0002n);
});

test("growing keeps samples to the bit", () => {
  const column = newSampleColumn(2);
  column.timesMs.set([1, 2]);
  column.values[0] = -0;
  writeStaleMarker(column.values, 1);
  column.count = 2;
  growSampleColumn(column, 100);
  expect(column.values.length).toBeGreaterThanOrEqual(100);
  expect([...column.timesMs.subarray(0, 2)]).toEqual([1, 2]);
  expect(column.values[0]).toBe(-0);
  expect(isStaleMarker(column.values, 1)).toBe(true);
});

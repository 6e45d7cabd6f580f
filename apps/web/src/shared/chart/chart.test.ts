import { describe, expect, test } from "vitest";
import { lonePoints } from "./lone-points.ts";
import { stackedColumns } from "./stack.ts";
import { formatTimeTicks, overhangs } from "./time-ticks.ts";
import { tooltipRows } from "./tooltip-rows.ts";

const series = (label: string, values: readonly (number | null | undefined)[], hidden = false) => ({
  label,
  color: "#000000",
  values,
  hidden,
});

test.each([
  { where: "at the very left", centerPixels: 0, is: true },
  { where: "that ends in the gap", centerPixels: 12, is: false },
  { where: "just beyond the gap", centerPixels: 11, is: true },
  { where: "within the axis", centerPixels: 300, is: false },
])("the text of a tick $where runs into the value axis: $is", ({ centerPixels, is }) => {
  expect(overhangs({ centerPixels, widthPixels: 36 })).toBe(is);
});

describe("stacking", () => {
  const low = series("low", [1, null, 3, null]);
  const high = series("high", [10, 20, undefined, null]);

  test("each series stands on those before it; a gap is only where nothing is", () => {
    expect(stackedColumns([low, high], "normal")).toEqual([
      [1, 0, 3, null],
      [11, 20, 3, null],
    ]);
  });

  test("hidden series take no part", () => {
    expect(stackedColumns([{ ...low, hidden: true }, high], "normal")[1]).toEqual([10, 20, null, null]);
  });

  test("percentages end at one", () => {
    expect(stackedColumns([series("a", [1, 0]), series("b", [3, 0])], "percent")).toEqual([
      [0.25, 0],
      [1, 0],
    ]);
  });

  test("without stacking the values stay", () => {
    expect(stackedColumns([low], "none")).toEqual([[1, null, 3, null]]);
  });
});

test("a tooltip names the series with a sample there, highest first", () => {
  const all = [series("a", [1]), series("gone", [null]), series("b", [5]), series("off", [9], true)];
  expect(tooltipRows(all, 0).map((row) => row.series.label)).toEqual(["b", "a"]);
});

test.each([
  { tick: "2026-11-22T18:05:00Z", stepMs: 60_000, text: "18:05" },
  { tick: "2026-11-22T18:05:07Z", stepMs: 1000, text: "18:05:07" },
  { tick: "2026-11-22T18:05:07.250Z", stepMs: 250, text: "18:05:07.250" },
  { tick: "2026-11-22T00:00:00Z", stepMs: 3_600_000, text: "Nov 22" },
  { tick: "2026-11-01T00:00:00Z", stepMs: 30 * 86_400_000, text: "Nov" },
  { tick: "2026-01-01T00:00:00Z", stepMs: 30 * 86_400_000, text: "2026" },
])("a tick at $tick says $text", ({ tick, stepMs, text }) => {
  expect(formatTimeTicks([Date.parse(tick)], stepMs, "utc")).toEqual([text]);
});

test.each([
  { values: [1, null, 2, 3, null, 4], lone: [0, 5] },
  { values: [undefined, 1, undefined, null], lone: [1] },
  { values: [1, undefined, 2], lone: [] },
  { values: [], lone: [] },
])("of $values, $lone stand alone", ({ values, lone }) => {
  expect(lonePoints(values)).toEqual(lone);
});

import { expect, test } from "vitest";
import { drawChart } from "./chart.ts";

const paint = (cell: string, kind: string): string => (kind === "above" ? "#" : cell);

test("values rise to a dashed threshold and are marked beyond it", () => {
  const lines = drawChart([0, 2.5, 5, 7, null], { width: 5, height: 4, threshold: 5, paint });
  expect(lines).toEqual(["    7.7 │   # ", "      5 ┤╌╌▅#╌", "        │ ▂█# ", "      0 │ ██# "]);
});

test("only the newest values fit", () => {
  const lines = drawChart([9, 9, 1, 1], { width: 2, height: 1, threshold: null, paint });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("▇▇");
});

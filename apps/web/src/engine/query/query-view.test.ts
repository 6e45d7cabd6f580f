import { expect, test } from "vitest";
import { queryViewSearch, readQueryView, stepMsOf } from "./query-view.ts";

test.each([
  { search: "", view: { expr: "", tab: "table", rangeMs: 3_600_000, endMs: null } },
  {
    search: "g0.expr=up&g0.tab=0&g0.range_input=5m",
    view: { expr: "up", tab: "graph", rangeMs: 300_000, endMs: null },
  },
  {
    search: "g0.expr=a+%3E+1&g0.tab=graph&g0.end_input=2026-11-22 18:00:00",
    view: { expr: "a > 1", tab: "graph", rangeMs: 3_600_000, endMs: Date.UTC(2026, 10, 22, 18) },
  },
  {
    search: "g0.range_input=nonsense&g0.end_input=x",
    view: { expr: "", tab: "table", rangeMs: 3_600_000, endMs: null },
  },
])("reads $search", ({ search, view }) => {
  expect(readQueryView(new URLSearchParams(search))).toEqual(view);
});

test("what is written reads back", () => {
  const view = { expr: "rate(x[5m])", tab: "graph" as const, rangeMs: 7_200_000, endMs: 1_700_000_000_000 };
  const search = new URLSearchParams(
    Object.entries(queryViewSearch(view)).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
  expect(readQueryView(search)).toEqual(view);
});

test.each([
  { rangeMs: 60_000, stepMs: 1000 },
  { rangeMs: 3_600_000, stepMs: 14_000 },
])("a range of $rangeMs ms has a step of $stepMs ms", ({ rangeMs, stepMs }) => {
  expect(stepMsOf(rangeMs)).toBe(stepMs);
});

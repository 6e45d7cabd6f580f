import { expect, test } from "vitest";
import { Exposition } from "./observer-exposition.ts";
import { isMadeByEngine, movementBetween, signalsOf } from "./signals.ts";

const recorded = new Map([
  ["client_ip:failures:count5m", ['increase(failures_total{kind!="a"}[5m]) or up offset 5m == 0']],
  ["job:ratio", ["client_ip:failures:count5m / job:ratio"]],
]);

test.each([
  { expr: "rate(a_total[2m]) > 5", selectors: ["a_total"] },
  { expr: 'a{x="1"} unless a{x="1"} offset 5m or a @ 5', selectors: ['a{x="1"}', "a"] },
  { expr: "sum(client_ip:failures:count5m) > 3", selectors: ['failures_total{kind!="a"}', "up"] },
  { expr: 'absent(up{job="app"})', selectors: ['up{job="app"}'] },
  { expr: "vector(1)", selectors: [] },
])("$expr reads $selectors at the bottom", ({ expr, selectors }) => {
  expect(signalsOf(expr, recorded).map(({ selector }) => selector)).toEqual(selectors);
});

test("recording rules that read themselves come to an end", () => {
  const signals = signalsOf("job:ratio", recorded);
  expect(signals.map(({ metricName }) => metricName)).toContain("failures_total");
});

test("what the engine makes itself is told from what programs expose", () => {
  const made = signalsOf("up + scrape_samples_scraped + ALERTS + upload_total + ALERTS_TOTAL", new Map());
  expect(made.filter(isMadeByEngine).map(({ metricName }) => metricName)).toEqual([
    "up",
    "scrape_samples_scraped",
    "ALERTS",
  ]);
});

const exposition = new Exposition(
  new TextEncoder().encode(`# TYPE a_total counter
a_total{kind="x",client_ip="1"} 3
a_total{kind="y",client_ip="2"} 4
# TYPE newborn_total counter
# TYPE took_seconds histogram
took_seconds_bucket{le="1"} 2
took_seconds_count 2
`),
);

test.each([
  { expr: "a_total", values: [3, 4] },
  { expr: 'a_total{kind=~"x|z"}', values: [3] },
  // Labels that come with the scrape, or from the configuration of the target.
  { expr: 'a_total{job="app", instance="other", env="staging"}', values: [3, 4] },
  { expr: 'took_seconds_bucket{le="1"}', values: [2] },
  { expr: '{__name__=~"a_.*|took_seconds_count"}', values: [3, 4, 2] },
  { expr: "newborn_total", values: [] },
])("$expr will read the exposed values $values", ({ expr, values }) => {
  expect([...exposition.snapshot(signalsOf(expr, new Map())).values()]).toEqual(values);
});

test("a metric is known by its type before it has a series", () => {
  expect(["newborn_total", "took_seconds_bucket", "a_total", "b_total"].filter((name) => exposition.has(name))).toEqual(
    ["newborn_total", "took_seconds_bucket", "a_total"],
  );
  expect(new Exposition(new TextEncoder().encode("<html>")).has("a_total")).toBe(false);
});

test.each([
  { before: { a: 1 }, now: { a: 1 }, text: null },
  { before: { a: 1, b: 1 }, now: { a: 2, b: 9 }, text: "b 1 → 9" },
  { before: {}, now: { a: 0 }, text: "a nothing → 0" },
  { before: { a: 4 }, now: {}, text: "a 4 → nothing" },
  { before: { a: Number.NaN }, now: { a: Number.NaN }, text: null },
])("from $before to $now: $text", ({ before, now, text }) => {
  expect(movementBetween(new Map(Object.entries(before)), new Map(Object.entries(now)))).toBe(text);
});

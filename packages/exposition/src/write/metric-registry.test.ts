import { expect, test } from "vitest";
import { ExpositionParser } from "../parse/exposition-parser.ts";
import { MetricRegistry } from "./metric-registry.ts";

test("renders metrics sorted by name, with labels, help and type", () => {
  const registry = new MetricRegistry();
  const scrapes = registry.counter({ name: "scrapes_total", help: "Scrapes done.", labelNames: ["job", "code"] });
  scrapes.with({ code: "200", job: "b" }).increase();
  scrapes.with({ code: "200", job: 'a"\\\n' }).increase(2.5);
  registry.gauge({ name: "heap_bytes", help: "Line one\nand \\ two." }).with().set(1_234_567);
  expect(registry.render()).toBe(
    [
      "# HELP heap_bytes Line one\\nand \\\\ two.",
      "# TYPE heap_bytes gauge",
      "heap_bytes 1.234567e+06",
      "# HELP scrapes_total Scrapes done.",
      "# TYPE scrapes_total counter",
      'scrapes_total{code="200",job="a\\"\\\\\\n"} 2.5',
      'scrapes_total{code="200",job="b"} 1',
      "",
    ].join("\n"),
  );
});

test("renders a histogram cumulatively, with sum and count", () => {
  const registry = new MetricRegistry();
  const seconds = registry.histogram({ name: "wait_seconds", help: "", buckets: [0.5, 1, 10] });
  for (const value of [0.25, 0.5, 3, 100]) seconds.with().observe(value);
  expect(registry.render()).toBe(
    [
      "# TYPE wait_seconds histogram",
      'wait_seconds_bucket{le="0.5"} 2',
      'wait_seconds_bucket{le="1"} 2',
      'wait_seconds_bucket{le="10"} 3',
      'wait_seconds_bucket{le="+Inf"} 4',
      "wait_seconds_sum 103.75",
      "wait_seconds_count 4",
      "",
    ].join("\n"),
  );
});

test("shows a metric without labels before it counted anything, and one with labels not", () => {
  const registry = new MetricRegistry();
  registry.counter({ name: "plain_total", help: "" });
  registry.counter({ name: "labelled_total", help: "", labelNames: ["a"] });
  expect(registry.render()).toBe("# TYPE labelled_total counter\n# TYPE plain_total counter\nplain_total 0\n");
});

test("sets what is collected at render time, and forgets removed label sets", () => {
  const registry = new MetricRegistry();
  const age = registry.gauge({ name: "age_seconds", help: "", labelNames: ["of"] });
  registry.onRender(() => age.with({ of: "data" }).set(7));
  age.with({ of: "gone" }).set(1);
  age.remove({ of: "gone" });
  expect(registry.render()).toBe('# TYPE age_seconds gauge\nage_seconds{of="data"} 7\n');
});

test("counts label sets beyond the limit together", () => {
  const registry = new MetricRegistry();
  const family = registry.counter({ name: "hits_total", help: "", labelNames: ["path"] });
  for (let index = 0; index < 10_050; index++) family.with({ path: `/${index}` }).increase();
  expect(family.with({ path: "/never-seen" }).value).toBe(50);
});

test("refuses a name that is taken, a name that is none, and a falling counter", () => {
  const registry = new MetricRegistry();
  const family = registry.counter({ name: "a_total", help: "" });
  expect(() => registry.gauge({ name: "a_total", help: "" })).toThrow("registered once");
  expect(() => registry.gauge({ name: "a b", help: "" })).toThrow("metric name");
  expect(() => family.with().increase(-1)).toThrow("only rises");
});

test("writes what the parser reads back", () => {
  const registry = new MetricRegistry();
  const labels = { path: 'a\\b"c\nd{},é' };
  registry
    .gauge({ name: "g", help: "", labelNames: ["path"] })
    .with(labels)
    .set(-0.125);
  const parser = new ExpositionParser(new TextEncoder().encode(registry.render()), "text");
  expect(parser.next()).toBe("type");
  expect(parser.next()).toBe("series");
  expect(parser.labels()).toEqual([
    { name: "__name__", value: "g" },
    { name: "path", value: labels.path },
  ]);
  expect(parser.value).toBe(-0.125);
});

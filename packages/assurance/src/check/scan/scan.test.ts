import { expect, test } from "vitest";
import { scanJavascript } from "./scan-javascript.ts";
import { scanPython } from "./scan-python.ts";

test.each([
  { text: 'new Counter({ name: "a_total", help: "x", labelNames: ["p", "q"] })', name: "a_total", labels: ["p", "q"] },
  { text: "new client.Gauge({ name: 'b', help: 'x, y' })", name: "b", labels: [] },
  { text: 'new Histogram<"p">({ name: `c`, labelNames: names })', name: "c", labels: null },
  { text: 'const names = ["p"] as const; new Summary({ name: "d", labelNames: names })', name: "d", labels: ["p"] },
  { text: 'this.#counter("e_total", "help (with, brackets", ["p"])', name: "e_total", labels: ["p"] },
  { text: 'registry.gauge({ name: "f", labelNames: ["p"] as const })', name: "f", labels: ["p"] },
])("JavaScript: $text", ({ text, name, labels }) => {
  expect(scanJavascript(text, "x.ts")).toMatchObject([{ name, labels }]);
});

test.each([
  'new Counter({ name: "a" + suffix })',
  '// new Counter({ name: "a_total" })',
  'const text = "new Counter({ name: 1 })";',
  "new Counter({ name: `a_${b}` })",
])("JavaScript, nothing in: %s", (text) => {
  expect(scanJavascript(text, "x.ts")).toEqual([]);
});

test("the keys of a table, with all labels that the file names", () => {
  const text = `import { Counter } from "prom-client";
const table = {
  a_failures_total: "Failures",
};
const labelNames = ["p", "q"];`;
  expect(scanJavascript(text, "x.ts")).toEqual([
    { name: "a_failures_total", kind: "counter", labels: ["p", "q"], position: { file: "x.ts", line: 3, column: 3 } },
  ]);
});

test.each([
  { text: 'A = Counter("a", "Help, with comma", ["p"])', name: "a_total", labels: ["p"] },
  { text: "B = Gauge('b', 'Help')", name: "b", labels: [] },
  { text: 'C = Histogram("c", "Help", labelnames=("p", "q"), buckets=[1, 2])', name: "c", labels: ["p", "q"] },
  { text: 'D = prometheus_client.Counter(name="d_total", documentation="x")', name: "d_total", labels: [] },
  { text: 'E = Counter("e", "x", namespace="n")', name: "n_e_total", labels: [] },
  { text: 'F = Counter("f", "x", LABELS)', name: "f_total", labels: null },
])("Python: $text", ({ text, name, labels }) => {
  expect(scanPython(`import prometheus_client\n${text}\n`, "x.py")).toMatchObject([{ name, labels }]);
});

test("Python: what a comment declares is not there", () => {
  expect(scanPython('import prometheus_client\n# Counter("a", "b")\n', "x.py")).toEqual([]);
});

test("a file of hostile text takes no time", () => {
  const texts = [
    "counter".padEnd(200_000),
    "a".repeat(400_000),
    "counter(".repeat(2_000),
    "[".repeat(2_000),
    `counter<${"a ".repeat(100_000)}`,
  ];
  const started = process.cpuUsage();
  for (const text of texts) {
    expect(scanJavascript(`import "prom-client";\n${text}`, "x.js")).toEqual([]);
    expect(scanPython(`import prometheus_client\n${text}`, "x.py")).toEqual([]);
  }
  // Of the processor: what else keeps the machine busy does not count.
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(5_000);
});

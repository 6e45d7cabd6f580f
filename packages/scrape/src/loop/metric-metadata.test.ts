import { ExpositionParser } from "@tatou/exposition";
import { expect, test } from "vitest";
import { MetricMetadata } from "./metric-metadata.ts";

function take(metadata: MetricMetadata, text: string): void {
  const parser = new ExpositionParser(new TextEncoder().encode(text), "text");
  for (let entry = parser.next(); entry !== "end"; entry = parser.next())
    if (entry !== "series") metadata.take(parser, entry);
}

test("keeps what was said last about each metric", () => {
  const metadata = new MetricMetadata();
  take(metadata, "# TYPE m counter\n# HELP m One.\n# TYPE m gauge\n# HELP n Two.\n");
  expect(metadata.list()).toEqual([
    { metric: "m", type: "gauge", help: "One.", unit: "" },
    { metric: "n", type: "unknown", help: "Two.", unit: "" },
  ]);
});

test("long texts are cut, and what was cut off is not kept in memory", () => {
  const metadata = new MetricMetadata();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < 40; count++) take(metadata, `# HELP m${count} ${"x".repeat(8_000_000)}\n`);
  expect(metadata.list()).toHaveLength(40);
  expect(metadata.list()[0]?.help).toBe("x".repeat(1024));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
});

test("a metric with a long name goes without description", () => {
  const metadata = new MetricMetadata();
  take(metadata, `# HELP ${"m".repeat(1025)} Help.\n# HELP ${"m".repeat(1024)} Help.\n`);
  expect(metadata.list()).toHaveLength(1);
});

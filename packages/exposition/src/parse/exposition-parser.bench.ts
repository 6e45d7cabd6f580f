import { bench } from "vitest";
import { ExpositionParser } from "./exposition-parser.ts";

const lines = Array.from(
  { length: 10_000 },
  (_, index) => `http_requests_total{method="GET",path="/items/${index}",status="200"} ${index * 7}.${index % 10}`,
);
const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);

bench("10 000 lines, series known by their text", () => {
  const parser = new ExpositionParser(bytes, "text");
  while (parser.next() !== "end");
});

bench("10 000 lines, labels made of each", () => {
  const parser = new ExpositionParser(bytes, "text");
  while (parser.next() !== "end") parser.labels();
});

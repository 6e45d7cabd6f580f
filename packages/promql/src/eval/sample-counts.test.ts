import { storeOf } from "@tatou/model/testing";
import { expect, test } from "vitest";
import { parseExpr } from "../parser/parse-expr.ts";
import { evaluateInstant, evaluateRange } from "./evaluate.ts";

const startMs = 1_700_000_000_000;
const nowMs = startMs + 607_000;

/** One series with a sample every 15 s, one with a sample every 30 s. */
const store = storeOf(
  [15_000, 30_000].map((intervalMs, index) => ({
    labels: { __name__: "m", s: String(index) },
    samples: Array.from({ length: 900_000 / intervalMs }, (_, count) => [startMs + count * intervalMs, count] as const),
  })),
);

// The numbers are those of totalQueryableSamples from a Prometheus with the same samples.
test.each([
  { query: "m", instant: 2, range: 22 },
  { query: "m offset 1m", instant: 2, range: 22 },
  { query: "sum(rate(m[2m]))", instant: 12, range: 132 },
  { query: "m @ 1700000607", instant: 2, range: 22 },
  { query: "rate(m[1m] @ 1700000607)", instant: 6, range: 66 },
  { query: "max_over_time(rate(m[1m])[5m:30s])", instant: 20, range: 218 },
  { query: "absent_over_time(m[1m])", instant: 6, range: 66 },
  { query: "m + on(s) m", instant: 4, range: 44 },
  { query: "vector(1)", instant: 0, range: 0 },
  { query: "timestamp(m)", instant: 2, range: 22 },
  { query: "absent(m)", instant: 2, range: 22 },
])("$query reads $instant samples at one time, $range at eleven", async ({ query, instant, range }) => {
  const context = { queryable: store };
  const expr = parseExpr(query);
  const steps = { startMs: startMs + 307_000, endMs: nowMs, stepMs: 30_000 };
  expect((await evaluateInstant(context, expr, nowMs)).samples.read).toBe(instant);
  expect((await evaluateRange(context, expr, steps)).samples.read).toBe(range);
});

test("a range by itself reads its samples", async () => {
  expect((await evaluateInstant({ queryable: store }, parseExpr("m[2m]"), nowMs)).samples.read).toBe(12);
});

test("the peak is what a limit is held against", async () => {
  const { samples } = await evaluateInstant({ queryable: store }, parseExpr("sum(rate(m[2m]))"), nowMs);
  const evaluateWith = (samplesMax: number) =>
    evaluateInstant({ queryable: store, samplesMax }, parseExpr("sum(rate(m[2m]))"), nowMs);
  expect(samples.peak).toBeGreaterThan(0);
  await expect(evaluateWith(samples.peak)).resolves.toBeDefined();
  await expect(evaluateWith(samples.peak - 1)).rejects.toThrow("too many samples");
});

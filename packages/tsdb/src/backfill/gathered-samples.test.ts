import { formatLabels, labelsOf, newSampleColumn } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { GatheredSamples, type GatheredStream } from "./gathered-samples.ts";

const labels = ["b", "a", "c"].map((name) => labelsOf({ __name__: name, job: "x" }));

/** All samples by series, as "time value". */
function readAll(stream: GatheredStream): Record<string, readonly string[]> {
  const decoder = new ChunkDecoder();
  const found: Record<string, readonly string[]> = {};
  while (stream.next()) {
    const column = newSampleColumn();
    for (const chunk of stream.chunks) decoder.decodeInto(chunk, column);
    found[formatLabels(stream.labels)] = Array.from(
      { length: column.count },
      (_, index) => `${column.timesMs[index]} ${column.values[index]}`,
    );
  }
  return found;
}

test("series come in order of their labels, and ones without samples not at all", () => {
  const gathered = new GatheredSamples();
  gathered.add(0, 1000, 1);
  gathered.add(1, 2000, 2);
  gathered.add(0, 3000, 3);
  expect([gathered.count, gathered.minTimeMs, gathered.maxTimeMs]).toEqual([3, 1000, 3000]);
  const stream = gathered.stream(labels);
  expect(stream.symbols()).toEqual(["__name__", "a", "b", "job", "x"]);
  const found = readAll(stream);
  expect(Object.keys(found)).toEqual(['a{job="x"}', 'b{job="x"}']);
  expect(found).toEqual({ 'a{job="x"}': ["2000 2"], 'b{job="x"}': ["1000 1", "3000 3"] });
});

const anySamples = fc.array(
  fc.record({ series: fc.nat(2), timeMs: fc.integer({ min: -50, max: 400 }), value: fc.integer() }),
  { maxLength: 600 },
);

test("in whatever order they come, each time is there once, with the value that came last", () =>
  fc.assert(
    fc.property(anySamples, (samples) => {
      const gathered = new GatheredSamples();
      const expected = labels.map(() => new Map<number, number>());
      for (const { series, timeMs, value } of samples) {
        gathered.add(series, timeMs, value);
        expected[series]!.set(timeMs, value);
      }
      const stream = gathered.stream(labels);
      const found = readAll(stream);
      labels.forEach((each, series) => {
        const wanted = [...expected[series]!].sort(([left], [right]) => left - right);
        expect(found[formatLabels(each)] ?? []).toEqual(wanted.map(([timeMs, value]) => `${timeMs} ${value}`));
      });
      expect(stream.repeatedCount).toBe(samples.length - expected.reduce((count, each) => count + each.size, 0));
    }),
  ));

test("more than 120 samples are several chunks", () => {
  const gathered = new GatheredSamples();
  for (let index = 0; index < 250; index++) gathered.add(0, index * 1000, index);
  const stream = gathered.stream(labels);
  stream.next();
  expect(stream.chunks.map(({ minTimeMs, maxTimeMs }) => [minTimeMs, maxTimeMs])).toEqual([
    [0, 119_000],
    [120_000, 239_000],
    [240_000, 249_000],
  ]);
});

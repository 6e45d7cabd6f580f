import { XorEncoder, xorSampleSizeMaxBytes } from "@tatou/kernels";
import { assert } from "@tatou/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SampleBatch } from "../sample-batch.ts";
import { Head } from "./head.ts";
import { isFileChunk } from "./late-samples.ts";
import { highWordIndex, lowWordIndex } from "./words.ts";

const startMs = 1_700_000_000_000;

/** Mostly regular ones: the same value, a count that goes on, a measurement, any bits. */
const sample = fc.record({
  afterMs: fc.oneof(
    { weight: 12, arbitrary: fc.constant(15_000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60_000 }) },
  ),
  value: fc.oneof(
    { weight: 2, arbitrary: fc.constant("same" as const) },
    fc.integer({ min: 1, max: 1000 }),
    fc.tuple(fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  ),
});

test("open chunks have the bytes that the encoder alone would write", () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 300 }), (samples) => {
      const rows = rowsOf(samples);
      let start = 0;
      for (const bytes of chunksOfHead(rows)) {
        const end = start + ((bytes[0]! << 8) | bytes[1]!);
        expect(Buffer.compare(bytes, encoded(rows, start, end))).toBe(0);
        start = end;
      }
      expect(start).toBe(rows.count);
    }),
    { numRuns: 150 },
  );
});

function rowsOf(samples: readonly { afterMs: number; value: "same" | number | [number, number] }[]): SampleBatch {
  const rows = new SampleBatch();
  const float = new Float64Array(1);
  const words = new Int32Array(float.buffer);
  let timeMs = startMs;
  for (const { afterMs, value } of samples) {
    timeMs += afterMs;
    if (typeof value === "number") float[0]! += value;
    else if (value !== "same") words.set(value);
    rows.add(1, timeMs, words[highWordIndex]!, words[lowWordIndex]!);
  }
  return rows;
}

function chunksOfHead(rows: SampleBatch): Uint8Array[] {
  const readFileChunk = () => {
    throw new Error("there are no files here");
  };
  const head = new Head({ memoryMaxBytes: 1 << 20, hashSeed: 1, readFileChunk });
  const ref = head.resolve([{ name: "a", value: "b" }]);
  for (let row = 0; row < rows.count; row++) head.store.append(ref, rows, row);
  head.store.endChunk(ref);
  return head.store.unwrittenEntries(ref).map((entry) => {
    const chunk = head.entryReader.chunk(entry);
    assert(!isFileChunk(chunk), "nothing was written to a file");
    return chunk.bytes;
  });
}

function encoded(rows: SampleBatch, start: number, end: number): Uint8Array {
  const encoder = new XorEncoder();
  encoder.bytes = new Uint8Array((end - start + 1) * xorSampleSizeMaxBytes);
  encoder.begin(0);
  for (let row = start; row < end; row++) encoder.append(rows.timesMs[row]!, rows.high(row), rows.low(row));
  return encoder.bytes.subarray(0, encoder.sizeBytes);
}

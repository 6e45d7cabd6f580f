import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { CodecError } from "./errors.ts";
import { XorDecoder } from "./xor-decoder.ts";
import { XorEncoder, xorSampleSizeMaxBytes } from "./xor-encoder.ts";

// A chunk as promtool wrote it (tsdb create-blocks-from openmetrics), and the samples it was made from.
const peerChunkHex =
  "000e8080f4f6905d3ff00000000000009875c25fff06d07000380ec006fffb001fff000000000000300030004000000000000e13c5c038fc" +
  "8791000eb39baff53f1bf21e44003acec03dc7f73333333333337c3d090f00000000002710009f893dab73791a8b3fffffffffff5b4422000000000c7df3b600";
const peerSamples: readonly Sample[] = [
  [0, 1],
  [15_000, 2],
  [30_000, 2],
  [45_000, 2],
  [60_000, 2.5],
  [75_001, -0],
  [90_000, Number.NaN],
  [105_000, Number.POSITIVE_INFINITY],
  [130_123, 1e300],
  [145_000, 5e-324],
  [160_000, 0.1],
  [300_000, 0.1],
  [3_000_000, 123456789.123],
  [3_001_000, 123456790],
].map(([offsetMs = 0, value = 0]) => ({ timestampMs: 1_600_000_000_000 + offsetMs, ...wordsOf(value) }));

test("the encoder writes the bytes that the peer writes", () => {
  // The peer's NaN has another lowest bit than JavaScript's.
  const samples = peerSamples.map((sample) => (sample.high === 0x7ff80000 ? { ...sample, low: 1 } : sample));
  // The peer opens a next byte, still empty, whenever a write ends on a byte's edge.
  expect(`${Buffer.from(encode(samples)).toString("hex")}00`).toBe(peerChunkHex);
});

test("the example of docs/format/xor-chunk.md", () => {
  const samples = [1, 1, 2].map((value, index) => ({ timestampMs: 1000 + 15_000 * index, ...wordsOf(value) }));
  expect(Buffer.from(encode(samples)).toString("hex")).toBe("0003d00f3ff000000000000098753097ffc0");
});

test("the decoder reads what the peer wrote", () => {
  const read = decode(Buffer.from(peerChunkHex, "hex"), peerSamples.length);
  expect(read.map((sample) => sample.timestampMs)).toEqual(peerSamples.map((sample) => sample.timestampMs));
  expect(read.map(valueOf)).toEqual(peerSamples.map(valueOf));
});

test("a chunk gives back what was put in, NaN bits included", () => {
  fc.assert(
    fc.property(ascendingSamples, fc.nat(50), (samples, padding) => {
      const chunk = encode(samples, padding);
      expect(decode(chunk, samples.length)).toEqual(samples);
    }),
    { numRuns: 500 },
  );
});

test("the first samples can be read while more follow", () => {
  fc.assert(
    fc.property(ascendingSamples, (samples) => {
      const half = samples.length >> 1;
      expect(decode(encode(samples), half)).toEqual(samples.slice(0, half));
    }),
  );
});

test("a chunk that was cut is an error, not a crash", () => {
  const chunk = encode(peerSamples);
  for (let size = 0; size < chunk.length; size++) {
    expect(() => decode(chunk.subarray(0, size), peerSamples.length)).toThrow("Cannot read a chunk");
  }
});

test("any bytes are either samples or a codec error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (bytes, count) => {
      expect(outcome(bytes, count)).toBeOneOf([count, "codec"]);
    }),
    { numRuns: 500 },
  );
});

function outcome(bytes: Uint8Array, count: number): number | string {
  try {
    return decode(bytes, count).length;
  } catch (error) {
    return (error as CodecError).code;
  }
}

interface Sample {
  readonly timestampMs: number;
  readonly high: number;
  readonly low: number;
}

const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 0x7ff00000, 0x40590000));
const values = fc.oneof(
  fc.record({ high: word, low: word }),
  fc.integer({ min: -1000, max: 1000 }).map(wordsOf),
  fc.double().map(wordsOf),
  fc.constant({ high: 0x7ff00000, low: 2 }),
);
const gaps = fc.oneof(
  fc.constantFrom(1, 15_000, 8192 + 15_000, 65_536 + 15_000, 524_288 + 15_000, 524_289 + 15_000),
  fc.integer({ min: 1, max: 30_000 }),
  fc.integer({ min: 1, max: 2 ** 44 }),
);
const ascendingSamples = fc
  .tuple(
    fc.integer({ min: -(2 ** 42), max: 2 ** 42 }),
    fc.array(fc.tuple(gaps, values, fc.nat(3)), { minLength: 1, maxLength: 150 }),
  )
  .map(([startMs, steps]) => {
    let timestampMs = startMs;
    let last = wordsOf(0);
    return steps.map(([gapMs, value, repeat]) => {
      timestampMs += gapMs;
      // Most real samples repeat the value before.
      if (repeat > 0) last = value;
      return { timestampMs, ...last };
    });
  });

function encode(samples: readonly Sample[], startByte = 0): Uint8Array {
  const encoder = new XorEncoder();
  // Junk, as in memory that was used before.
  encoder.bytes = new Uint8Array(startByte + 2 + (samples.length + 1) * xorSampleSizeMaxBytes).fill(0xa5);
  encoder.begin(startByte);
  for (const sample of samples) encoder.append(sample.timestampMs, sample.high, sample.low);
  return encoder.bytes.slice(startByte, startByte + encoder.sizeBytes);
}

function decode(chunk: Uint8Array, count: number): Sample[] {
  const decoder = new XorDecoder();
  decoder.decode(chunk, 0, chunk.length, count);
  const view = new DataView(decoder.values.buffer);
  return Array.from({ length: count }, (_, index) => ({
    timestampMs: decoder.timesMs.at(index)!,
    low: view.getInt32(index * 8, true),
    high: view.getInt32(index * 8 + 4, true),
  }));
}

function wordsOf(value: number): { high: number; low: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return { high: view.getInt32(0), low: view.getInt32(4) };
}

function valueOf(sample: Sample): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, sample.high);
  view.setInt32(4, sample.low);
  return view.getFloat64(0);
}

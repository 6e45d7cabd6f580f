import { bench, describe } from "vitest";
import { XorDecoder } from "./xor-decoder.ts";
import { XorEncoder } from "./xor-encoder.ts";
import { XorWindowPlanner } from "./xor-window-planner.ts";

/** 1000 chunks of 120 samples: a third idle, a third counters, a third decimals. */
const chunkCount = 1000;
const samplesPerChunk = 120;
const chunkSizeMaxBytes = 2400;
const view = new DataView(new ArrayBuffer(8));
const words = new Int32Array(3 * samplesPerChunk * 2);
for (let index = 0; index < 3 * samplesPerChunk; index++) {
  const step = index % samplesPerChunk;
  const kind = Math.floor(index / samplesPerChunk);
  view.setFloat64(0, kind === 0 ? 7 : kind === 1 ? 1e6 + step * 37 : Math.round(Math.sin(step) * 1000) / 10);
  words[2 * index] = view.getInt32(0);
  words[2 * index + 1] = view.getInt32(4);
}
const encoder = new XorEncoder();
encoder.bytes = new Uint8Array(chunkCount * chunkSizeMaxBytes);
const decoder = new XorDecoder();

function encodeAll(): void {
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    encoder.begin(chunk * chunkSizeMaxBytes);
    const base = (chunk % 3) * samplesPerChunk * 2;
    for (let index = 0; index < samplesPerChunk; index++) {
      encoder.append(1.7e12 + index * 15_000, words[base + 2 * index]!, words[base + 2 * index + 1]!);
    }
  }
}

/** The planner takes values as they lie in memory. */
const values = new Float64Array(3 * samplesPerChunk);
for (let index = 0; index < values.length; index++) {
  view.setInt32(0, words[2 * index]!);
  view.setInt32(4, words[2 * index + 1]!);
  values[index] = view.getFloat64(0);
}
const planner = new XorWindowPlanner();
const valueWords = new Int32Array(values.buffer);

encodeAll();
describe("120 000 samples", () => {
  bench("encode", encodeAll);
  bench("plan windows", () => {
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      planner.makePlan(valueWords, (chunk % 3) * samplesPerChunk, samplesPerChunk);
    }
  });
  bench("decode", () => {
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      const start = chunk * chunkSizeMaxBytes;
      decoder.decode(encoder.bytes, start, start + chunkSizeMaxBytes, samplesPerChunk);
    }
  });
});

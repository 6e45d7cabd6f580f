import { expect, test } from "vitest";
import { chunkedSeries } from "../block/testing/test-blocks.ts";
import { type HeadCut, looseChunks } from "../head/head-cut.ts";
import { lateWindows } from "./late-windows.ts";

/** A cut of chunks with samples at these times. */
function cutOf(...timesOfChunks: (readonly number[])[]): HeadCut {
  const chunks = timesOfChunks.map((timesMs) => {
    const samples = timesMs.map((timeMs): [number, number] => [timeMs, 1]);
    return chunkedSeries([{ labels: {}, samples }])[0]!.chunks[0]!;
  });
  const columns = {
    chunksHeadDirectory: "/nowhere",
    chunkEncodings: Uint8Array.from(chunks, ({ encoding }) => encoding),
    chunkMinTimesMs: Float64Array.from(chunks, ({ minTimeMs }) => minTimeMs),
    chunkMaxTimesMs: Float64Array.from(chunks, ({ maxTimeMs }) => maxTimeMs),
    chunkFiles: new Uint32Array(chunks.length).fill(looseChunks),
    chunkAddresses: Uint32Array.from(chunks.keys()),
    looseChunks: chunks.map(({ bytes }) => bytes),
  };
  return columns as Partial<HeadCut> as HeadCut;
}

const startsOf = (cut: HeadCut) => lateWindows(cut, 10).map(({ startMs }) => startMs);

test.each([
  { what: "none", chunks: [], starts: [] },
  { what: "one window, its first moment included and its last", chunks: [[20, 29]], starts: [20] },
  { what: "two neighbours", chunks: [[29, 30]], starts: [20, 30] },
  { what: "before 1970", chunks: [[-1]], starts: [-10] },
  { what: "windows of several chunks, each once", chunks: [[35], [1, 12], [36]], starts: [0, 10, 30] },
  { what: "no windows between samples years apart", chunks: [[5, 47, 1e12]], starts: [0, 40, 1e12] },
])("$what", ({ chunks, starts }) => {
  expect(startsOf(cutOf(...chunks))).toEqual(starts);
});

test("a damaged chunk has the windows of its ends", () => {
  const cut = cutOf([5, 47, 1e12]);
  expect(startsOf({ ...cut, looseChunks: [cut.looseChunks[0]!.subarray(0, 5)] })).toEqual([0, 1e12]);
});

test("too many windows become fewer, longer ones that hold all samples", () => {
  const timesMs = Array.from({ length: 1000 }, (_, index) => index * 50);
  const windows = lateWindows(cutOf(...timesMs.map((timeMs) => [timeMs])), 10);
  expect(windows.length).toBeLessThanOrEqual(64);
  expect(timesMs.every((timeMs) => windows.some(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs))).toBe(
    true,
  );
  expect(new Set(windows.map(({ startMs, endMs }) => endMs - startMs)).size).toBe(1);
});

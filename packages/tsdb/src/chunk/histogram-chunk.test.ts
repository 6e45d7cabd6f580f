import { type Histogram, newSampleColumn } from "@tatou/model";
import { expect, test } from "vitest";
import { ChunkDecoder } from "./chunk-decoder.ts";
import { chunkEncoding } from "./chunk-encoding.ts";
import { HistogramChunkAppender } from "./histogram-chunk-appender.ts";
import { HistogramChunkReader } from "./histogram-chunk-reader.ts";
import type { HistogramSample } from "./histogram-chunk-writer.ts";
import { readPlainly } from "./testing/plain-chunk.ts";

const startMs = 1_795_406_400_000;

const twoRuns = {
  positiveSpans: [{ offset: 0, length: 2 }, { offset: 1, length: 2 }], // biome-ignore format: a table
  negativeSpans: [{ offset: 1, length: 1 }],
};
const lateRun = { ...twoRuns, negativeSpans: [{ offset: 3, length: 1 }] };
const few = {
  positiveSpans: [{ offset: 0, length: 2 }, { offset: 2, length: 1 }, { offset: 3, length: 2 }, { offset: 3, length: 1 }, { offset: 1, length: 1 }], // biome-ignore format: a table
};
const more = {
  positiveSpans: [{ offset: 0, length: 3 }, { offset: 1, length: 1 }, { offset: 1, length: 4 }, { offset: 3, length: 3 }], // biome-ignore format: a table
  negativeSpans: [{ offset: 0, length: 1 }],
};
const two = { positiveSpans: [{ offset: -2, length: 2 }], zeroThreshold: 2 ** -128 };

/** What Prometheus 2.42 wrote of samples that it was sent by remote write, in the order of the samples. */
const peerChunks = [
  {
    name: "integers, ended by a staleness marker",
    hex: ["000400ff25fb13ac9aaf4c0f8ca4946318ff0000d10347c50062648064cccccccccccd18dd2f83a98c7cb60770bbc8de8dbdb783de52f1b4cc5e7f92ccccccccccc8"], // biome-ignore format: bytes
    samples: [
      sample(0, { ...twoRuns, count: 9, positiveBuckets: [1, 2, 1, 1], negativeBuckets: [2] }),
      sample(15_000, {
        ...twoRuns,
        count: 24,
        zeroCount: 4,
        sum: 24.4,
        positiveBuckets: [6, 3, 3, 2],
        negativeBuckets: [6],
      }),
      sample(30_000, {
        ...twoRuns,
        count: 30,
        zeroCount: 4,
        sum: 25.4,
        positiveBuckets: [7, 4, 4, 3],
        negativeBuckets: [8],
      }),
      { timeMs: startMs + 45_003, startTimeMs: 0, histogram: null },
    ],
  },
  {
    name: "buckets that are new, so that the chunk is written again",
    hex: ["000200ff25fb13ac9aaf4c0f8d268c6919ce317f0000d10347c50065e48064cccccccccccd86ad6754a51dd9f075318c231bde3746e8c4"], // biome-ignore format: bytes
    samples: [
      sample(0, { ...few, count: 23, positiveBuckets: [6, 3, 3, 2, 4, 5, 0] }),
      sample(15_000, { ...more, count: 35, positiveBuckets: [7, 5, 1, 3, 1, 0, 2, 5, 5, 0, 1], negativeBuckets: [1] }),
    ],
  },
  {
    name: "counters that fall",
    // It forgets in a snapshot that they fell.
    hex: ["000100748c6567f0000d10347c50062a48064cccccccccccd400", "000280748c6567f0000d10347e24c62648064cccccccccccd4bfc1d4c4c8c4"], // biome-ignore format: bytes
    samples: [
      sample(0, { ...two, count: 10, positiveBuckets: [4, 4] }),
      sample(15_000, { ...two, count: 9, positiveBuckets: [4, 3] }),
      sample(30_000, { ...two, count: 12, positiveBuckets: [5, 5] }),
    ],
  },
  {
    name: "floats",
    hex: ["000400ff25fb13ac9aaf4c0f8ca4946319ff0000d10347c500201a000000000000200200000000000020193333333333331ff800000000000020000000000000001ffc000000000000000000000000000000000000000000007c1d4c6c1bddd95555555555557bf0f33333333333c25fff612fffb17bfe1249249249249691bdd99fffffffffffffdb9f199999999999d80dac4d4008000000000000c3ed1addb9d55555555555589555555555556b0b4ad9a492492492492480"], // biome-ignore format: bytes
    samples: [0, 1, 2, 3].map((step) =>
      sample(step * 15_000 + (step === 3 ? 7 : 0), {
        ...lateRun,
        countKind: "float",
        count: 20 + step * 7.25,
        zeroCount: 2.5 + step / 3,
        sum: 18.4 + step * 1.1,
        positiveBuckets: [1 + step, 2, 1.5 * (step + 1), 0],
        negativeBuckets: [step / 7],
      }),
    ),
  },
];

test.each(peerChunks)("the appender writes the bytes that the peer writes: $name", ({ hex, samples }) => {
  const written = appendAll(samples).map((chunk) => Buffer.from(chunk.bytes()).toString("hex"));
  // The peer opens a next byte, still empty, whenever a write ends on a byte's edge.
  expect(written.map((text, index) => (hex[index] === `${text}00` ? hex[index] : text))).toEqual(hex);
});

const base = { ...twoRuns, count: 9, positiveBuckets: [1, 2, 1, 1], negativeBuckets: [2] };

test.each<{ what: string; next: Partial<Histogram>; outcome: string; header: string }>([
  { what: "the same counts", next: {}, outcome: "appended", header: "notReset" },
  {
    what: "a higher count",
    next: { count: 10, positiveBuckets: [2, 2, 1, 1] },
    outcome: "appended",
    header: "notReset",
  },
  { what: "a lower count", next: { count: 8 }, outcome: "newChunk", header: "reset" },
  { what: "a lower zero count", next: { zeroCount: 1 }, outcome: "newChunk", header: "reset" },
  { what: "a lower bucket", next: { positiveBuckets: [2, 2, 1, 0] }, outcome: "newChunk", header: "reset" },
  { what: "a lower bucket below zero", next: { negativeBuckets: [1] }, outcome: "newChunk", header: "reset" },
  { what: "its own word", next: { counterReset: "reset" }, outcome: "newChunk", header: "reset" },
  { what: "another schema", next: { schema: 2 }, outcome: "newChunk", header: "unknown" },
  { what: "another zero threshold", next: { zeroThreshold: 1 }, outcome: "newChunk", header: "unknown" },
  { what: "a gauge", next: { counterReset: "gauge" }, outcome: "newChunk", header: "gauge" },
  { what: "float counts", next: { countKind: "float" }, outcome: "newChunk", header: "unknown" },
  { what: "counts that are too large to be exact", next: { count: 2 ** 51 }, outcome: "newChunk", header: "notReset" },
  {
    what: "a bucket more",
    next: { negativeSpans: [{ offset: 1, length: 2 }], negativeBuckets: [2, 0] },
    outcome: "recoded",
    header: "notReset",
  },
  {
    what: "a bucket less",
    next: { positiveSpans: [{ offset: 0, length: 2 }], positiveBuckets: [1, 2] },
    outcome: "newChunk",
    header: "reset",
  },
  {
    what: "the same buckets in other spans",
    next: { positiveSpans: [{ offset: 0, length: 1 }, { offset: 0, length: 1 }, { offset: 1, length: 2 }] }, // biome-ignore format: a table
    outcome: "appended",
    header: "notReset",
  },
])("after a histogram, $what: $outcome, $header", ({ next, outcome, header }) => {
  const previous = HistogramChunkAppender.begin(sample(0, base));
  const following = sample(15_000, { ...base, ...next });
  expect(headerOf(HistogramChunkAppender.begin(following, { previous }))).toBe(header);
  expect(previous.tryAppend(following)).toBe(outcome);
  expect(previous.sampleCount).toBe(outcome === "newChunk" ? 1 : 2);
});

test("custom bounds that change begin a new chunk", () => {
  const custom = { schema: -53, zeroThreshold: 0, zeroCount: 0, positiveSpans: [{ offset: 0, length: 1 }] };
  const first = sample(0, { ...custom, count: 1, positiveBuckets: [1], customValues: [1, 2] });
  const next = sample(1, { ...custom, count: 2, positiveBuckets: [2], customValues: [1, 3] });
  const previous = HistogramChunkAppender.begin(first);
  expect(previous.tryAppend(next)).toBe("newChunk");
  expect(previous.tryAppend({ ...first, timeMs: first.timeMs + 1 })).toBe("appended");
});

test("a sum that is no number is stored with the peer's bits", () => {
  const chunk = HistogramChunkAppender.begin(sample(0, { ...base, sum: Number.NaN }));
  const bits = Array.from(chunk.bytes(), (byte) => byte.toString(2).padStart(8, "0")).join("");
  expect(bits).toContain(0x7ff8000000000001n.toString(2).padStart(64, "0"));
});

test("gauges go either way, with the buckets of all of them", () => {
  const gauge = { counterReset: "gauge" as const, negativeSpans: [], negativeBuckets: [] };
  const chunk = HistogramChunkAppender.begin(
    sample(0, { ...gauge, count: 12, positiveSpans: [{ offset: 0, length: 2 }], positiveBuckets: [5, 5] }),
  );
  const fewer = sample(1, { ...gauge, count: 5, positiveSpans: [{ offset: 2, length: 1 }], positiveBuckets: [3] });
  expect(chunk.tryAppend(fewer)).toBe("recoded");
  expect(chunk.tryAppend(sample(2, base))).toBe("newChunk");
  expect(readPlainly({ encoding: chunk.encoding, bytes: chunk.bytes() }).map(({ value }) => value)).toMatchObject([
    { counterReset: "gauge", positiveSpans: [{ offset: 0, length: 3 }], positiveBuckets: [5, 5, 0] },
    { counterReset: "gauge", positiveSpans: [{ offset: 0, length: 3 }], positiveBuckets: [0, 0, 3] },
  ]);
});

test("only staleness markers follow a staleness marker", () => {
  const marker = { timeMs: startMs, startTimeMs: 0, histogram: null };
  const chunk = HistogramChunkAppender.begin(marker);
  expect(chunk.tryAppend({ ...marker, timeMs: startMs + 1 })).toBe("appended");
  const next = sample(2, base);
  expect(chunk.tryAppend(next)).toBe("newChunk");
  expect(headerOf(HistogramChunkAppender.begin(next, { previous: chunk }))).toBe("unknown");
  const float = HistogramChunkAppender.begin(sample(0, { ...base, countKind: "float" }));
  expect(HistogramChunkAppender.begin(marker, { previous: float }).encoding).toBe(chunkEncoding.floatHistogram);
});

test("a chunk with start times is full at 16 383 samples, its last start time late", () => {
  const first = { ...sample(0, { ...base, positiveSpans: [], positiveBuckets: [], count: 4 }), startTimeMs: 5 };
  const chunk = HistogramChunkAppender.begin(first, { keepStartTimes: true });
  let outcome = "";
  for (let count = 1; outcome !== "newChunk"; count++) {
    outcome = chunk.tryAppend({ ...first, timeMs: startMs + count, startTimeMs: count > 10_000 ? 7 : 5 });
  }
  expect(chunk.sampleCount).toBe(16_383);
  const column = newSampleColumn(1, { histograms: true, startTimes: true });
  new ChunkDecoder().decodeInto({ encoding: chunk.encoding, bytes: chunk.bytes() }, column);
  expect(column.count).toBe(16_383);
  expect([0, 10_000, 10_001, 16_382].map((index) => column.startTimesMs![index])).toEqual([5, 5, 7, 7]);
});

test("a schema that is finer than any histogram here is read with wider buckets", () => {
  const fine = sample(0, { ...base, schema: 9, positiveSpans: [{ offset: 1, length: 4 }] });
  const chunk = HistogramChunkAppender.begin(fine);
  const column = newSampleColumn(1, { histograms: true });
  new ChunkDecoder().decodeInto({ encoding: chunk.encoding, bytes: chunk.bytes() }, column);
  expect(column.histograms![0]).toMatchObject({ schema: 8, positiveBuckets: [3, 2] });
});

test("a schema that nobody knows is an error", () => {
  const chunk = HistogramChunkAppender.begin(sample(0, { ...base, schema: 53 }));
  expect(() =>
    new ChunkDecoder().decodeInto({ encoding: chunk.encoding, bytes: chunk.bytes() }, newSampleColumn()),
  ).toThrow("Cannot read a histogram: found schema 53, expected -9 to 52 or -53");
});

function headerOf(chunk: HistogramChunkAppender): string {
  const reader = new HistogramChunkReader();
  reader.open({ encoding: chunk.encoding, bytes: chunk.bytes() });
  return reader.counterReset;
}

function appendAll(samples: readonly HistogramSample[]): HistogramChunkAppender[] {
  const chunks: HistogramChunkAppender[] = [];
  for (const next of samples) {
    const last = chunks.at(-1);
    if (last === undefined || last.tryAppend(next) === "newChunk") {
      chunks.push(HistogramChunkAppender.begin(next, { previous: last }));
    }
  }
  return chunks;
}

function sample(offsetMs: number, parts: Partial<Histogram>): HistogramSample {
  const histogram: Histogram = {
    countKind: "integer",
    counterReset: "unknown",
    schema: 1,
    zeroThreshold: 1e-125,
    zeroCount: 2,
    count: 0,
    sum: 18.4,
    positiveSpans: [],
    positiveBuckets: [],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
    ...parts,
  };
  return { timeMs: startMs + offsetMs, startTimeMs: 0, histogram };
}

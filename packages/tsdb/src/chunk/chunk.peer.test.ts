import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bucketsOf, type Histogram, labelsOf, newSampleColumn, type SampleColumn } from "@tatou/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeTestBlock } from "../block/testing/test-blocks.ts";
import { PeerPrometheus, peerMissing } from "../testing/peer-prometheus.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { ChunkEncoder } from "./chunk-encoder.ts";
import { chunkSampleCount } from "./chunk-sample-count.ts";
import type { AnySample } from "./testing/arbitrary-samples.ts";
import { columnOf } from "./testing/columns.ts";

const missing = peerMissing();
const startMs = 1_700_000_000_000;
const encoder = new ChunkEncoder();
const best = { samplesMax: 480, isBestWindows: true, keepStartTimes: false };

describe.skipIf(missing !== null)(`beside a real Prometheus${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    // Without it, promtool takes the directory for none of a database.
    mkdirSync(join(directory.path, "wal"));
  });
  afterEach(() => directory.remove());

  test("it reads long chunks with planned windows", () => {
    const column = floatColumn(1000);
    const chunks = encoder.encodeColumn(column, best);
    expect(chunks.map(({ encoding, bytes }) => chunkSampleCount(encoding, bytes))).toEqual([480, 480, 40]);
    writeTestBlock(directory.path, [{ labels: labelsOf({ __name__: "m" }), chunks }]);
    const dumped = execFileSync("promtool", ["tsdb", "dump", directory.path], { encoding: "utf8" });
    const read = dumped
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ").slice(1).map(Number));
    const samples = Array.from({ length: column.count }, (_, index) => [column.values[index], column.timesMs[index]]);
    expect(read).toEqual(samples);
  });

  test.each([{ countKind: "integer" as const }, { countKind: "float" as const }])(
    "it reads histograms of $countKind counts, whose buckets come and go",
    async ({ countKind }) => {
      const samples = histogramSamples(countKind);
      const chunks = encoder.encodeColumn(columnOf(samples), { ...best, samplesMax: 120 });
      // The series ends once, and begins again from 0.
      expect(chunks).toHaveLength(2);
      const data = join(directory.path, "data");
      mkdirSync(data);
      writeTestBlock(data, [{ labels: labelsOf({ __name__: "h" }), chunks }]);
      const peer = await PeerPrometheus.start(directory.path, data, false);
      try {
        const read = await peer.histograms("h[1h]", startMs + 1_800_000);
        expect(read).toEqual(
          samples.flatMap(({ timeMs, value }) => (typeof value === "object" ? [asPeer(timeMs, value)] : [])),
        );
      } finally {
        await peer.stop();
      }
    },
  );
});

/** A counter with jumps, decimals and NaN, at intervals that jitter. */
function floatColumn(count: number): SampleColumn {
  const column = newSampleColumn(count);
  for (let index = 0; index < count; index++) {
    column.timesMs[index] = startMs + 15_000 * index + (index % 50 === 7 ? 3 : 0);
    column.values[index] =
      index % 97 === 50 ? Number.NaN : index % 3 === 0 ? index * 1000 : Math.round(index * 77.7) / 10;
  }
  column.count = count;
  return column;
}

function histogramSamples(countKind: Histogram["countKind"]): AnySample[] {
  return Array.from({ length: 60 }, (_, index) => {
    const age = index < 40 ? index : index - 40;
    const scale = countKind === "float" ? 0.5 : 1;
    // Every tenth sample brings a new bucket.
    const bucketCount = 2 + Math.floor(age / 10);
    const positiveBuckets = Array.from({ length: bucketCount }, (__, bucket) => scale * (1 + age + bucket));
    const negativeBuckets = [scale * age * 3];
    const counts = [...positiveBuckets, ...negativeBuckets, scale * 7];
    const value: Histogram = {
      countKind,
      counterReset: "unknown",
      schema: 3,
      zeroThreshold: 0.001,
      zeroCount: scale * 7,
      count: counts.reduce((sum, count) => sum + count),
      sum: age * 1.1,
      positiveSpans: [
        { offset: -5, length: 1 },
        { offset: 3, length: bucketCount - 1 },
      ],
      positiveBuckets,
      negativeSpans: [{ offset: 2, length: 1 }],
      negativeBuckets,
      customValues: [],
    };
    const timeMs = startMs + 15_000 * index;
    return { timeMs, startTimeMs: 0, value: index === 39 ? ("stale" as const) : value };
  });
}

function asPeer(timeMs: number, histogram: Histogram) {
  const { count, sum } = histogram;
  return {
    timeMs,
    count,
    sum,
    buckets: bucketsOf(histogram).map((bucket) => [bucket.lower, bucket.upper, bucket.count]),
  };
}

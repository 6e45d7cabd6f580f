import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeMatcher } from "@tatou/model";
import { readAll, type TestSample, type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import { writeBlockMeta } from "./block-meta-file.ts";
import { ChunkSegmentWriter } from "./chunk-segment-writer.ts";
import { writeRawIndex } from "./testing/raw-index.ts";
import { chunkedSeries } from "./testing/test-blocks.ts";

const t = testBaseMs;
const ulid = "01HF7YAT00040G2081040G2081";
const everything = { matchers: [makeMatcher("__name__", "=~", ".+")], minTimeMs: 0, maxTimeMs: 2 * t };

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test.each([1, 2] as const)("an index of version %i is read", async (version) => {
  const series = ["a", "b", "ü"].flatMap((job) =>
    Array.from({ length: 40 }, (_, index): TestSeries => {
      const instance = String(index).padStart(2, "0");
      return { labels: { __name__: "m", instance, job }, samples: ramp(index, 200) };
    }),
  );
  series.sort((left, right) => (left.labels["instance"]! < right.labels["instance"]! ? -1 : 1));
  const block = openForeign(
    version,
    series.map((each) => [each]),
  );
  expect(await readAll(block, everything)).toEqual(series);
  const of17 = { ...everything, matchers: [makeMatcher("instance", "=", "17"), makeMatcher("job", "!=", "b")] };
  expect((await readAll(block, of17)).map(({ labels }) => labels["job"])).toEqual(["a", "ü"]);
  expect(await block.labelNames({ ...everything, matchers: [] })).toEqual(["__name__", "instance", "job"]);
  expect(await block.labelValues("job", { ...everything, matchers: [] })).toEqual(["a", "b", "ü"]);
  expect(await block.labelValues("instance", of17)).toEqual(["17"]);
  block.close();
});

test.each([1, 2] as const)("overlapping and repeated chunks are merged (version %i)", async (version) => {
  const labels = { __name__: "m" };
  const odd = { labels, samples: ramp(0, 30).filter((_, index) => index % 2 === 1) };
  const even = { labels, samples: ramp(0, 30).filter((_, index) => index % 2 === 0) };
  const later = { labels, samples: ramp(100, 10) };
  const block = openForeign(version, [[even, odd, odd, later, even]]);
  expect(await readAll(block, everything)).toEqual([{ labels, samples: [...ramp(0, 30), ...ramp(100, 10)] }]);
  const range = { ...everything, minTimeMs: t + 3000, maxTimeMs: t + 5000 };
  expect(await readAll(block, range)).toEqual([{ labels, samples: ramp(3, 3) }]);
  block.close();
});

/** A block whose series have chunks as given, one for each of the parts. */
function openForeign(version: 1 | 2, series: readonly (readonly TestSeries[])[]): Block {
  const path = join(directory.path, ulid);
  mkdirSync(path);
  const writer = new ChunkSegmentWriter(join(path, "chunks"));
  const raw = series.map((parts) => {
    const chunks = parts.flatMap((part) => chunkedSeries([part]));
    return {
      labels: chunks[0]!.labels,
      chunks: chunks.flatMap((each) => each.chunks).map((chunk) => ({ ...chunk, reference: writer.add(chunk) })),
    };
  });
  writer.finish();
  writeRawIndex(join(path, "index"), version, raw);
  writeBlockMeta(path, {
    ulid,
    minTime: t,
    maxTime: t + 3_600_000,
    stats: { numSamples: 0, numSeries: 0, numChunks: 0 },
    compaction: { level: 1, sources: [ulid] },
    version: 1,
  });
  return Block.open(path);
}

function ramp(first: number, count: number): TestSample[] {
  return Array.from({ length: count }, (_, index) => [t + 1000 * (first + index), first + index]);
}

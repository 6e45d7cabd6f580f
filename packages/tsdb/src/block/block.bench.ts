import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeMatcher, newSampleColumn, type SeriesQuery } from "@tatou/model";
import { type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterAll, bench, describe } from "vitest";
import { Block } from "./block.ts";
import { chunkedSeries, writeTestBlock } from "./testing/test-blocks.ts";

/** 2000 series of two hours at 15 s: 40 names with 50 instances each. */
const directory = mkdtempSync(join(tmpdir(), "tatou-bench-"));
const series = Array.from({ length: 2000 }, (_, index): TestSeries => {
  const instance = `host-${index % 50}`;
  return {
    labels: { __name__: `metric_${Math.floor(index / 50)}`, instance, job: index % 2 === 0 ? "even" : "odd" },
    samples: Array.from({ length: 480 }, (_, at): [number, number] => [testBaseMs + at * 15_000, index + at * 7]),
  };
});
const streamed = chunkedSeries(series);
const { ulid } = writeTestBlock(directory, streamed)!;
const block = Block.open(join(directory, ulid));
const column = newSampleColumn();
const endMs = block.meta.maxTime - 1;
const name = makeMatcher("__name__", "=", "metric_7");

afterAll(() => {
  block.close();
  rmSync(directory, { recursive: true });
});

describe("a block of 2000 series", () => {
  bench("instant select of 17 series", async () => {
    await readAll({ matchers: [name, makeMatcher("instance", "=~", "host-[1-3].?|host-5")], ...lastMinutes(5) });
  });
  bench("all samples of 50 series", () => readAll({ matchers: [name], minTimeMs: 0, maxTimeMs: endMs }));
  bench("labels of all series", async () => {
    const selection = await block.select({ matchers: [], minTimeMs: 0, maxTimeMs: endMs });
    for (let index = 0; index < selection.seriesCount; index++) selection.labelsAt(index);
  });
  bench("values of a label among 50 series", async () => {
    await block.labelValues("instance", { matchers: [name], minTimeMs: 0, maxTimeMs: endMs });
  });
  bench("stream", () => {
    const stream = block.stream();
    while (stream.next());
  });
  bench("write and delete", () => {
    rmSync(join(directory, writeTestBlock(directory, streamed, 2)!.ulid), { recursive: true });
  });
});

function lastMinutes(minutes: number): { minTimeMs: number; maxTimeMs: number } {
  return { minTimeMs: endMs - minutes * 60_000, maxTimeMs: endMs };
}

async function readAll(query: SeriesQuery): Promise<void> {
  const selection = await block.select(query);
  for (let index = 0; index < selection.seriesCount; index++) {
    selection.labelsAt(index);
    selection.readSamples(index, column);
  }
  selection.close();
}

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsOf } from "@tatou/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBlockMeta } from "../block/block-meta-file.ts";
import { GatheredSamples } from "./gathered-samples.ts";
import { writeGathered } from "./write-gathered.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "tatou-gathered-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const labels = [labelsOf({ __name__: "a" }), labelsOf({ __name__: "b" })];

test("a block covers its samples and nothing more", () => {
  const samples = new GatheredSamples();
  samples.add(1, 5000, 1);
  samples.add(0, 2000, 2);
  samples.add(0, 2000, 3);
  const { meta, repeatedCount } = writeGathered(samples, { directory, labels, nowMs: 1_767_600_000_000 });
  expect(repeatedCount).toBe(1);
  expect(meta).toMatchObject({
    minTime: 2000,
    maxTime: 5001,
    stats: { numSamples: 2, numSeries: 2, numChunks: 2 },
    compaction: { level: 1, sources: [meta!.ulid] },
  });
  expect(readBlockMeta(join(directory, meta!.ulid))).toEqual(meta);
});

test("nothing gathered is no block", () => {
  expect(writeGathered(new GatheredSamples(), { directory, labels, nowMs: 0 })).toEqual({
    meta: null,
    repeatedCount: 0,
  });
  expect(readdirSync(directory)).toEqual([]);
});

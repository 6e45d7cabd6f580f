import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { Labels } from "@tatou/model";
import type { BlockMeta } from "../block/block-meta.ts";
import { newUlid } from "../block/ulid.ts";
import { writeBlock } from "../block/write-block.ts";
import type { GatheredSamples } from "./gathered-samples.ts";

export interface WriteGatheredOptions {
  /** A data directory, or any other that is to hold the block; made if it is not there. */
  readonly directory: string;
  /** Of each series, by its number; each label set once. */
  readonly labels: readonly Labels[];
  readonly nowMs: number;
}

export interface WrittenBlock {
  /** Null when there was nothing to write. */
  readonly meta: BlockMeta | null;
  /** Samples that gave way to a later one of the same series and time. */
  readonly repeatedCount: number;
}

/** Writes gathered samples as a block of level 1, which covers them and nothing more, as Prometheus' importer does. */
export function writeGathered(
  samples: GatheredSamples,
  { directory, labels, nowMs }: WriteGatheredOptions,
): WrittenBlock {
  if (samples.count === 0) return { meta: null, repeatedCount: 0 };
  mkdirSync(directory, { recursive: true });
  const ulid = newUlid(nowMs, randomBytes(10));
  const stream = samples.stream(labels);
  const meta = writeBlock({
    parentDirectory: directory,
    ulid,
    minTimeMs: samples.minTimeMs,
    maxTimeMs: samples.maxTimeMs + 1,
    compaction: { level: 1, sources: [ulid] },
    stream,
  });
  return { meta, repeatedCount: stream.repeatedCount };
}

import { assert } from "@tatou/model";
import type { BlockMeta } from "../block/block-meta.ts";

/** Each level of blocks is so many times as long as the one below. */
const levelFactor = 3;
/** Above this share of its series deleted, a long block is written anew. */
const tombstoneRatioMax = 0.05;

export const blockDurationMinMs = 2 * 3_600_000;
const blockDurationCapMs = 31 * 24 * 3_600_000;

/** The longest block by default: a tenth of the retention, so that what expires goes in small pieces; 31 days at most. */
export function blockDurationMaxMs(retentionMs: number | null, minMs = blockDurationMinMs): number {
  if (retentionMs === null) return blockDurationCapMs;
  return Math.max(minMs, Math.min(blockDurationCapMs, Math.floor(retentionMs / 10)));
}

/** Lengths of blocks, level by level: the shortest, three times that and so on, as far as the longest allows. */
export function blockRanges(minMs: number, maxMs: number): readonly number[] {
  assert(minMs > 0, "a block has a length");
  const ranges = [minMs];
  for (let rangeMs = minMs * levelFactor; rangeMs <= maxMs; rangeMs *= levelFactor) ranges.push(rangeMs);
  return ranges;
}

/**
 * The blocks to be written together as one, by time; none when there is nothing to do. Asked again after each, until
 * it says none. What it chooses is what Prometheus would, except that it never comes back to a block that is damaged:
 *
 *   1. blocks that overlap
 *   2. of all but the newest block: those that fill a range of the next level, or lie in one where no more can come
 *   3. a long block of which much was deleted, alone
 *
 * @param against ranges from `blockRanges`, and up to where all that came in order is in blocks
 */
export function planCompaction(
  metas: readonly BlockMeta[],
  { ranges, inOrderEndMs }: { readonly ranges: readonly number[]; readonly inOrderEndMs: number },
): readonly BlockMeta[] {
  const [others, ofStaleSeries, ahead]: [BlockMeta[], BlockMeta[], BlockMeta[]] = [[], [], []];
  for (const meta of metas) {
    // Blocks of stale series alone are kept apart: mixed with others they would seem to hold all series of their time.
    if (hasHint(meta, "from-stale-series")) ofStaleSeries.push(meta);
    // So are late samples of a time that the head still has: mixed with others they would seem to be all of that time, and
    // a restart would not read the log for it.
    else if (hasHint(meta, "from-out-of-order") && meta.maxTime > inOrderEndMs) ahead.push(meta);
    else others.push(meta);
  }
  const planned = planClass(others, ranges);
  if (planned.length > 0) return planned;
  const plannedOfStale = planClass(ofStaleSeries, ranges);
  return plannedOfStale.length > 0 ? plannedOfStale : firstOverlap(byTimeOf(ahead));
}

function hasHint(meta: BlockMeta, hint: string): boolean {
  return meta.compaction.hints?.includes(hint) === true;
}

function byTimeOf(metas: readonly BlockMeta[]): readonly BlockMeta[] {
  return [...metas].sort((left, right) => left.minTime - right.minTime);
}

function planClass(metas: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const byTime = byTimeOf(metas);
  const overlapping = firstOverlap(byTime);
  if (overlapping.length > 0) return overlapping;
  // The newest stays as it is for a while, so that who copies new blocks finds each once.
  const settled = byTime.slice(0, -1);
  const filled = firstFilledRange(settled, ranges);
  return filled.length > 0 ? filled : mostlyDeleted(settled, ranges);
}

/** The first blocks that overlap, directly or through others between them. */
function firstOverlap(byTime: readonly BlockMeta[]): readonly BlockMeta[] {
  const groups: BlockMeta[][] = [];
  let maxTime = Number.NEGATIVE_INFINITY;
  for (const meta of byTime) {
    if (meta.minTime >= maxTime) groups.push([meta]);
    else groups.at(-1)!.push(meta);
    maxTime = Math.max(maxTime, meta.maxTime);
  }
  return groups.find((group) => group.length > 1 && !group.some(hasFailed)) ?? [];
}

/** Its files are damaged: every attempt would fail. */
function hasFailed(meta: BlockMeta): boolean {
  return meta.compaction.failed === true;
}

function firstFilledRange(settled: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const newestMinTime = settled.at(-1)?.minTime ?? Number.NEGATIVE_INFINITY;
  for (const rangeMs of ranges.slice(1)) {
    for (const group of splitByRange(settled, rangeMs)) {
      if (group.length < 2 || group.some(hasFailed)) continue;
      const minTime = group[0]!.minTime;
      const maxTime = group.at(-1)!.maxTime;
      if (maxTime - minTime === rangeMs || maxTime <= newestMinTime) return group;
    }
  }
  return [];
}

/**
 * Blocks by the multiple of a range they lie in. Those that cross a multiple, or are longer than the range, are in none.
 *
 * @param byTime sorted by minTime
 */
export function splitByRange(byTime: readonly BlockMeta[], rangeMs: number): readonly (readonly BlockMeta[])[] {
  const groups: BlockMeta[][] = [];
  let groupEnd = Number.NEGATIVE_INFINITY;
  for (const meta of byTime) {
    if (meta.minTime >= groupEnd || groups.length === 0) {
      const end = (Math.floor(meta.minTime / rangeMs) + 1) * rangeMs;
      if (meta.maxTime > end) continue;
      groups.push([meta]);
      groupEnd = end;
    } else if (meta.maxTime <= groupEnd) groups.at(-1)!.push(meta);
  }
  return groups;
}

/** Newest first, down to the blocks that a merge will write anew before long anyway. */
function mostlyDeleted(settled: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const longMs = ranges[Math.floor(ranges.length / 2)]!;
  for (const meta of settled.toReversed()) {
    if (hasFailed(meta)) continue;
    const { numSeries, numTombstones = 0 } = meta.stats;
    if (meta.maxTime - meta.minTime < longMs) return numTombstones > 0 && numTombstones >= numSeries ? [meta] : [];
    if (numTombstones / (numSeries + 1) > tombstoneRatioMax) return [meta];
  }
  return [];
}

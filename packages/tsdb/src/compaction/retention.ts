import type { BlockMeta } from "../block/block-meta.ts";
import { inOrderEndMs } from "../block/in-order-end.ts";

/** How much history is kept. Null: without that limit. */
export interface Retention {
  /** A block goes when it ends so much before the newest one. */
  readonly timeMs: number | null;
  /** Blocks, log and chunks of the head together. */
  readonly sizeBytes: number | null;
  /** Of the disk that the directory is on, 0 to 100; prevails over `sizeBytes` where the system tells the disk's size. */
  readonly percentage: number | null;
}

export interface RetainedBlock {
  readonly meta: BlockMeta;
  readonly sizeBytes: number;
}

/** The blocks that retention takes away, by the limit that does. */
export interface ExpiredBlocks<B> {
  readonly byTime: readonly B[];
  readonly bySize: readonly B[];
}

/** What blocks are measured against. */
export interface RetentionLimits {
  readonly timeMs: number | null;
  readonly sizeMaxBytes: number | null;
  readonly headSizeBytes: number;
  /** Blocks that end later are from the future, and make nothing old. */
  readonly newestMs: number;
}

/**
 * Oldest blocks go first, as in Prometheus: time is counted from the end of the newest block, and what does not fit the
 * size goes together with all that is older. Other than there, a block from the future or one of late samples is not that
 * block: a single sample with a wrong time must not take all history away.
 */
export function expiredBlocks<B extends RetainedBlock>(
  blocks: readonly B[],
  { timeMs, sizeMaxBytes, headSizeBytes, newestMs }: RetentionLimits,
): ExpiredBlocks<B> {
  const newestFirst = [...blocks].sort((left, right) => right.meta.maxTime - left.meta.maxTime);
  const endMs = inOrderEndMs(blocks, newestMs);
  const byTime =
    timeMs === null ? [] : newestFirst.filter(({ meta }) => meta.maxTime < endMs && endMs - meta.maxTime >= timeMs);
  if (sizeMaxBytes === null) return { byTime, bySize: [] };
  let sizeBytes = headSizeBytes;
  const bySize: B[] = [];
  for (const block of newestFirst) {
    sizeBytes += block.sizeBytes;
    if (sizeBytes > sizeMaxBytes) bySize.push(block);
  }
  return { byTime, bySize };
}

/**
 * The limit in bytes; null for none.
 * @param diskSizeBytes null where the system does not tell it
 */
export function sizeLimitBytes({ sizeBytes, percentage }: Retention, diskSizeBytes: number | null): number | null {
  if (percentage !== null && percentage > 0 && diskSizeBytes !== null)
    return Math.floor((diskSizeBytes * percentage) / 100);
  return sizeBytes;
}

import type { BlockMeta } from "./block-meta.ts";

/** Blocks with these hints hold late samples, or some series only: not all that there is of their time. */
const partialHints = ["from-out-of-order", "from-stale-series"];

/**
 * Up to this moment, all that came in order is in blocks; minus infinity without any.
 *
 * @param upToMs blocks that end later say nothing: those from after now, as they are when the clock was set back
 */
export function inOrderEndMs(
  blocks: readonly { readonly meta: BlockMeta }[],
  upToMs = Number.POSITIVE_INFINITY,
): number {
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { meta } of blocks) {
    const isPartial = partialHints.some((hint) => meta.compaction.hints?.includes(hint));
    if (!isPartial && meta.maxTime <= upToMs) endMs = Math.max(endMs, meta.maxTime);
  }
  return endMs;
}

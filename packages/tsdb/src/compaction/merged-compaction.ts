import type { BlockCompaction, BlockMeta } from "../block/block-meta.ts";

/** What the meta.json of a block says of its origin, when it was written of these. */
export function mergedCompaction(metas: readonly BlockMeta[]): BlockCompaction {
  const sources = new Set(metas.flatMap(({ compaction }) => compaction.sources));
  // A hint stays only where it is true of all.
  const hints = (metas[0]!.compaction.hints ?? []).filter((hint) =>
    metas.every(({ compaction }) => compaction.hints?.includes(hint) === true),
  );
  return {
    level: 1 + Math.max(...metas.map(({ compaction }) => compaction.level)),
    sources: [...sources].sort(),
    parents: metas.map(({ ulid, minTime, maxTime }) => ({ ulid, minTime, maxTime })),
    ...(hints.length > 0 && { hints }),
  };
}

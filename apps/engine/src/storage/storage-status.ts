import { rfc3339Text, type StorageFacts, type StorageStatusAnswer } from "@tatou/api";
import type { BlockMeta } from "@tatou/tsdb";
import type { EngineStorage } from "./engine-storage.ts";
import { retentionText } from "./storage-flags.ts";

/** How the storage is, for pages. */
export function storageStatus(storage: EngineStorage): StorageStatusAnswer {
  const { min, max, current, repairs } = storage.replay;
  const replay = { min, max, current, repairs: repairs ?? null };
  if (!storage.isOpen) return { state: "starting", replay, storage: null };
  return { state: "ready", replay, storage: factsOf(storage) };
}

function factsOf(storage: EngineStorage): StorageFacts {
  const stats = storage.tsdb.stats();
  const { durable, problem, failingSinceMs, samplesNotWritten } = storage.tsdb.health();
  return {
    writeProblem: durable
      ? null
      : { reason: problem ?? "", since: rfc3339Text(failingSinceMs ?? 0), samplesNotWritten },
    head: {
      seriesCount: stats.seriesCount,
      chunkCount: stats.chunkCount,
      minTime: timeText(stats.minTimeMs),
      maxTime: timeText(stats.maxTimeMs),
      memoryBytes: stats.memoryUsedBytes,
      logBytes: stats.walBytes + stats.outOfOrderLogBytes,
      chunkBytes: stats.headChunkBytes,
    },
    seriesCountMax: storage.seriesCountMax,
    seriesFolded: stats.seriesFolded,
    blocks: storage.tsdb.blockMetas.map(blockOf),
    blockBytes: stats.blockBytes,
    retention: retentionText(storage.retention),
    unusableBlocks: stats.blockTroubles,
  };
}

function blockOf({ ulid, minTime, maxTime, stats, compaction }: BlockMeta): StorageFacts["blocks"][number] {
  return {
    ulid,
    minTime: rfc3339Text(minTime),
    maxTime: rfc3339Text(maxTime),
    level: compaction.level,
    seriesCount: stats.numSeries,
    sampleCount: stats.numSamples,
  };
}

function timeText(timeMs: number | null): string | null {
  return timeMs === null ? null : rfc3339Text(timeMs);
}

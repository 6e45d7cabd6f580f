import type { HeadChunksReport } from "./head-chunks/head-chunk-replay.ts";
import type { WalRepairs, WalReplayStatus } from "./tsdb-status.ts";

/** What was dropped of chunks_head, in the terms of the logs. */
export function repairsOfChunks({ problem, cutBytes, filesSetAside }: HeadChunksReport): WalRepairs {
  if (problem === null) return { segmentCount: 0, gapCount: 0, cutBytes: 0, problem: null };
  return { segmentCount: Math.max(1, filesSetAside.length), gapCount: 1, cutBytes, problem };
}

/** The status with all that was repaired at the start, if anything was. */
export function withRepairs(status: WalReplayStatus, parts: readonly WalRepairs[]): WalReplayStatus {
  const repairs = parts.reduce((sum, part) => ({
    segmentCount: sum.segmentCount + part.segmentCount,
    gapCount: sum.gapCount + part.gapCount,
    cutBytes: sum.cutBytes + part.cutBytes,
    problem: sum.problem ?? part.problem,
  }));
  return repairs.segmentCount === 0 ? status : { ...status, repairs };
}

export { GatheredSamples } from "./backfill/gathered-samples.ts";
export { type WrittenBlock, writeGathered } from "./backfill/write-gathered.ts";
export { Block } from "./block/block.ts";
export type { BlockMeta } from "./block/block-meta.ts";
export type { SeriesStream } from "./block/series-stream.ts";
export { isUlid, ulidTimeMs } from "./block/ulid.ts";
export type { BlockTrouble } from "./block-set.ts";
export { ChunkDecoder } from "./chunk/chunk-decoder.ts";
export { chunkEncoding } from "./chunk/chunk-encoding.ts";
export { compactionWorkerUrl } from "./compaction/compaction-runner.ts";
export type { Retention } from "./compaction/retention.ts";
export { DirectoryLock } from "./directory-lock.ts";
export {
  BlockCorruptError,
  BlockUnsupportedError,
  DirectoryLockedError,
  HeadChunkCorruptError,
  WalUnsupportedError,
} from "./errors.ts";
export { ReadOnlyTsdb, type ReadOnlyTsdbOptions } from "./read-only/read-only-tsdb.ts";
export { type StorageStats, Tsdb, type TsdbOptions, type TsdbSettings } from "./tsdb.ts";
export type { TsdbHealth, TsdbStats, WalRepairs, WalReplayStatus } from "./tsdb-status.ts";
export type { DataProblem } from "./verify/data-problem.ts";
export { type RepairStep, repairDirectory } from "./verify/repair-directory.ts";
export { type VerifyReport, verifyDirectory } from "./verify/verify-directory.ts";
export { nodeFiles, type WalFiles } from "./wal/files.ts";

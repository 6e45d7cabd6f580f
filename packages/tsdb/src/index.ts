export { DirectoryLock } from "./directory-lock.ts";
export { DirectoryLockedError, WalUnsupportedError } from "./errors.ts";
export { Tsdb, type TsdbOptions } from "./tsdb.ts";
export type { TsdbHealth, TsdbStats, WalReplayStatus } from "./tsdb-status.ts";
export { nodeFiles, type WalFiles } from "./wal/files.ts";

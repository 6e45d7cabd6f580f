import { randomInt } from "node:crypto";
import { join } from "node:path";
import { type Clock, formatDurationMs, type Log, StorageWriteError, silentLog } from "@tatou/model";
import { ExemplarStore } from "./exemplars/exemplar-store.ts";
import { FoundChunks } from "./found-chunks.ts";
import { Head } from "./head/head.ts";
import { HeadChunkFiles } from "./head-chunks/head-chunk-files.ts";
import type { HeadChunksReport } from "./head-chunks/head-chunk-replay.ts";
import type { HeadStoreOptions } from "./head-store-options.ts";
import { LateLog } from "./late-log.ts";
import { LateReplay } from "./late-replay.ts";
import { repairsOfChunks, withRepairs } from "./log-repairs.ts";
import { HeadReplay } from "./replay.ts";
import type { SampleBatch } from "./sample-batch.ts";
import { type Truncation, TruncationFile } from "./truncation-file.ts";
import type { WalReplayStatus } from "./tsdb-status.ts";
import { nodeFiles } from "./wal/files.ts";
import { Wal } from "./wal/wal.ts";
import { segmentSizeMaxBytes } from "./wal/wal-format.ts";

/** As much as 32-bit addresses can name. */
const memoryMaxBytesDefault = 4 * 1024 ** 3;

/** The parts of a store whose logs were read. */
export interface OpenedStore {
  readonly chunksHeadDirectory: string;
  readonly chunkFiles: HeadChunkFiles;
  readonly head: Head;
  readonly wal: Wal;
  /** The log of samples that came out of order. */
  readonly lateWal: Wal;
  readonly exemplars: ExemplarStore;
  readonly truncationFile: TruncationFile;
  /** Refs that the logs and chunks_head name series by which have another one: log to head. */
  readonly aliases: Map<number, number>;
  readonly clock: Clock;
  readonly log: Log;
  readonly samplesReplayed: number;
  readonly walReplayStatus: WalReplayStatus;
}

/** Reads chunks_head, then the write-ahead log, then the log of samples that came out of order. */
export async function openHeadStore(options: HeadStoreOptions, retentionMs: number): Promise<OpenedStore> {
  const opened = openChunkFiles(options);
  const logs: Wal[] = [];
  try {
    return await readLogs(options, { opened, logs, retentionMs });
  } catch (error) {
    for (const wal of logs) wal.close();
    opened.chunkFiles.close();
    throw error;
  }
}

interface ReadTask {
  readonly opened: OpenedChunks;
  /** Takes what is to be closed if this fails. */
  readonly logs: Wal[];
  readonly retentionMs: number;
}

async function readLogs(options: HeadStoreOptions, { opened, logs, retentionMs }: ReadTask): Promise<OpenedStore> {
  const { clock, log = silentLog } = options;
  const { chunkFiles, chunks, chunksHeadDirectory, report } = opened;
  const head = new Head({
    readFileChunk: (file, offset) => chunkFiles.read(file, offset),
    memoryMaxBytes: Math.min(options.memoryMaxBytes ?? memoryMaxBytesDefault, memoryMaxBytesDefault),
    hashSeed: randomInt(2 ** 32),
  });
  const exemplars = new ExemplarStore(options.exemplarCountMax ?? 0);
  const { minValidTimeMs = Number.NEGATIVE_INFINITY } = options;
  // A block that ends after now says nothing of what the log holds from before.
  const minTimeMs = minValidTimeMs > clock.nowMs() ? Number.NEGATIVE_INFINITY : minValidTimeMs;
  const startedMs = clock.monotonicMs();
  const wal = openWal(options, "wal");
  logs.push(wal);
  const truncationFile = new TruncationFile(join(options.directory, "wal"), options.files ?? nodeFiles, log);
  const truncation = checkedTruncation(truncationFile.truncation, chunkFiles.nextFile);
  const replay = new HeadReplay(head, { truncation, minTimeMs, chunks, exemplars });
  let walReplayStatus: WalReplayStatus = { state: "replaying", min: 0, max: 0, current: 0 };
  await wal.replay(replay, (status) => {
    walReplayStatus = status;
    options.onReplayProgress?.(status);
  });
  replay.end();
  keepTruncation(truncationFile, { ...replay.truncation, wal, chunkFiles, log });
  const lateWal = openWal(options, "wbl");
  logs.push(lateWal);
  const refOf = (logRef: number): number => replay.refOf(logRef);
  const lateReplay = new LateReplay(head, { refOf, minTimeMs: clock.nowMs() - retentionMs });
  await lateWal.replay(lateReplay, () => {});
  walReplayStatus = withRepairs(walReplayStatus, [wal.repairs, lateWal.repairs, repairsOfChunks(report)]);
  keepLate(replay.late, new LateLog(head, lateWal), log);
  logReplay({ log, replay, lateReplay, durationMs: clock.monotonicMs() - startedMs });
  const samplesReplayed = replay.sampleCount + lateReplay.sampleCount;
  const aliases = new Map(replay.aliases);
  const parts = { chunksHeadDirectory, chunkFiles, head, wal, lateWal, exemplars, truncationFile, aliases, clock, log };
  return { ...parts, samplesReplayed, walReplayStatus };
}

/** Numbers of files that there are not yet are from before chunks_head was emptied: they say nothing. */
function checkedTruncation(truncation: Truncation | null, nextFile: number): Truncation | null {
  if (truncation === null) return null;
  const { chunkFile, lateChunkFile } = truncation;
  return {
    ...truncation,
    chunkFile: chunkFile > nextFile ? Number.POSITIVE_INFINITY : chunkFile,
    lateChunkFile: lateChunkFile > nextFile ? 0 : lateChunkFile,
  };
}

interface KeptTruncation extends Truncation {
  readonly wal: Wal;
  readonly chunkFiles: HeadChunkFiles;
  readonly log: Log;
}

/** Where it counted for all that there was, what comes from now on is told from it, which may be as old. */
function keepTruncation(file: TruncationFile, { wal, chunkFiles, log, ...truncation }: KeptTruncation): void {
  const { timeMs, segment, chunkFile, lateChunkFile } = truncation;
  if (timeMs === Number.NEGATIVE_INFINITY) return;
  if (segment <= wal.segmentLast && chunkFile <= chunkFiles.nextFile) return;
  try {
    file.write({ timeMs, segment: wal.segmentLast, chunkFile: chunkFiles.nextFile, lateChunkFile });
  } catch (error) {
    if (!(error instanceof StorageWriteError)) throw error;
    log.warn(error.message);
  }
}

interface OpenedChunks {
  readonly chunkFiles: HeadChunkFiles;
  readonly chunks: FoundChunks;
  readonly chunksHeadDirectory: string;
  readonly report: HeadChunksReport;
}

function openChunkFiles({ directory, files = nodeFiles, log = silentLog }: HeadStoreOptions): OpenedChunks {
  const chunks = new FoundChunks();
  const chunksHeadDirectory = join(directory, "chunks_head");
  const opened = HeadChunkFiles.open({ directory: chunksHeadDirectory, files, log }, (chunk) => chunks.add(chunk));
  return { chunkFiles: opened.files, chunks, chunksHeadDirectory, report: opened.report };
}

function openWal(options: HeadStoreOptions, name: "wal" | "wbl"): Wal {
  const { directory, files = nodeFiles, clock, log = silentLog } = options;
  return new Wal({
    directory: join(directory, name),
    name: name === "wal" ? "write-ahead log" : "out-of-order log",
    files,
    segmentSizeMaxBytes: options.segmentSizeMaxBytes ?? segmentSizeMaxBytes,
    clock,
    log,
  });
}

/** Moves late samples of the main log to their own. */
function keepLate(late: SampleBatch, lateLog: LateLog, log: Log): void {
  if (late.sampleCount === 0) return;
  try {
    lateLog.write(late);
  } catch (error) {
    if (!(error instanceof StorageWriteError)) throw error;
    log.warn(`Samples stay in the write-ahead log only: ${error.message}`);
  }
  lateLog.add(late);
}

interface ReplayReport {
  readonly log: Log;
  readonly replay: HeadReplay;
  readonly lateReplay: LateReplay;
  readonly durationMs: number;
}

function logReplay({ log, replay, lateReplay, durationMs }: ReplayReport): void {
  const { sampleCount, knownSampleCount, unknownSampleCount, late, refusedSeriesCount } = replay;
  const parts = [`${sampleCount} samples in ${formatDurationMs(Math.round(durationMs))}`];
  if (lateReplay.sampleCount > 0) parts.push(`${lateReplay.sampleCount} samples that had come out of order`);
  if (knownSampleCount > 0) parts.push(`${knownSampleCount} samples were in chunks already`);
  if (late.sampleCount > 0) parts.push(`${late.sampleCount} samples were older than some before them`);
  for (const [what, count] of replay.skippedCounts) parts.push(`${count} ${what} were left out`);
  log.info(`The write-ahead log was read: ${parts.join(", ")}`);
  if (unknownSampleCount > 0) log.warn(`${unknownSampleCount} samples of unknown series in the log were left out`);
  if (refusedSeriesCount > 0) log.error(`Memory is full: ${refusedSeriesCount} series were left out`);
}

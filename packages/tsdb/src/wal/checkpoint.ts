import { mkdirSync, renameSync, rmSync } from "node:fs";
import { ByteWriter } from "@tatou/kernels";
import type { Tombstone } from "../head/tombstones.ts";
import { SampleBatch } from "../sample-batch.ts";
import type { WalFiles } from "./files.ts";
import { visitRecord, writeSamples, writeTombstones } from "./record.ts";
import { SegmentReader } from "./segment-reader.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { checkpointPath, listSegments, syncDirectory } from "./wal-directory.ts";

/** Rows per record of samples. */
const samplesPerRecord = 5000;

/** What the head knows and a checkpoint needs. */
export interface CheckpointSource {
  /** Hands over records of all series that there are. */
  stageSeries(stage: (record: Uint8Array) => void): void;
  isLive(ref: number): boolean;
  tombstones(): readonly Tombstone[];
}

export interface CheckpointTask {
  /** The log's directory. */
  readonly directory: string;
  /** The last segment that the checkpoint replaces. */
  readonly index: number;
  readonly files: WalFiles;
  readonly segmentSizeMaxBytes: number;
  readonly source: CheckpointSource;
  /** Older samples are left out. */
  readonly minTimeMs: number;
  /** Segments that may hold samples to keep, oldest first. */
  readonly inputPaths: readonly string[];
}

/** Writes a checkpoint beside the log and puts it in place by one rename, so that there is never half of one. */
export function writeCheckpoint(task: CheckpointTask): { sizeBytes: number; maxTimeMs: number } {
  const path = checkpointPath(task.directory, task.index);
  const temporaryPath = `${path}.tmp`;
  rmSync(temporaryPath, { recursive: true, force: true });
  mkdirSync(temporaryPath);
  let maxTimeMs: number;
  try {
    maxTimeMs = writeRecords(task, temporaryPath);
    syncDirectory(temporaryPath);
    renameSync(temporaryPath, path);
    syncDirectory(task.directory);
  } catch (error) {
    rmSync(temporaryPath, { recursive: true, force: true });
    throw error;
  }
  const sizeBytes = listSegments(path).reduce((sum, segment) => sum + segment.sizeBytes, 0);
  return { sizeBytes, maxTimeMs };
}

function writeRecords(task: CheckpointTask, directory: string): number {
  const { files, segmentSizeMaxBytes, source, minTimeMs } = task;
  const writer = new SegmentWriter({ directory, files, segmentSizeMaxBytes }, 0);
  try {
    const stage = (record: Uint8Array): void => {
      writer.stage(record);
      writer.flush();
    };
    source.stageSeries(stage);
    const maxTimeMs = copySamples(task, stage);
    const tombstones = source.tombstones().filter((tombstone) => tombstone.maxTimeMs >= minTimeMs);
    if (tombstones.length > 0) {
      const record = new ByteWriter();
      writeTombstones(record, tombstones);
      stage(record.written());
    }
    return maxTimeMs;
  } finally {
    writer.close();
  }
}

/** Copies samples that are not older than minTimeMs; returns the time of the newest. */
function copySamples(task: CheckpointTask, stage: (record: Uint8Array) => void): number {
  const batch = new SampleBatch();
  const record = new ByteWriter();
  let newestMs = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (batch.count === 0) return;
    record.length = 0;
    writeSamples(record, batch, 0, batch.count);
    stage(record.written());
    batch.count = 0;
  };
  for (const path of task.inputPaths) {
    const reader = new SegmentReader(path);
    try {
      while (reader.next()) {
        visitRecord(reader.record, {
          onSample(ref, timestampMs, high, low) {
            if (timestampMs < task.minTimeMs || !task.source.isLive(ref)) return;
            batch.add(ref, timestampMs, high, low);
            newestMs = Math.max(newestMs, timestampMs);
            if (batch.count === samplesPerRecord) flush();
          },
          onSeries: ignore,
          onTombstone: ignore,
          onOther: ignore,
        });
      }
    } finally {
      reader.close();
    }
  }
  flush();
  return newestMs;
}

function ignore(): void {
  // Series and tombstones come from the head.
}

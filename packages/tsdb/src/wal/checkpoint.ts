import { mkdirSync, renameSync, rmSync } from "node:fs";
import { ByteWriter } from "@tatou/kernels";
import type { Tombstone } from "../head/tombstones.ts";
import type { Steps } from "../turns.ts";
import { CheckpointCopy } from "./checkpoint-copy.ts";
import type { WalFiles } from "./files.ts";
import { histogramRecordTypes } from "./histogram-record.ts";
import { type SegmentDamage, visitSegmentInSteps } from "./segment-replay.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { writeMinValidTime, writeTombstones } from "./series-record.ts";
import { checkpointPath, listSegments, syncDirectory } from "./wal-directory.ts";
import { recordType } from "./wal-format.ts";

/** About two megabytes. */
const recordsPerStep = 256;

/** What the head knows and a checkpoint needs. */
export interface CheckpointSource {
  /** Hands over records of all series that there are. */
  stageSeries(stage: (record: Uint8Array) => void): Steps<void>;
  isLive(ref: number): boolean;
  tombstones(): readonly Tombstone[];
}

export interface CheckpointInput {
  readonly path: string;
  /** False if all samples in it are older than the checkpoint's time. */
  readonly hasNewSamples: boolean;
}

/** Of these, the head does not have all. */
const copiedTypes: ReadonlySet<number> = new Set([recordType.exemplars, recordType.metadata]);
const sampleTypes: ReadonlySet<number> = new Set([
  recordType.samples,
  recordType.samplesWithStartTimes,
  ...histogramRecordTypes,
]);

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
  /** Segments of the checkpoint before, and those that are replaced, oldest first. */
  readonly inputs: readonly CheckpointInput[];
  /** Called for an input that cannot be read to its end; the rest is taken over. */
  readonly onDamage: (damage: SegmentDamage) => void;
}

/**
 * Writes a checkpoint beside the log, in small steps, and puts it in place by one rename, so that there is never half of
 * one.
 */
export function* writeCheckpoint(task: CheckpointTask): Steps<{ sizeBytes: number }> {
  const path = checkpointPath(task.directory, task.index);
  const temporaryPath = `${path}.tmp`;
  rmSync(temporaryPath, { recursive: true, force: true });
  mkdirSync(temporaryPath);
  try {
    yield* writeRecords(task, temporaryPath);
    syncDirectory(temporaryPath);
    renameSync(temporaryPath, path);
    syncDirectory(task.directory);
  } catch (error) {
    rmSync(temporaryPath, { recursive: true, force: true });
    throw error;
  }
  const sizeBytes = listSegments(path).reduce((sum, segment) => sum + segment.sizeBytes, 0);
  return { sizeBytes };
}

function* writeRecords(task: CheckpointTask, directory: string): Steps<void> {
  const { files, segmentSizeMaxBytes, source, minTimeMs } = task;
  const writer = new SegmentWriter({ directory, files, segmentSizeMaxBytes }, 0);
  const record = new ByteWriter();
  const stage = (bytes: Uint8Array): void => {
    writer.stage(bytes);
    writer.flush();
  };
  try {
    writeMinValidTime(record, minTimeMs);
    stage(record.written());
    yield* source.stageSeries(stage);
    const copy = new CheckpointCopy({ isLive: (ref) => source.isLive(ref), minTimeMs }, stage);
    for (const { path, hasNewSamples } of task.inputs) {
      let passedCount = 0;
      // Type 0: it could not be told. Of what is gone over, a record now and then is looked at, as the end of a step.
      const isWanted = (type: number): boolean =>
        type === 0 ||
        copiedTypes.has(type) ||
        (sampleTypes.has(type) && (hasNewSamples || ++passedCount % recordsPerStep === 0));
      const damage = yield* visitSegmentInSteps(path, copy, isWanted);
      if (damage !== null) task.onDamage(damage);
    }
    copy.finish();
    const tombstones = source.tombstones();
    if (tombstones.length > 0) {
      record.length = 0;
      writeTombstones(record, tombstones);
      stage(record.written());
    }
  } finally {
    writer.close();
  }
}

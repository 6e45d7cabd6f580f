import { truncateSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { CodecError } from "@tatou/kernels";
import { assert, type Clock, type Log, StorageWriteError } from "@tatou/model";
import { WalCorruptError } from "../errors.ts";
import type { WalReplayStatus } from "../tsdb-status.ts";
import { type CheckpointSource, writeCheckpoint } from "./checkpoint.ts";
import type { WalFiles } from "./files.ts";
import { type RecordVisitor, visitRecord } from "./record.ts";
import { SegmentReader } from "./segment-reader.ts";
import { SegmentWriter } from "./segment-writer.ts";
import {
  checkpointPath,
  dropReplaced,
  listCheckpoints,
  listSegments,
  prepareWalDirectory,
  type SegmentFile,
} from "./wal-directory.ts";

/** A segment is ended after this time, however small it is, so that a quiet store can shorten its log too. */
const segmentDurationMaxMs = 2 * 60 * 60 * 1000;

export interface WalOptions {
  /** The `wal` directory itself. */
  readonly directory: string;
  readonly files: WalFiles;
  readonly segmentSizeMaxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is known of a segment that is no longer written. */
interface ClosedSegment {
  readonly index: number;
  readonly sizeBytes: number;
  /** When it was ended; after a restart, when its newest sample was taken. */
  readonly closedMs: number;
  readonly maxTimeMs: number;
}

/** Visits what a replay finds, and says how new the samples are that it visited since it was asked last. */
export interface ReplayVisitor extends RecordVisitor {
  takeMaxTimeMs(): number;
}

/** The write-ahead log: read once at the start, then written, and shortened from the front by checkpoints. */
export class Wal {
  corruptionCount = 0;
  writeFailureCount = 0;
  readonly #options: WalOptions;
  #writer: SegmentWriter | null = null;
  #closed: ClosedSegment[] = [];
  #segmentStartedMs = 0;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  #checkpointIndex = -1;
  #checkpointBytes = 0;
  #checkpointMaxTimeMs = Number.NEGATIVE_INFINITY;

  constructor(options: WalOptions) {
    this.#options = options;
    prepareWalDirectory(options.directory);
  }

  get segmentFirst(): number {
    return this.#closed[0]?.index ?? this.segmentLast;
  }

  get segmentLast(): number {
    return this.#writer?.segmentIndex ?? 0;
  }

  get sizeBytes(): number {
    const closedBytes = this.#closed.reduce((sum, segment) => sum + segment.sizeBytes, 0);
    return closedBytes + this.#checkpointBytes + (this.#writer?.segmentBytes ?? 0);
  }

  /**
   * Reads the newest checkpoint and all segments after it. What cannot be read is cut off its segment, counted and said.
   * Then opens a segment of its own for writing, as the last one may have been torn.
   */
  async replay(visitor: ReplayVisitor, onProgress: (status: WalReplayStatus) => void): Promise<void> {
    const { directory, clock } = this.#options;
    this.#checkpointIndex = listCheckpoints(directory).at(-1) ?? -1;
    if (this.#checkpointIndex >= 0) dropReplaced(directory, this.#checkpointIndex);
    const segments = listSegments(directory);
    const min = segments[0]?.index ?? 0;
    const max = segments.at(-1)?.index ?? 0;
    onProgress({ state: "replaying", min, max, current: min });
    if (this.#checkpointIndex >= 0) {
      for (const segment of listSegments(checkpointPath(directory, this.#checkpointIndex))) {
        this.#replaySegment(segment, visitor);
        this.#checkpointBytes += segment.sizeBytes;
      }
      this.#checkpointMaxTimeMs = visitor.takeMaxTimeMs();
    }
    for (const segment of segments) {
      onProgress({ state: "replaying", min, max, current: segment.index });
      const sizeBytes = this.#replaySegment(segment, visitor);
      const maxTimeMs = visitor.takeMaxTimeMs();
      this.#closed.push({ index: segment.index, sizeBytes, maxTimeMs, closedMs: Math.min(maxTimeMs, clock.nowMs()) });
      // Lets a server answer that it is starting.
      await setImmediate();
    }
    this.#startWriting();
    onProgress({ state: "done", min, max, current: max });
  }

  /**
   * Writes records, all in one call to the system.
   *
   * @param stageRecords hands over each record; its bytes are taken at once
   * @param maxTimeMs of the newest sample in them
   * @throws {StorageWriteError} none of it is in the log
   */
  write(stageRecords: (stage: (record: Uint8Array) => void) => void, maxTimeMs: number): void {
    const writer = this.#writer;
    assert(writer !== null, "a store is not written after it was closed");
    this.#maxTimeMs = Math.max(this.#maxTimeMs, maxTimeMs);
    try {
      stageRecords((record) => writer.stage(record));
      writer.flush();
    } catch (error) {
      writer.discard();
      throw this.#failed("write to the log", error);
    }
    // Once more, because a new segment may have begun in between.
    this.#maxTimeMs = Math.max(this.#maxTimeMs, maxTimeMs);
  }

  /**
   * Replaces the oldest segments by a checkpoint once they were ended before a time: then they hold hardly anything that
   * is newer, and what is newer goes into the checkpoint.
   *
   * @throws {StorageWriteError} the log is as long as before
   */
  shorten(minTimeMs: number, source: CheckpointSource): void {
    try {
      this.#endOldSegment();
      const firstKept = this.#closed.findIndex((segment) => segment.closedMs >= minTimeMs);
      const replaced = firstKept === -1 ? this.#closed : this.#closed.slice(0, firstKept);
      if (replaced.length === 0) return;
      this.#writeCheckpoint(replaced, minTimeMs, source);
      this.#closed = this.#closed.slice(replaced.length);
    } catch (error) {
      throw this.#failed("write a checkpoint", error);
    }
  }

  close(): void {
    this.#writer?.close();
    this.#writer = null;
  }

  #endOldSegment(): void {
    const writer = this.#writer;
    if (writer === null || writer.segmentBytes === 0) return;
    if (this.#options.clock.nowMs() - this.#segmentStartedMs >= segmentDurationMaxMs) writer.nextSegment();
  }

  #noteClosed(index: number, sizeBytes: number): void {
    const closedMs = this.#options.clock.nowMs();
    this.#closed.push({ index, sizeBytes, closedMs, maxTimeMs: this.#maxTimeMs });
    this.#maxTimeMs = Number.NEGATIVE_INFINITY;
    this.#segmentStartedMs = closedMs;
  }

  #writeCheckpoint(replaced: readonly ClosedSegment[], minTimeMs: number, source: CheckpointSource): void {
    const { index } = replaced.at(-1)!;
    const { directory, files, segmentSizeMaxBytes } = this.#options;
    const withNewer = new Set(
      replaced.filter((segment) => segment.maxTimeMs >= minTimeMs).map((segment) => segment.index),
    );
    const older =
      this.#checkpointMaxTimeMs >= minTimeMs ? listSegments(checkpointPath(directory, this.#checkpointIndex)) : [];
    const inputs = [...older, ...listSegments(directory).filter((segment) => withNewer.has(segment.index))];
    const written = writeCheckpoint({
      directory,
      index,
      files,
      segmentSizeMaxBytes,
      source,
      minTimeMs,
      inputPaths: inputs.map((segment) => segment.path),
    });
    dropReplaced(directory, index);
    this.#checkpointIndex = index;
    this.#checkpointBytes = written.sizeBytes;
    this.#checkpointMaxTimeMs = written.maxTimeMs;
  }

  /** @returns the size that the segment has afterwards */
  #replaySegment(segment: SegmentFile, visitor: RecordVisitor): number {
    const reader = new SegmentReader(segment.path);
    try {
      while (reader.next()) {
        try {
          visitRecord(reader.record, visitor);
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
          throw new WalCorruptError(error.message, { path: segment.path, offsetBytes: reader.recordOffsetBytes });
        }
      }
      return reader.sizeBytes;
    } catch (error) {
      if (!(error instanceof WalCorruptError)) throw error;
      this.#cut(error, reader.sizeBytes);
      return error.offsetBytes;
    } finally {
      reader.close();
    }
  }

  #cut(error: WalCorruptError, sizeBytes: number): void {
    this.corruptionCount++;
    const cutBytes = sizeBytes - error.offsetBytes;
    this.#options.log.warn(`The write-ahead log was cut by ${cutBytes} bytes: ${error.message}`);
    truncateSync(error.path, error.offsetBytes);
  }

  #startWriting(): void {
    const { directory, files, segmentSizeMaxBytes, clock } = this.#options;
    const last = this.#closed.at(-1);
    // An empty last segment comes from a start without samples; taking it again keeps restarts from piling them up.
    const reuse = last !== undefined && last.sizeBytes === 0;
    if (reuse) this.#closed.pop();
    const index = reuse ? last.index : Math.max(last?.index ?? -1, this.#checkpointIndex) + 1;
    const onSegmentEnd = this.#noteClosed.bind(this);
    this.#writer = new SegmentWriter({ directory, files, segmentSizeMaxBytes, onSegmentEnd }, index, reuse);
    this.#segmentStartedMs = clock.nowMs();
  }

  #failed(what: string, cause: unknown): StorageWriteError {
    this.writeFailureCount++;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StorageWriteError(`Cannot ${what}: ${reason}`, { cause });
  }
}

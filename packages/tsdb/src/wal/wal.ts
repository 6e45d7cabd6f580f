import { rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { assert, type Clock, type Log, StorageWriteError } from "@tatou/model";
import type { WalRepairs, WalReplayStatus } from "../tsdb-status.ts";
import type { Steps } from "../turns.ts";
import { type CheckpointSource, writeCheckpoint } from "./checkpoint.ts";
import type { WalFiles } from "./files.ts";
import type { RecordVisitor } from "./record.ts";
import { repairSegment, type SegmentDamage, visitSegment } from "./segment-replay.ts";
import { SegmentWriter } from "./segment-writer.ts";
import {
  checkpointPath,
  dropReplaced,
  listCheckpoints,
  listSegments,
  prepareWalDirectory,
  type SegmentFile,
} from "./wal-directory.ts";
import { segmentName } from "./wal-format.ts";

/** A segment is ended after this time, however small it is, so that a quiet store can shorten its log too. */
const segmentDurationMaxMs = 2 * 60 * 60 * 1000;

export interface WalOptions {
  /** `wal` or `wbl` itself. */
  readonly directory: string;
  /** In messages. Default: "write-ahead log". */
  readonly name?: string;
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
  /** The records that follow are of this segment, or of a checkpoint that stands for it and those before. */
  beginSegment(index: number): void;
}

/**
 * The write-ahead log: read once at the start, then written, and shortened from the front by checkpoints. The out-of-order
 * log is one, too; it has no checkpoints, but is shortened by whole segments.
 */
export class Wal {
  writeFailureCount = 0;
  /** How often the log was to be shortened by a checkpoint, and how often that failed. */
  checkpointCount = 0;
  checkpointFailureCount = 0;
  readonly #options: WalOptions;
  #repairs: WalRepairs = { segmentCount: 0, gapCount: 0, cutBytes: 0, problem: null };
  #writer: SegmentWriter | null = null;
  #closed: ClosedSegment[] = [];
  #segmentStartedMs = 0;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  #checkpointIndex = -1;
  #checkpointBytes = 0;

  constructor(options: WalOptions) {
    this.#options = options;
    prepareWalDirectory(options.directory);
  }

  /** What could not be read since the log was opened. */
  get repairs(): WalRepairs {
    return this.#repairs;
  }

  /** Segments that were found damaged. */
  get corruptionCount(): number {
    return this.#repairs.segmentCount;
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
   * Reads the newest checkpoint and all segments after it. What cannot be read is taken out of its segment, counted and said.
   * Then opens a segment of its own for writing, as the last one may have been torn.
   */
  async replay(visitor: ReplayVisitor, onProgress: (status: WalReplayStatus) => void): Promise<void> {
    const { directory, clock } = this.#options;
    this.#checkpointIndex = listCheckpoints(directory).at(-1) ?? -1;
    if (this.#checkpointIndex >= 0) dropReplaced(directory, this.#checkpointIndex);
    const segments = listSegments(directory);
    const min = segments[0]?.index ?? 0;
    const max = segments.at(-1)?.index ?? 0;
    const tell = (state: WalReplayStatus["state"], current: number): void =>
      onProgress({ state, min, max, current, ...(this.#repairs.segmentCount > 0 ? { repairs: this.#repairs } : {}) });
    tell("replaying", min);
    if (this.#checkpointIndex >= 0) {
      visitor.beginSegment(this.#checkpointIndex);
      for (const segment of listSegments(checkpointPath(directory, this.#checkpointIndex))) {
        this.#replaySegment(segment, visitor);
        this.#checkpointBytes += segment.sizeBytes;
      }
      visitor.takeMaxTimeMs();
    }
    for (const segment of segments) {
      tell("replaying", segment.index);
      visitor.beginSegment(segment.index);
      const sizeBytes = this.#replaySegment(segment, visitor);
      const maxTimeMs = visitor.takeMaxTimeMs();
      this.#closed.push({ index: segment.index, sizeBytes, maxTimeMs, closedMs: Math.min(maxTimeMs, clock.nowMs()) });
      // Lets a server answer that it is starting.
      await setImmediate();
    }
    this.#startWriting();
    tell("done", max);
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
   * is newer, and what is newer goes into the checkpoint. In small steps, between which the log may be written.
   *
   * @throws {StorageWriteError} the log is as long as before
   */
  *shorten(minTimeMs: number, source: CheckpointSource): Steps<void> {
    try {
      this.#endOldSegment();
      const firstKept = this.#closed.findIndex((segment) => segment.closedMs >= minTimeMs);
      const replaced = this.#closed.slice(0, firstKept === -1 ? this.#closed.length : firstKept);
      if (replaced.length === 0) return;
      this.checkpointCount++;
      yield* this.#writeCheckpoint(replaced, minTimeMs, source);
      this.#closed = this.#closed.slice(replaced.length);
    } catch (error) {
      this.checkpointFailureCount++;
      throw this.#failed("write a checkpoint", error);
    }
  }

  /**
   * Ends the segment at hand.
   *
   * @returns the number of the one that follows: what is written from now on is in it or behind it
   * @throws {StorageWriteError}
   */
  endSegment(): number {
    const writer = this.#writer;
    assert(writer !== null, "a store is not written after it was closed");
    try {
      if (writer.segmentBytes > 0) writer.nextSegment();
      return writer.segmentIndex;
    } catch (error) {
      throw this.#failed(`begin a segment of the ${this.#name}`, error);
    }
  }

  /** Deletes the segments below a number, without a checkpoint in their place. @throws {StorageWriteError} */
  dropSegmentsBelow(index: number): void {
    try {
      for (const segment of listSegments(this.#options.directory)) {
        if (segment.index < index && segment.index < this.segmentLast) rmSync(segment.path);
      }
      this.#closed = this.#closed.filter((segment) => segment.index >= index);
    } catch (error) {
      throw this.#failed(`shorten the ${this.#name}`, error);
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

  *#writeCheckpoint(replaced: readonly ClosedSegment[], minTimeMs: number, source: CheckpointSource): Steps<void> {
    const { index } = replaced.at(-1)!;
    const { directory, files, segmentSizeMaxBytes } = this.#options;
    const older = this.#checkpointIndex >= 0 ? listSegments(checkpointPath(directory, this.#checkpointIndex)) : [];
    const inputs = [
      ...older.map(({ path }) => ({ path, hasNewSamples: true })),
      ...replaced.map((segment) => ({
        path: join(directory, segmentName(segment.index)),
        hasNewSamples: segment.maxTimeMs >= minTimeMs,
      })),
    ];
    const written = yield* writeCheckpoint({
      directory,
      index,
      files,
      segmentSizeMaxBytes,
      source,
      minTimeMs,
      inputs,
      onDamage: (damage) => this.#noteDamage(damage),
    });
    dropReplaced(directory, index);
    this.#checkpointIndex = index;
    this.#checkpointBytes = written.sizeBytes;
  }

  /** @returns the size that the segment has afterwards */
  #replaySegment(segment: SegmentFile, visitor: RecordVisitor): number {
    const damage = visitSegment(segment.path, visitor);
    if (damage === null) return segment.sizeBytes;
    this.#noteDamage(damage);
    try {
      repairSegment(segment, damage, this.#options.files);
    } catch (error) {
      // Everything sound was read all the same, and the next start tries again.
      this.#options.log.error(
        `Segment ${segment.index} of the ${this.#name} could not be repaired: ${messageOf(error)}`,
      );
    }
    return Math.max(0, segment.sizeBytes - damage.cutBytes);
  }

  #noteDamage({ error, gapCount, cutBytes }: SegmentDamage): void {
    const { repairs } = this;
    this.#repairs = {
      segmentCount: repairs.segmentCount + 1,
      gapCount: repairs.gapCount + gapCount,
      cutBytes: repairs.cutBytes + cutBytes,
      problem: repairs.problem ?? error.message,
    };
    const places = gapCount === 1 ? "" : ` in ${gapCount} places`;
    this.#options.log.warn(`The ${this.#name} was cut by ${cutBytes} bytes${places}: ${error.message}`);
  }

  get #name(): string {
    return this.#options.name ?? "write-ahead log";
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
    return new StorageWriteError(`Cannot ${what}: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

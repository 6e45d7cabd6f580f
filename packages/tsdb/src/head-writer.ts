import { ByteWriter } from "@tatou/kernels";
import { type Appender, type Clock, formatDurationMs, type Log, StorageWriteError } from "@tatou/model";
import type { Head } from "./head/head.ts";
import type { Tombstone } from "./head/tombstones.ts";
import { HeadAppender, type RefusalCounts } from "./head-appender.ts";
import { SampleBatch } from "./sample-batch.ts";
import { stageSeries } from "./series-staging.ts";
import type { TsdbHealth } from "./tsdb-status.ts";
import { writeSamples, writeTombstones } from "./wal/record.ts";
import type { Wal } from "./wal/wal.ts";

/** Samples in one record of the log; a scrape almost always fits into one. */
const samplesPerRecord = 50_000;
/** Batches kept for reuse, and the most samples one of them may have room for. */
const idleBatchCountMax = 16;
const idleBatchCapacityMax = 100_000;

export interface HeadWriterOptions {
  readonly head: Head;
  readonly wal: Wal;
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly log: Log;
}

/**
 * The way of a batch: into the log by one write, then into the head. When the log cannot be written, the batch goes into
 * the head all the same: alerts go on to see the world, while `health` says that a crash would lose it. Each commit tries
 * the log again, so writing resumes by itself.
 */
export class HeadWriter {
  readonly refusals: RefusalCounts = { outOfOrder: 0, duplicate: 0, outOfBounds: 0 };
  samplesAppended = 0;
  readonly #options: HeadWriterOptions;
  readonly #head: Head;
  /** Series from this ref on are not in the log: new ones, and those of batches whose write failed. */
  #unloggedRef: number;
  readonly #record = new ByteWriter(64 * 1024);
  readonly #idleBatches: SampleBatch[] = [];
  #batchNumber = 0;
  #samplesNotWritten = 0;
  #failingSinceMs: number | null = null;
  #problem: string | null = null;

  constructor(options: HeadWriterOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#unloggedRef = options.head.index.series.nextRef;
  }

  appender(): Appender {
    // Batch numbers live in 32 bits; 0 means "none".
    this.#batchNumber = this.#batchNumber === 0xffff_ffff ? 1 : this.#batchNumber + 1;
    return new HeadAppender({
      head: this.#head,
      batchNumber: this.#batchNumber,
      batch: this.#idleBatches.pop() ?? new SampleBatch(),
      minTimeMs: this.#options.clock.nowMs() - this.#options.retentionMs,
      refusals: this.refusals,
      commit: (batch) => this.#commit(batch),
      rollback: (batch) => this.#giveBack(batch),
    });
  }

  /** @throws {StorageWriteError} */
  logTombstones(tombstones: readonly Tombstone[]): void {
    this.#write(Number.NEGATIVE_INFINITY, (stage) => {
      this.#record.length = 0;
      writeTombstones(this.#record, tombstones);
      stage(this.#record.written());
    });
  }

  health(): TsdbHealth {
    return {
      durable: this.#failingSinceMs === null,
      problem: this.#problem,
      failingSinceMs: this.#failingSinceMs,
      samplesNotWritten: this.#samplesNotWritten,
    };
  }

  #commit(batch: SampleBatch): void {
    try {
      // Before the samples are looked at, because making room may drop series.
      const hasRoom = this.#head.makeRoomFor(batch.count);
      this.#dropOvertaken(batch);
      if (!hasRoom) throw new StorageWriteError("Cannot add samples: the limit on memory is reached");
      this.#logAndAdd(batch);
    } finally {
      this.#giveBack(batch);
    }
  }

  #logAndAdd(batch: SampleBatch): void {
    let maxTimeMs = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < batch.count; row++) maxTimeMs = Math.max(maxTimeMs, batch.timesMs[row]!);
    try {
      this.#write(maxTimeMs, (stage) => this.#stageBatch(batch, stage));
    } catch (error) {
      this.#samplesNotWritten += batch.count;
      throw error;
    } finally {
      for (let row = 0; row < batch.count; row++) {
        this.#head.append(batch.refs[row]!, batch.timesMs[row]!, batch.high(row), batch.low(row));
      }
      this.samplesAppended += batch.count;
    }
  }

  #stageBatch(batch: SampleBatch, stage: (record: Uint8Array) => void): void {
    for (let start = 0; start < batch.count; start += samplesPerRecord) {
      this.#record.length = 0;
      writeSamples(this.#record, batch, start, Math.min(batch.count, start + samplesPerRecord));
      stage(this.#record.written());
    }
  }

  /** Writes what is staged, behind the series that are not in the log yet, and keeps account of success and failure. */
  #write(maxTimeMs: number, stageRecords: (stage: (record: Uint8Array) => void) => void): void {
    try {
      this.#options.wal.write((stage) => {
        stageSeries(this.#head, this.#unloggedRef, stage);
        stageRecords(stage);
      }, maxTimeMs);
    } catch (error) {
      this.#noteFailure(error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.#unloggedRef = this.#head.index.series.nextRef;
    this.#noteSuccess();
  }

  #noteFailure(problem: string): void {
    this.#problem = problem;
    if (this.#failingSinceMs !== null) return;
    this.#failingSinceMs = this.#options.clock.nowMs();
    this.#options.log.error(`Samples are kept in memory only: ${problem}`);
  }

  #noteSuccess(): void {
    if (this.#failingSinceMs === null) return;
    const forMs = this.#options.clock.nowMs() - this.#failingSinceMs;
    const lost = `a crash would lose ${this.#samplesNotWritten} samples`;
    this.#options.log.info(
      `The write-ahead log is written again after ${formatDurationMs(Math.round(forMs))}: ${lost}`,
    );
    this.#failingSinceMs = null;
    this.#problem = null;
  }

  /** Takes out samples that another batch has overtaken since they were checked, and those of series that are gone. */
  #dropOvertaken(batch: SampleBatch): void {
    let kept = 0;
    for (let row = 0; row < batch.count; row++) {
      const ref = batch.refs[row]!;
      const timestampMs = batch.timesMs[row]!;
      if (!this.#head.isLive(ref)) continue;
      if (timestampMs <= this.#head.lastTimeMs(ref)) {
        this.refusals.outOfOrder++;
        continue;
      }
      if (kept !== row) batch.move(row, kept);
      kept++;
    }
    batch.count = kept;
  }

  #giveBack(batch: SampleBatch): void {
    batch.count = 0;
    if (this.#idleBatches.length === idleBatchCountMax || batch.refs.length > idleBatchCapacityMax) return;
    this.#idleBatches.push(batch);
  }
}

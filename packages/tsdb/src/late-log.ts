import { ByteWriter } from "@tatou/kernels";
import { isStaleMarker } from "@tatou/model";
import type { Head } from "./head/head.ts";
import { isFileChunk, type LateSamples, lateHistogram } from "./head/late-samples.ts";
import { highWordIndex, lowWordIndex } from "./head/words.ts";
import { rowOf } from "./histogram-rows.ts";
import { SampleBatch } from "./sample-batch.ts";
import { stageHistograms } from "./wal/histogram-record.ts";
import { writeSamples } from "./wal/sample-record.ts";
import { type MmapMarker, writeMmapMarkers } from "./wal/series-record.ts";
import type { Wal } from "./wal/wal.ts";

/**
 * The log of samples that came out of order. When chunks of them are in a file, a mark says so: from there on, what the log
 * holds of the series before it counts no more. So what is in no file by then is written once more behind the mark.
 */
export class LateLog {
  readonly #head: Head;
  readonly #late: LateSamples;
  readonly #wal: Wal;
  readonly #record = new ByteWriter(4096);

  constructor(head: Head, wal: Wal) {
    this.#head = head;
    this.#late = head.late;
    this.#wal = wal;
  }

  get sizeBytes(): number {
    return this.#wal.sizeBytes;
  }

  /** @throws {StorageWriteError} none of it is in the log */
  write(batch: SampleBatch): void {
    this.#wal.write((stage) => this.#stage(batch, stage), batch.maxTimeMs());
  }

  /** Adds a batch to the head. @returns how many samples were new */
  add(batch: SampleBatch): number {
    let count = 0;
    for (let row = 0; row < batch.count; row++) {
      const sample = { timeMs: batch.timesMs[row]!, high: batch.high(row), low: batch.low(row), histogram: undefined };
      if (this.#head.insertLate(batch.refs[row]!, sample)) count++;
    }
    for (const { ref, timeMs, histogram } of batch.histograms) {
      if (this.#head.insertLate(ref, lateHistogram(timeMs, histogram))) count++;
    }
    return count;
  }

  /** Marks that the chunks of these series are in files. @throws {StorageWriteError} */
  markWritten(refs: Iterable<number>): void {
    const markers: MmapMarker[] = [];
    const rest = new SampleBatch(64);
    for (const ref of refs) {
      const newest = this.#late.chunksOf(ref).findLast(isFileChunk);
      if (newest === undefined) continue;
      markers.push({ ref, file: newest.file, offset: newest.offset });
      this.#addOpen(ref, rest);
    }
    if (markers.length === 0) return;
    this.#wal.write((stage) => {
      this.#record.length = 0;
      writeMmapMarkers(this.#record, markers);
      stage(this.#record.written());
      this.#stage(rest, stage);
    }, rest.maxTimeMs());
  }

  /** Ends a segment. @returns the number of the next: what was written until now is in those before */
  endSegment(): number {
    return this.#wal.endSegment();
  }

  dropSegmentsBelow(index: number): void {
    this.#wal.dropSegmentsBelow(index);
  }

  close(): void {
    this.#wal.close();
  }

  #stage(batch: SampleBatch, stage: (record: Uint8Array) => void): void {
    if (batch.count > 0) {
      this.#record.length = 0;
      writeSamples(this.#record, batch, 0, batch.count);
      stage(this.#record.written());
    }
    if (batch.histograms.length > 0) stageHistograms(batch.histograms.map(rowOf), this.#record, stage);
  }

  /** Adds to a batch what a series has that is in no chunk. */
  #addOpen(ref: number, batch: SampleBatch): void {
    const column = this.#late.columnOf(ref);
    if (column === null) return;
    const words = new Int32Array(column.values.buffer, column.values.byteOffset, 2 * column.count);
    for (let index = 0; index < column.count; index++) {
      const timeMs = column.timesMs[index]!;
      const histogram = column.histograms?.[index];
      if (histogram === undefined || isStaleMarker(column.values, index)) {
        batch.add(ref, timeMs, words[2 * index + highWordIndex]!, words[2 * index + lowWordIndex]!);
      } else batch.histograms.push({ ref, timeMs, startTimeMs: 0, histogram });
    }
  }
}

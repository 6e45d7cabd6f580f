import type { Head } from "./head/head.ts";
import { isFileChunk, lateHistogram } from "./head/late-samples.ts";
import { highWordIndex, lowWordIndex } from "./head/words.ts";
import { sampleOf } from "./histogram-rows.ts";
import type { HistogramRow } from "./wal/histogram-record.ts";
import type { RecordSamples } from "./wal/sample-record.ts";
import type { MmapMarker } from "./wal/series-record.ts";
import type { ReplayVisitor } from "./wal/wal.ts";

export interface LateReplayOptions {
  /** The series that a number in the log stands for; 0 when it is not there. */
  readonly refOf: (logRef: number) => number;
  /** Older samples are past retention. */
  readonly minTimeMs: number;
}

/** Puts what the log of samples out of order holds into the head, after the chunks of chunks_head. */
export class LateReplay implements ReplayVisitor {
  sampleCount = 0;
  readonly #head: Head;
  readonly #options: LateReplayOptions;
  #maxTimeMs = Number.NEGATIVE_INFINITY;

  constructor(head: Head, options: LateReplayOptions) {
    this.#head = head;
    this.#options = options;
  }

  takeMaxTimeMs(): number {
    const maxTimeMs = this.#maxTimeMs;
    this.#maxTimeMs = Number.NEGATIVE_INFINITY;
    return maxTimeMs;
  }

  beginSegment(): void {
    // What is in blocks is in segments that are deleted.
  }

  onSamples({ refs, timesMs, valueWords, count }: RecordSamples): void {
    for (let row = 0; row < count; row++) {
      const ref = this.#refFor(refs[row]!, timesMs[row]!);
      if (ref === 0) continue;
      const high = valueWords[2 * row + highWordIndex]!;
      const low = valueWords[2 * row + lowWordIndex]!;
      this.#head.insertLate(ref, { timeMs: timesMs[row]!, high, low, histogram: undefined });
    }
  }

  onHistogram(row: HistogramRow): void {
    const ref = this.#refFor(row.ref, row.timestampMs);
    if (ref !== 0) this.#head.insertLate(ref, lateHistogram(row.timestampMs, sampleOf(row).histogram));
  }

  /** A mark of a chunk that was lost says nothing: then the log is all that there is. */
  onMmapMarker({ ref: logRef, file, offset }: MmapMarker): void {
    const ref = this.#options.refOf(logRef);
    const { late } = this.#head;
    if (ref === 0 || !late.has(ref)) return;
    const isThere = late
      .chunksOf(ref)
      .some((chunk) => isFileChunk(chunk) && chunk.file === file && chunk.offset === offset);
    if (isThere) late.forgetUnwritten(ref);
  }

  onSeries(): void {
    // Series are in the main log.
  }

  onTombstone(): void {}

  onExemplar(): void {}

  onMetadata(): void {}

  onMinValidTime(): void {}

  onSkipped(): void {}

  #refFor(logRef: number, timeMs: number): number {
    if (timeMs > this.#maxTimeMs) this.#maxTimeMs = timeMs;
    if (timeMs < this.#options.minTimeMs) return 0;
    const ref = this.#options.refOf(logRef);
    if (ref !== 0) this.sampleCount++;
    return ref;
  }
}

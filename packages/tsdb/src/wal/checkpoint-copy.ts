/** What a checkpoint takes over from the segments that it replaces: everything that is new enough, and the newest metadata. */
import { ByteWriter } from "@tatou/kernels";
import type { SeriesMetadata } from "@tatou/model";
import { type HistogramRow, stageHistograms } from "./histogram-record.ts";
import type { RecordVisitor } from "./record.ts";
import { type RecordSamples, writeSamples, writeSamplesWithStartTimes } from "./sample-record.ts";
import { type ExemplarRow, type MetadataRow, writeExemplars, writeMetadata } from "./series-record.ts";

export interface CheckpointFilter {
  isLive(ref: number): boolean;
  /** Older samples and exemplars are left out. */
  readonly minTimeMs: number;
}

/** Rows in one record. */
const rowsMax = 1000;

/** Visits records, and stages those that stay. Series and tombstones are left to the head, which has them all. */
export class CheckpointCopy implements RecordVisitor {
  readonly #filter: CheckpointFilter;
  readonly #stage: (record: Uint8Array) => void;
  readonly #record = new ByteWriter();
  readonly #histograms: HistogramRow[] = [];
  readonly #exemplars: ExemplarRow[] = [];
  readonly #metadata = new Map<number, SeriesMetadata>();

  constructor(filter: CheckpointFilter, stage: (record: Uint8Array) => void) {
    this.#filter = filter;
    this.#stage = stage;
  }

  onSamples(samples: RecordSamples): void {
    const { refs, timesMs, valueWords, startTimesMs } = samples;
    let kept = 0;
    for (let row = 0; row < samples.count; row++) {
      if (!this.#stays(refs[row]!, timesMs[row]!)) continue;
      refs[kept] = refs[row]!;
      timesMs[kept] = timesMs[row]!;
      valueWords[2 * kept] = valueWords[2 * row]!;
      valueWords[2 * kept + 1] = valueWords[2 * row + 1]!;
      startTimesMs[kept] = startTimesMs[row]!;
      kept++;
    }
    if (kept === 0) return;
    this.#record.length = 0;
    const write = samples.hasStartTimes ? writeSamplesWithStartTimes : writeSamples;
    write(this.#record, samples, 0, kept);
    this.#stage(this.#record.written());
  }

  onHistogram(row: HistogramRow): void {
    if (!this.#stays(row.ref, row.timestampMs)) return;
    this.#histograms.push(row);
    if (this.#histograms.length === rowsMax) this.#flushHistograms();
  }

  onExemplar(row: ExemplarRow): void {
    if (!this.#stays(row.ref, row.exemplar.timestampMs)) return;
    this.#exemplars.push(row);
    if (this.#exemplars.length === rowsMax) this.#flushExemplars();
  }

  onMetadata({ ref, metadata }: MetadataRow): void {
    if (this.#filter.isLive(ref)) this.#metadata.set(ref, metadata);
  }

  onSeries(): void {
    // The head has all series.
  }

  onTombstone(): void {
    // The head has all tombstones.
  }

  onMmapMarker(): void {
    // These are in the out-of-order log, which has no checkpoints.
  }

  onMinValidTime(): void {
    // The new checkpoint has its own.
  }

  onSkipped(): void {
    // It was told when it was read at the start.
  }

  /** Stages what is left. */
  finish(): void {
    this.#flushHistograms();
    this.#flushExemplars();
    const rows = Array.from(this.#metadata, ([ref, metadata]) => ({ ref, metadata }));
    for (let first = 0; first < rows.length; first += rowsMax) {
      this.#record.length = 0;
      writeMetadata(this.#record, rows.slice(first, first + rowsMax));
      this.#stage(this.#record.written());
    }
  }

  #stays(ref: number, timestampMs: number): boolean {
    return timestampMs >= this.#filter.minTimeMs && this.#filter.isLive(ref);
  }

  #flushHistograms(): void {
    const withStartTimes = this.#histograms.filter((row) => row.startTimeMs !== 0);
    const plain = this.#histograms.filter((row) => row.startTimeMs === 0);
    this.#histograms.length = 0;
    stageHistograms(plain, this.#record, this.#stage);
    stageHistograms(withStartTimes, this.#record, this.#stage, true);
  }

  #flushExemplars(): void {
    if (this.#exemplars.length === 0) return;
    this.#record.length = 0;
    writeExemplars(this.#record, this.#exemplars);
    this.#exemplars.length = 0;
    this.#stage(this.#record.written());
  }
}

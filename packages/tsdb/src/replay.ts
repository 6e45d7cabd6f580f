import { type Labels, SeriesLimitError } from "@tatou/model";
import { WalUnsupportedError } from "./errors.ts";
import type { Head } from "./head/head.ts";
import { seriesRefMax } from "./head/series-table.ts";
import type { Tombstone } from "./head/tombstones.ts";
import type { ReplayVisitor } from "./wal/wal.ts";

/** How often room is checked for, in samples. */
const roomCheckInterval = 1024;

/** Samples may lie this far ahead: exposed timestamps do, see the scrape's limit. */
const aheadMaxMs = 10 * 60_000;

/** Puts what a log holds into the head. */
export class HeadReplay implements ReplayVisitor {
  sampleCount = 0;
  /** Samples of series whose record is not there: expired ones, or lost with a part of the log. */
  unknownSampleCount = 0;
  /** Samples not newer than what their series had. */
  oldSampleCount = 0;
  /** Samples from after now: the clock was set back, and they would keep all that comes from being taken. */
  futureSampleCount = 0;
  /** Series for which there is no room. */
  refusedSeriesCount = 0;
  /** Records of types that are not kept, by type. */
  readonly otherRecordCounts = new Map<number, number>();
  readonly #head: Head;
  /** Refs whose labels were already there under another one: log to head. */
  readonly #aliases = new Map<number, number>();
  readonly #futureFromMs: number;
  #maxTimeMs = Number.NEGATIVE_INFINITY;

  constructor(head: Head, nowMs: number) {
    this.#head = head;
    this.#futureFromMs = nowMs + aheadMaxMs;
  }

  takeMaxTimeMs(): number {
    const maxTimeMs = this.#maxTimeMs;
    this.#maxTimeMs = Number.NEGATIVE_INFINITY;
    return maxTimeMs;
  }

  onSeries(ref: number, labels: Labels): void {
    if (ref > seriesRefMax) {
      const hint = "Start with an empty data directory; the samples of this one can be read by Prometheus";
      throw new WalUnsupportedError(`found series number ${ref}, expected at most ${seriesRefMax}`, hint);
    }
    try {
      const known = this.#head.restoreSeries(ref, labels);
      if (known !== ref) this.#aliases.set(ref, known);
    } catch (error) {
      if (!(error instanceof SeriesLimitError)) throw error;
      this.refusedSeriesCount++;
    }
  }

  onSample(logRef: number, timestampMs: number, high: number, low: number): void {
    const head = this.#head;
    if (timestampMs > this.#maxTimeMs) this.#maxTimeMs = timestampMs;
    const ref = this.#aliases.size === 0 ? logRef : (this.#aliases.get(logRef) ?? logRef);
    if (!head.isLive(ref)) {
      // Its number must not be given to another series as long as the log names it.
      if (ref <= seriesRefMax) head.index.series.skipTo(ref);
      this.unknownSampleCount++;
      return;
    }
    if (timestampMs > this.#futureFromMs) {
      this.futureSampleCount++;
      return;
    }
    if (timestampMs <= head.lastTimeMs(ref)) {
      this.oldSampleCount++;
      return;
    }
    if (this.sampleCount++ % roomCheckInterval === 0) head.makeRoomFor(roomCheckInterval);
    if (head.isLive(ref)) head.append(ref, timestampMs, high, low);
  }

  onTombstone(tombstone: Tombstone): void {
    const ref = this.#aliases.get(tombstone.ref) ?? tombstone.ref;
    if (this.#head.isLive(ref)) this.#head.tombstones.add({ ...tombstone, ref });
  }

  onOther(type: number): void {
    this.otherRecordCounts.set(type, (this.otherRecordCounts.get(type) ?? 0) + 1);
  }
}

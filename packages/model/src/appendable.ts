import type { Exemplar } from "./exemplar.ts";
import type { Histogram } from "./histogram.ts";
import type { Labels } from "./labels.ts";
import type { SeriesMetadata } from "./series-metadata.ts";

/**
 * Seam 5: scrapes, rules, remote write and imports append samples through one interface with one error table.
 */
export interface Appendable {
  /** Opens a batch; nothing is visible to queries until it is committed. One batch is used by one caller at a time. */
  appender(): Appender;
}

declare const seriesRefBrand: unique symbol;
/** Names a series inside one Appendable; stays valid until the series is dropped, see `Appender.isLive`. */
export type SeriesRef = number & { readonly [seriesRefBrand]: true };

export interface Appender {
  /**
   * The series with these labels, made if need be.
   * @throws {SeriesLimitError} the limit on series is reached
   */
  resolve(labels: Labels): SeriesRef;
  /** Whether a ref from an earlier batch still names its series. */
  isLive(ref: SeriesRef): boolean;
  /** @param timestampMs whole milliseconds */
  append(ref: SeriesRef, timestampMs: number, value: number): AppendStatus;
  /** Appends the staleness marker, which a plain number argument would not carry safely; ends histogram series too. */
  appendStale(ref: SeriesRef, timestampMs: number): AppendStatus;
  /**
   * Appends one sample to each of many series, all of one time: what a scrape brings, in one call. Says in
   * `row.statuses` what came of each.
   * @returns how many are not ok; while it is 0, nobody needs to read the statuses
   */
  appendRow(row: SampleRow): number;
  appendHistogram(ref: SeriesRef, timestampMs: number, histogram: Histogram): AppendStatus;
  /**
   * Tells when the counter behind the sample that follows began, so that its first value is not lost: a store that was told
   * to puts a zero there, if nothing newer is in the series. Comes before the `append` it belongs to.
   */
  noteStartTime(ref: SeriesRef, timestampMs: number, startTimeMs: number): AppendStatus;
  /** Keeps an exemplar of a series, where the store keeps them. Out of order ones and repetitions are left out silently. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): void;
  /** Notes what the series' target says about it, where the store keeps that. */
  setMetadata(ref: SeriesRef, metadata: SeriesMetadata): void;
  /** Makes the batch durable as far as the store promises, then visible. @throws {StorageWriteError} */
  commit(): void;
  /** Drops the batch. */
  rollback(): void;
}

/** One sample for each of many series, side by side. The arrays are the caller's, and free again after the call. */
export interface SampleRow {
  /** The first `count` items of the arrays are in use. */
  readonly count: number;
  readonly timestampMs: number;
  /** Need not be live: a ref that names no series any more gets its status. */
  readonly refs: Uint32Array;
  /** Any NaN counts as the ordinary one: staleness markers go by `appendStale`. */
  readonly values: Float64Array;
  /** Room for an AppendStatus each. */
  readonly statuses: Uint8Array;
}

/** What `appendRow` does, in terms of `append`: for stores that have nothing faster. */
export function appendRowOneByOne(appender: Appender, row: SampleRow): number {
  let refusedCount = 0;
  for (let index = 0; index < row.count; index++) {
    const ref = row.refs[index] as SeriesRef;
    const status = appender.isLive(ref)
      ? appender.append(ref, row.timestampMs, row.values[index]!)
      : appendStatus.unknownSeries;
    row.statuses[index] = status;
    if (status !== appendStatus.ok) refusedCount++;
  }
  return refusedCount;
}

/** The one error table: what can come of appending a sample. Names are those of Prometheus' errors. */
export type AppendStatus = (typeof appendStatus)[keyof typeof appendStatus];
export const appendStatus = {
  ok: 0,
  /** An older timestamp than the series' newest, outside the out-of-order window. */
  outOfOrder: 1,
  /** The newest timestamp again, with another value. (With the same value it is ok and nothing happens.) */
  duplicate: 2,
  /** Older than anything the head takes. */
  outOfBounds: 3,
  /** Older than the out-of-order window. */
  tooOld: 4,
  /** The ref names no series any more. Only `appendRow` says so; the other calls want a live ref. */
  unknownSeries: 5,
} as const;

/** Prometheus' wording for each refusal. */
export const appendStatusText: Readonly<Record<AppendStatus, string>> = {
  [appendStatus.ok]: "",
  [appendStatus.outOfOrder]: "out of order sample",
  [appendStatus.duplicate]: "duplicate sample for timestamp",
  [appendStatus.outOfBounds]: "out of bounds",
  [appendStatus.tooOld]: "too old sample",
  [appendStatus.unknownSeries]: "unknown series",
};

export class SeriesLimitError extends RangeError {
  override readonly name = "SeriesLimitError";
  readonly code = "series_limit";
  readonly hint = "Drop labels with relabelling, or raise the limit";

  constructor(seriesCountMax: number) {
    super(`Cannot add a series: the limit of ${seriesCountMax} series is reached`);
  }
}

/** Thrown by stores in memory that have a limit. */
export class SampleLimitError extends RangeError {
  override readonly name = "SampleLimitError";
  readonly code = "sample_limit";
  readonly hint = "Add fewer series, or samples over a shorter time or at longer intervals";

  constructor(sampleCountMax: number) {
    super(`Cannot add samples: the limit of ${sampleCountMax} samples is reached`);
  }
}

export class StorageWriteError extends Error {
  override readonly name = "StorageWriteError";
  readonly code = "storage_write";
  readonly hint = "Free space on the disk of the data directory, or make it writable";
}

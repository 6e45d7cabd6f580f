import type { Labels } from "./labels.ts";

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
  /** Appends the staleness marker, which a plain number argument would not carry safely. */
  appendStale(ref: SeriesRef, timestampMs: number): AppendStatus;
  /** Makes the batch durable as far as the store promises, then visible. @throws {StorageWriteError} */
  commit(): void;
  /** Drops the batch. */
  rollback(): void;
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
} as const;

/** Prometheus' wording for each refusal. */
export const appendStatusText: Readonly<Record<AppendStatus, string>> = {
  [appendStatus.ok]: "",
  [appendStatus.outOfOrder]: "out of order sample",
  [appendStatus.duplicate]: "duplicate sample for timestamp",
  [appendStatus.outOfBounds]: "out of bounds",
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

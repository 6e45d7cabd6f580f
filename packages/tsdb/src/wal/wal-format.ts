/**
 * The frame of the write-ahead log, as Prometheus has it (docs/format/wal.md): segments of pages of fragments.
 *
 *   fragment   ┌──────┬────────┬─────────┬─ ─ ─ ─ ─
 *              │ type │ length │ crc32c  │ data
 *              │ 1    │ 2, BE  │ 4, BE   │ length bytes
 *              └──────┴────────┴─────────┴─ ─ ─ ─ ─
 *
 * A fragment never crosses a page's end; a record that does is cut into first, middle..., last. Where a page has no room
 * for a header, or nothing more comes, it is filled with zeros.
 */
export const pageSizeBytes = 32 * 1024;
export const segmentSizeMaxBytes = 128 * 1024 * 1024;
export const fragmentHeaderBytes = 7;

/** Low three bits of a fragment's first byte. */
export const fragmentType = { pageEnd: 0, full: 1, first: 2, middle: 3, last: 4 } as const;
/** Above them: how the record, as a whole, is compressed. */
export const snappyFlag = 8;
export const zstdFlag = 16;

/** First byte of a record. Types above those named are read over. */
export const recordType = {
  series: 1,
  samples: 2,
  tombstones: 3,
  exemplars: 4,
  mmapMarkers: 5,
  metadata: 6,
  histograms: 7,
  floatHistograms: 8,
  customHistograms: 9,
  customFloatHistograms: 10,
  samplesWithStartTimes: 11,
  histogramsWithStartTimes: 12,
  floatHistogramsWithStartTimes: 13,
  minValidTime: 14,
} as const;

/** Files are numbered, eight digits or more. */
export function segmentName(index: number): string {
  return String(index).padStart(8, "0");
}

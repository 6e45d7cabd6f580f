/** The byte that says how a chunk's samples are encoded, the same in blocks and in chunks_head. */
export const chunkEncoding = {
  /** Floats. */
  xor: 1,
  /** Native histograms with integer counts. */
  histogram: 2,
  /** Native histograms with float counts. */
  floatHistogram: 3,
  /** Floats, with start times where they are known; Prometheus from 3.11 on. */
  xor2: 4,
  /** As 2 and 3, with start times. */
  histogramWithStartTimes: 5,
  floatHistogramWithStartTimes: 6,
} as const;

export type ChunkEncoding = (typeof chunkEncoding)[keyof typeof chunkEncoding];

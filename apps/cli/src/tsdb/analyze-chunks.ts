import { accepts, labelValue, type Matcher, newSampleColumn } from "@tatou/model";
import { ChunkDecoder, chunkEncoding, type SeriesStream } from "@tatou/tsdb";

/** How full the chunks of a block are: one number per chunk, by kind. */
export interface ChunkAnalysis {
  readonly chunkCount: number;
  readonly samplesPerFloatChunk: readonly number[];
  readonly bytesPerFloatChunk: readonly number[];
  readonly samplesPerHistogramChunk: readonly number[];
  readonly bytesPerHistogramChunk: readonly number[];
  /** Buckets of all samples of a chunk together. */
  readonly bucketsPerHistogramChunk: readonly number[];
}

/** Reads every chunk of the series that all matchers accept. @param series read to its end, and closed */
export function analyzeChunks(series: SeriesStream, matchers: readonly Matcher[]): ChunkAnalysis {
  const floats = { samples: [] as number[], bytes: [] as number[] };
  const histograms = { samples: [] as number[], bytes: [] as number[], buckets: [] as number[] };
  const decoder = new ChunkDecoder();
  const column = newSampleColumn(undefined, { histograms: true });
  while (series.next()) {
    const { labels, chunks } = series;
    if (!matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label)))) continue;
    for (const chunk of chunks) {
      column.count = 0;
      decoder.decodeInto(chunk, column);
      const isFloats = chunk.encoding === chunkEncoding.xor || chunk.encoding === chunkEncoding.xor2;
      const kind = isFloats ? floats : histograms;
      kind.samples.push(column.count);
      kind.bytes.push(chunk.bytes.length);
      if (!isFloats) histograms.buckets.push(bucketCount(column.histograms!));
    }
  }
  series.close();
  return {
    chunkCount: floats.samples.length + histograms.samples.length,
    samplesPerFloatChunk: floats.samples,
    bytesPerFloatChunk: floats.bytes,
    samplesPerHistogramChunk: histograms.samples,
    bytesPerHistogramChunk: histograms.bytes,
    bucketsPerHistogramChunk: histograms.buckets,
  };
}

interface Buckets {
  readonly positiveBuckets: readonly number[];
  readonly negativeBuckets: readonly number[];
}

function bucketCount(histograms: readonly (Buckets | undefined)[]): number {
  let count = 0;
  for (const histogram of histograms)
    if (histogram !== undefined) count += histogram.positiveBuckets.length + histogram.negativeBuckets.length;
  return count;
}

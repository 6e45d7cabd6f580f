import {
  compareLabels,
  compareStrings,
  isStaleMarker,
  labelsOf,
  labelsToObject,
  newSampleColumn,
  writeStaleMarker,
} from "@tatou/model";
import type { TestSample, TestSeries } from "@tatou/model/testing";
import type { SeriesStream } from "../../block/series-stream.ts";
import type { ChunkData } from "../../chunk/chunk-data.ts";
import { ChunkDecoder } from "../../chunk/chunk-decoder.ts";
import { ChunkEncoder } from "../../chunk/chunk-encoder.ts";

/** Chunks of samples in time order. */
export function chunksOf(samples: readonly TestSample[], samplesPerChunk = 120): ChunkData[] {
  const column = newSampleColumn(samples.length);
  for (const [timeMs, value] of samples) {
    column.timesMs[column.count] = timeMs;
    if (value === "stale") writeStaleMarker(column.values, column.count);
    else column.values[column.count] = value;
    column.count++;
  }
  const options = { samplesMax: samplesPerChunk, isBestWindows: false, keepStartTimes: false };
  return new ChunkEncoder().encodeColumn(column, options);
}

export function samplesOf(chunks: readonly ChunkData[]): TestSample[] {
  const column = newSampleColumn();
  for (const chunk of chunks) new ChunkDecoder().decodeInto(chunk, column);
  return Array.from({ length: column.count }, (_, index): TestSample => {
    const value = isStaleMarker(column.values, index) ? "stale" : column.values.at(index)!;
    return [column.timesMs[index]!, value];
  });
}

/** A stream of series, and whether it was closed. */
export interface TestStream extends SeriesStream {
  readonly isClosed: boolean;
}

/** @param series in any order */
export function streamOf(series: readonly TestSeries[], samplesPerChunk = 120): TestStream {
  return streamOfChunks(series.map(({ labels, samples }) => ({ labels, chunks: chunksOf(samples, samplesPerChunk) })));
}

export function streamOfChunks(
  series: readonly { readonly labels: TestSeries["labels"]; readonly chunks: readonly ChunkData[] }[],
): TestStream {
  const sorted = series
    .map(({ labels, chunks }) => ({ labels: labelsOf(labels), chunks }))
    .sort((left, right) => compareLabels(left.labels, right.labels));
  const texts = sorted.flatMap(({ labels }) => labels.flatMap(({ name, value }) => [name, value]));
  let next = 0;
  let isClosed = false;
  return {
    symbols: () => [...new Set(texts)].sort(compareStrings),
    next: () => next++ < sorted.length,
    get labels() {
      return sorted[next - 1]!.labels;
    },
    get chunks() {
      return sorted[next - 1]!.chunks;
    },
    get isClosed() {
      return isClosed;
    },
    close() {
      isClosed = true;
    },
  };
}

/** Reads a stream to its end. */
export function seriesOf(stream: SeriesStream): TestSeries[] {
  const series: TestSeries[] = [];
  while (stream.next()) {
    series.push({ labels: { ...labelsToObject(stream.labels) }, samples: samplesOf(stream.chunks) });
  }
  return series;
}

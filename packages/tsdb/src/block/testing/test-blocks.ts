import { compareLabels, compareStrings, type Labels, labelsOf, newSampleColumn, writeStaleMarker } from "@tatou/model";
import type { TestSeries } from "@tatou/model/testing";
import type { ChunkData } from "../../chunk/chunk-data.ts";
import { ChunkEncoder } from "../../chunk/chunk-encoder.ts";
import type { BlockMeta } from "../block-meta.ts";
import type { SeriesStream } from "../series-stream.ts";
import { newUlid } from "../ulid.ts";
import { writeBlock } from "../write-block.ts";

export interface StreamedSeries {
  readonly labels: Labels;
  readonly chunks: readonly ChunkData[];
}

/** A stream of series as they are, which must be sorted. */
export function streamOf(series: readonly StreamedSeries[]): SeriesStream {
  let position = -1;
  return {
    symbols: () =>
      new Set(
        series.flatMap(({ labels }) => labels.flatMap((label) => [label.name, label.value])).sort(compareStrings),
      ),
    next: () => ++position < series.length,
    get labels() {
      return series[position]!.labels;
    },
    get chunks() {
      return series[position]!.chunks;
    },
    close() {},
  };
}

/** Series as tests write them, sorted, in chunks of so many samples: long ones as compaction makes them. */
export function chunkedSeries(series: readonly TestSeries[], samplesMax = 120): StreamedSeries[] {
  const encoder = new ChunkEncoder();
  return series
    .map(({ labels, samples }) => {
      const column = newSampleColumn(samples.length);
      samples.forEach(([timeMs, value], index) => {
        column.timesMs[index] = timeMs;
        if (value === "stale") writeStaleMarker(column.values, index);
        else column.values[index] = value;
      });
      column.count = samples.length;
      const options = { samplesMax, isBestWindows: samplesMax > 120, keepStartTimes: false };
      return { labels: labelsOf(labels), chunks: encoder.encodeColumn(column, options) };
    })
    .sort((left, right) => compareLabels(left.labels, right.labels));
}

/** Writes series as a block that covers just them; null when they have no samples. */
export function writeTestBlock(parentDirectory: string, series: readonly StreamedSeries[], seed = 1): BlockMeta | null {
  const chunks = series.flatMap((each) => each.chunks);
  const ulid = newUlid(1_700_000_000_000, new Uint8Array(10).fill(seed));
  return writeBlock({
    parentDirectory,
    ulid,
    minTimeMs: Math.min(...chunks.map(({ minTimeMs }) => minTimeMs)),
    maxTimeMs: Math.max(...chunks.map(({ maxTimeMs }) => maxTimeMs)) + 1,
    compaction: { level: 1, sources: [ulid] },
    stream: streamOf(series),
  });
}

import { XorEncoder, XorWindowPlanner, xorSampleSizeMaxBytes } from "@tatou/kernels";
import { type Histogram, isStaleMarker, type SampleColumn } from "@tatou/model";
import type { ChunkData } from "./chunk-data.ts";
import { chunkEncoding } from "./chunk-encoding.ts";
import { HistogramChunkAppender } from "./histogram-chunk-appender.ts";
import type { SampleRun } from "./sample-run.ts";
import { encodeXor2 } from "./xor2-encoder.ts";

export interface EncodedChunk extends ChunkData {
  readonly sampleCount: number;
}

export interface ChunkEncoderOptions {
  /** Most samples in a chunk: 120 where samples are young, up to 480 where they are old. */
  readonly samplesMax: number;
  /** Whether to look for the shortest encoding of floats that there is; takes longer. */
  readonly isBestWindows: boolean;
  /** Whether start times are stored, where the column has them. */
  readonly keepStartTimes: boolean;
}

/** Encodes columns of samples as chunks. Keeps buffers, so one serves many columns. */
export class ChunkEncoder {
  readonly #floats = new XorEncoder();
  readonly #planner = new XorWindowPlanner();

  /**
   * The samples of a column as chunks in time order, floats and histograms each in chunks of their own. A staleness marker
   * stays with the samples that it ends.
   */
  encodeColumn(column: SampleColumn, options: ChunkEncoderOptions): EncodedChunk[] {
    const chunks: EncodedChunk[] = [];
    for (let start = 0; start < column.count; ) {
      const isHistograms = startsWithHistogram(column, start);
      const end = endOfKind(column, start, isHistograms);
      if (isHistograms) encodeHistograms({ column, start, end }, options, chunks);
      else this.#encodeFloats({ column, start, end }, options, chunks);
      start = end;
    }
    return chunks;
  }

  #encodeFloats({ column, start, end }: SampleRun, options: ChunkEncoderOptions, chunks: EncodedChunk[]): void {
    for (let from = start; from < end; from += options.samplesMax) {
      const run = { column, start: from, end: Math.min(end, from + options.samplesMax) };
      const isXor2 = options.keepStartTimes && hasStartTimes(run);
      chunks.push({
        encoding: isXor2 ? chunkEncoding.xor2 : chunkEncoding.xor,
        minTimeMs: column.timesMs[from]!,
        maxTimeMs: column.timesMs[run.end - 1]!,
        sampleCount: run.end - from,
        bytes: isXor2
          ? encodeXor2(run, options.isBestWindows ? this.#planner : null)
          : this.#xor(run, options.isBestWindows),
      });
    }
  }

  #xor({ column, start, end }: SampleRun, isBestWindows: boolean): Uint8Array {
    const encoder = this.#floats;
    const sizeMaxBytes = 2 + (end - start) * xorSampleSizeMaxBytes;
    if (encoder.bytes.length < sizeMaxBytes) encoder.bytes = new Uint8Array(sizeMaxBytes);
    const { timesMs, values } = column;
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    encoder.begin(0);
    if (isBestWindows) this.#planner.makePlan(words, start, end - start);
    const { plan } = this.#planner;
    for (let index = start; index < end; index++) {
      const high = words[2 * index + highWordIndex]!;
      const low = words[2 * index + 1 - highWordIndex]!;
      if (isBestWindows) encoder.append(timesMs[index]!, high, low, plan[index - start]);
      else encoder.append(timesMs[index]!, high, low);
    }
    return encoder.bytes.slice(0, encoder.sizeBytes);
  }
}

/** A staleness marker says nothing of its series' kind: what is next says it. */
function startsWithHistogram(column: SampleColumn, start: number): boolean {
  if (column.histograms === null || column.histograms.length <= start) return false;
  for (let index = start; index < column.count; index++) {
    if (column.histograms[index] !== undefined) return true;
    if (!isStaleMarker(column.values, index)) return false;
  }
  return false;
}

/** Where the first sample of the other kind is. */
function endOfKind(column: SampleColumn, start: number, isHistograms: boolean): number {
  const { histograms, values, count } = column;
  if (histograms === null || histograms.length <= start) return count;
  let end = start;
  while (end < count && (isStaleMarker(values, end) || (histograms[end] !== undefined) === isHistograms)) end++;
  return end;
}

function encodeHistograms(
  { column, start, end }: SampleRun,
  options: ChunkEncoderOptions,
  chunks: EncodedChunk[],
): void {
  const keepStartTimes = options.keepStartTimes && hasStartTimes({ column, start, end });
  let appender: HistogramChunkAppender | undefined;
  for (let index = start; index < end; index++) {
    const sample = {
      timeMs: column.timesMs[index]!,
      startTimeMs: column.startTimesMs?.[index] ?? 0,
      histogram: histogramAt(column, index),
    };
    if (appender !== undefined && appender.sampleCount < options.samplesMax) {
      if (appender.tryAppend(sample) !== "newChunk") continue;
    }
    if (appender !== undefined) chunks.push(finished(appender));
    appender = HistogramChunkAppender.begin(sample, { keepStartTimes, previous: appender });
  }
  if (appender !== undefined) chunks.push(finished(appender));
}

function histogramAt(column: SampleColumn, index: number): Histogram | null {
  return column.histograms?.[index] ?? null;
}

function hasStartTimes({ column, start, end }: SampleRun): boolean {
  const { startTimesMs } = column;
  if (startTimesMs === null) return false;
  for (let index = start; index < end; index++) if (startTimesMs[index] !== 0) return true;
  return false;
}

function finished(appender: HistogramChunkAppender): EncodedChunk {
  const { encoding, minTimeMs, maxTimeMs, sampleCount } = appender;
  return { encoding, minTimeMs, maxTimeMs, sampleCount, bytes: appender.bytes() };
}

const highWordIndex = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

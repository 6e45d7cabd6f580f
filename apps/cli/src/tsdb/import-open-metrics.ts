/**
 * OpenMetrics into blocks, in passes over the file: the first counts the samples of each block, each further one gathers as
 * many blocks as fit into memory, so that a year of samples in any order takes a few passes and not one for each block.
 */
import { type Labels, labelsOf } from "@tatou/model";
import { GatheredSamples, type WrittenBlock, writeGathered } from "@tatou/tsdb";
import type { OpenMetricsFile } from "./open-metrics-file.ts";
import { SeriesNumbers } from "./series-numbers.ts";

export interface ImportOptions {
  /** Where the blocks go. */
  readonly directory: string;
  readonly blockDurationMs: number;
  /** Labels that every series gets, in the place of its own of these names. */
  readonly extraLabels: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  readonly onBlock: (block: WrittenBlock) => void;
  /** Hears how far the passes have come. */
  readonly onProgress: (progress: ImportProgress) => void;
  /** How many samples are held in memory at once; one block is held whole, however large. */
  readonly samplesInMemoryMax?: number;
}

export interface ImportProgress {
  readonly phase: "count" | "gather";
  readonly blockCountDone: number;
  /** 0 while they are being counted. */
  readonly blockCount: number;
  readonly bytesRead: number;
}

/** Some 200 MB. */
const samplesInMemoryMaxDefault = 8_000_000;

/** @throws {ImportFileError} before anything is written, since the first pass reads the whole file */
export function importOpenMetrics(file: OpenMetricsFile, options: ImportOptions): void {
  const counts = countByBlock(file, options);
  const blockNumbers = [...counts.keys()].sort((left, right) => left - right);
  let blockCountDone = 0;
  for (const batch of batchesOf(blockNumbers, counts, options.samplesInMemoryMax ?? samplesInMemoryMaxDefault)) {
    const done = blockCountDone;
    const onPiece = (bytesRead: number): void =>
      options.onProgress({ phase: "gather", blockCountDone: done, blockCount: blockNumbers.length, bytesRead });
    const { gathered, labels } = gather(file, { batch, options, onPiece });
    for (const samples of gathered) {
      options.onBlock(writeGathered(samples, { directory: options.directory, labels, nowMs: options.nowMs() }));
      blockCountDone++;
    }
  }
}

/** How many samples there are by block, counted in block durations since 1970. */
function countByBlock(file: OpenMetricsFile, { blockDurationMs, onProgress }: ImportOptions): Map<number, number> {
  const counts = new Map<number, number>();
  file.forEachSample(
    ({ timestampMs }) => {
      const number = Math.floor(timestampMs / blockDurationMs);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    },
    (bytesRead) => onProgress({ phase: "count", blockCountDone: 0, blockCount: 0, bytesRead }),
  );
  return counts;
}

function* batchesOf(
  blockNumbers: readonly number[],
  counts: ReadonlyMap<number, number>,
  samplesMax: number,
): Generator<readonly number[]> {
  let batch: number[] = [];
  let sampleCount = 0;
  for (const number of blockNumbers) {
    const count = counts.get(number)!;
    if (batch.length > 0 && sampleCount + count > samplesMax) {
      yield batch;
      batch = [];
      sampleCount = 0;
    }
    batch.push(number);
    sampleCount += count;
  }
  if (batch.length > 0) yield batch;
}

interface GatherOptions {
  readonly batch: readonly number[];
  readonly options: ImportOptions;
  readonly onPiece: (bytesRead: number) => void;
}

/** The samples of the blocks of a batch, block by block. */
function gather(file: OpenMetricsFile, { batch, options, onPiece }: GatherOptions) {
  const { blockDurationMs, extraLabels } = options;
  const byBlock = new Map(batch.map((number) => [number, new GatheredSamples()]));
  const series = new SeriesNumbers();
  file.forEachSample((parser, bytes) => {
    const samples = byBlock.get(Math.floor(parser.timestampMs / blockDurationMs));
    if (samples === undefined) return;
    const text = bytes.toString("latin1", parser.seriesStart, parser.seriesEnd);
    const number = series.numberOf(text, () => withExtraLabels(parser.labels(), extraLabels));
    samples.add(number, parser.timestampMs, parser.value);
  }, onPiece);
  return { gathered: [...byBlock.values()], labels: series.labels };
}

function withExtraLabels(labels: Labels, extra: Readonly<Record<string, string>>): Labels {
  const all = new Map(labels.map(({ name, value }) => [name, value]));
  for (const [name, value] of Object.entries(extra)) all.set(name, value);
  return labelsOf(all);
}

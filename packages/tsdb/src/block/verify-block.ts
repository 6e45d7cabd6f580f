import { join } from "node:path";
import { compareLabels, compareStrings, formatLabels, type Labels, newSampleColumn } from "@tatou/model";
import { chunkSampleCount } from "../chunk/chunk-sample-count.ts";
import { BlockCorruptError, BlockUnsupportedError } from "../errors.ts";
import { clearSamples } from "../query/sample-columns.ts";
import { chunksDirectoryName, indexFileName, metaFileName } from "./block-layout.ts";
import type { BlockMeta } from "./block-meta.ts";
import { readBlockMeta } from "./block-meta-file.ts";
import { ChunkSegmentReader } from "./chunk-segment-reader.ts";
import { IndexReader } from "./index-reader.ts";
import { PostingsBuilder } from "./postings-builder.ts";
import { SeriesEntry } from "./series-entry.ts";
import { SeriesReader } from "./series-reader.ts";
import { readTombstones } from "./tombstones-file.ts";

/** Something in a block that is not as it should be. */
export interface BlockProblem {
  readonly path: string;
  readonly offsetBytes: number;
  /** In words. */
  readonly what: string;
}

/** More are not collected: a damaged disk gives no end of them. */
const problemsMax = 100;

/**
 * Reads all of a block: checksums, the order of texts, series and samples, whether the lists of the index name the right
 * series, and whether meta.json counts right.
 *
 * @returns what is wrong, at most 100 things
 */
export function verifyBlock(directory: string): readonly BlockProblem[] {
  const problems = new Problems();
  const meta = problems.attempt(() => readBlockMeta(directory));
  problems.attempt(() => readTombstones(directory));
  const index = problems.attempt(() => IndexReader.open(join(directory, indexFileName)));
  const chunks = problems.attempt(() => new ChunkSegmentReader(join(directory, chunksDirectoryName)));
  try {
    if (meta !== null && index !== null && chunks !== null)
      new Verification({ directory, meta, index, chunks }, problems).run();
    return problems.found;
  } finally {
    index?.close();
    chunks?.close();
  }
}

class Problems {
  readonly found: BlockProblem[] = [];

  get isFull(): boolean {
    return this.found.length === problemsMax;
  }

  add(problem: BlockProblem): void {
    if (!this.isFull) this.found.push(problem);
  }

  /** @returns null when there is a problem instead of a result */
  attempt<Result>(work: () => Result): Result | null {
    try {
      return work();
    } catch (error) {
      if (error instanceof BlockCorruptError) {
        this.add({ path: error.path, offsetBytes: error.offsetBytes, what: error.what });
      } else if (error instanceof BlockUnsupportedError) {
        this.add({ path: error.path, offsetBytes: 0, what: error.what });
      } else throw error;
      return null;
    }
  }
}

interface OpenBlock {
  readonly directory: string;
  readonly meta: BlockMeta;
  readonly index: IndexReader;
  readonly chunks: ChunkSegmentReader;
}

class Verification {
  readonly #block: OpenBlock;
  readonly #problems: Problems;
  readonly #entry = new SeriesEntry();
  readonly #reader = new SeriesReader();
  readonly #column = newSampleColumn(128, { histograms: true });
  /** The lists as they should be. */
  readonly #postings = new PostingsBuilder();
  #lastLabels: Labels | null = null;
  #seriesCount = 0;
  #chunkCount = 0;
  #sampleCount = 0;

  constructor(block: OpenBlock, problems: Problems) {
    this.#block = block;
    this.#problems = problems;
  }

  run(): void {
    this.#problems.attempt(() => this.#verifySymbols());
    for (const series of this.#problems.attempt(() => this.#block.index.allSeries()) ?? []) {
      if (this.#problems.isFull) return;
      this.#problems.attempt(() => this.#verifySeries(series));
    }
    // Where a series cannot be read, neither lists nor counts tell anything new.
    if (this.#problems.found.length > 0) return;
    this.#verifyLists();
    this.#verifyStats();
  }

  #tell(what: string): void {
    this.#problems.add({ path: this.#block.index.path, offsetBytes: 0, what });
  }

  #verifySymbols(): void {
    if (this.#block.index.version === 1) return;
    let last: string | null = null;
    for (const symbol of this.#block.index.symbols.texts()) {
      if (last !== null && compareStrings(last, symbol) >= 0)
        this.#tell(`symbol ${JSON.stringify(symbol)} is out of order`);
      last = symbol;
    }
  }

  #verifySeries(series: number): void {
    const { index } = this.#block;
    index.readSeries(series, this.#entry);
    const labels = index.labelsOf(this.#entry);
    const name = formatLabels(labels);
    if (this.#lastLabels !== null && compareLabels(this.#lastLabels, labels) >= 0)
      this.#tell(`series ${name} is out of order`);
    this.#lastLabels = labels;
    labels.forEach((label, at) => {
      const isSorted = at === 0 || compareStrings(labels[at - 1]!.name, label.name) < 0;
      if (!isSorted) this.#tell(`the labels of series ${name} are not sorted`);
      this.#postings.addPair(this.#entry.names[at]!, this.#entry.values[at]!);
    });
    this.#postings.endSeries(series);
    this.#seriesCount++;
    this.#verifyChunks(name);
  }

  #verifyChunks(series: string): void {
    const { references, minTimesMs, maxTimesMs, chunkCount } = this.#entry;
    const { meta, chunks } = this.#block;
    if (chunkCount === 0) this.#tell(`series ${series} has no chunks`);
    let index = 0;
    chunks.visit(references, 0, chunkCount, (slice, reference) => {
      const minTimeMs = minTimesMs[index]!;
      const maxTimeMs = maxTimesMs[index]!;
      if (index > 0 && minTimeMs <= maxTimesMs[index - 1]!) this.#tell(`chunks of series ${series} overlap`);
      if (minTimeMs < meta.minTime || maxTimeMs >= meta.maxTime) {
        this.#tell(`a chunk of series ${series} goes beyond the time of the block`);
      }
      index++;
      clearSamples(this.#column);
      this.#reader.decode(chunks, { slice, reference }, this.#column);
      const problem = this.#problemOfTimes(minTimeMs, maxTimeMs);
      if (problem !== null) throw chunks.corrupt(reference, problem);
      this.#chunkCount++;
      this.#sampleCount += chunkSampleCount(slice.encoding, slice.bytes, slice.startByte);
    });
  }

  /** What is wrong with the samples of a chunk. */
  #problemOfTimes(minTimeMs: number, maxTimeMs: number): string | null {
    const { timesMs, count } = this.#column;
    if (count === 0) return "a chunk has no samples";
    if (timesMs[0] !== minTimeMs || timesMs[count - 1] !== maxTimeMs) return "the index has other times for a chunk";
    for (let index = 1; index < count; index++) {
      if (timesMs[index]! <= timesMs[index - 1]!) return "the samples of a chunk are not in order";
    }
    return null;
  }

  #verifyLists(): void {
    const { index } = this.#block;
    const pairs = this.#postings.sorted();
    let pairCount = 0;
    while (pairs.next()) {
      pairCount++;
      const name = index.symbols.text(pairs.name);
      const value = index.symbols.text(pairs.value);
      const offset = index.postings.find(name, value);
      const list = offset === -1 ? null : this.#problems.attempt(() => index.readList(offset));
      if (list === null || !isEqual(list, pairs.series)) {
        this.#tell(`the list of ${name}=${JSON.stringify(value)} does not name its series`);
      }
    }
    const names = index.postings.names();
    const listCount = names.reduce((sum, name) => sum + index.postings.valueCount(name), 0);
    if (listCount !== pairCount) this.#tell(`there are ${listCount} lists for ${pairCount} label pairs`);
  }

  #verifyStats(): void {
    const { directory, meta } = this.#block;
    const { numSeries, numChunks, numSamples } = meta.stats;
    const counts = [
      { name: "numSeries", told: numSeries, counted: this.#seriesCount },
      { name: "numChunks", told: numChunks, counted: this.#chunkCount },
      { name: "numSamples", told: numSamples, counted: this.#sampleCount },
    ];
    for (const { name, told, counted } of counts) {
      if (told === counted) continue;
      const what = `${name} is ${told}, expected ${counted}`;
      this.#problems.add({ path: join(directory, metaFileName), offsetBytes: 0, what });
    }
  }
}

function isEqual(left: Uint32Array, right: Uint32Array): boolean {
  return left.length === right.length && left.every((number, index) => number === right[index]);
}

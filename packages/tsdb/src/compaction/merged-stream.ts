import { compareLabels, compareStrings, type Labels } from "@tatou/model";
import type { SeriesStream } from "../block/series-stream.ts";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkMerger, type ChunkMergerOptions } from "./chunk-merger.ts";

/**
 * One stream of several: each series once, with chunks that do not overlap, and of samples at one time one. Closing it
 * closes them.
 */
export function mergeStreams(streams: readonly SeriesStream[], options: ChunkMergerOptions): SeriesStream {
  return new MergedStream(streams, options);
}

class MergedStream implements SeriesStream {
  labels: Labels = [];
  chunks: readonly ChunkData[] = [];
  readonly #streams: readonly SeriesStream[];
  readonly #merger: ChunkMerger;
  /** Those that stand at a series. */
  #open: SeriesStream[];
  /** Those whose series was used: they go on first. */
  #used: readonly SeriesStream[];

  constructor(streams: readonly SeriesStream[], options: ChunkMergerOptions) {
    this.#streams = streams;
    this.#merger = new ChunkMerger(options);
    this.#open = [...streams];
    this.#used = streams;
  }

  symbols(): Iterable<string> {
    return mergeTexts(this.#streams.map((stream) => stream.symbols()));
  }

  next(): boolean {
    for (;;) {
      for (const stream of this.#used) if (!stream.next()) this.#open.splice(this.#open.indexOf(stream), 1);
      const lowest = lowestOf(this.#open);
      if (lowest === null) {
        this.#used = [];
        return false;
      }
      this.#used = this.#open.filter(({ labels }) => compareLabels(labels, lowest) === 0);
      this.labels = lowest;
      this.chunks = this.#merger.merge(this.#used.flatMap(({ chunks }) => chunks));
      // Deletion may have left nothing of a series.
      if (this.chunks.length > 0) return true;
    }
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }
}

function lowestOf(streams: readonly SeriesStream[]): Labels | null {
  let lowest: Labels | null = null;
  for (const { labels } of streams) if (lowest === null || compareLabels(labels, lowest) < 0) lowest = labels;
  return lowest;
}

/** Sorted texts of several lists, each once. */
function* mergeTexts(lists: readonly Iterable<string>[]): Generator<string> {
  const open = lists.map((list) => list[Symbol.iterator]()).map((texts) => ({ texts, at: texts.next() }));
  for (;;) {
    let lowest: string | null = null;
    for (const { at } of open) {
      if (at.done !== true && (lowest === null || compareStrings(at.value, lowest) < 0)) lowest = at.value;
    }
    if (lowest === null) return;
    yield lowest;
    for (const list of open) if (list.at.done !== true && list.at.value === lowest) list.at = list.texts.next();
  }
}

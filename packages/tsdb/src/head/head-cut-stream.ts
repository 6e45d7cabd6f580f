/**
 * Reads a cut of the head, in any thread: series sorted by labels, with the chunks that lie in the cut. A chunk that
 * crosses an end of the cut, or of which samples were deleted, is written anew; all others are copied.
 */
import { compareStrings, type Label, type Labels } from "@tatou/model";
import type { TimeRange } from "../block/deleted-ranges.ts";
import type { SeriesStream } from "../block/series-stream.ts";
import type { ChunkData } from "../chunk/chunk-data.ts";
import type { ChunkEncoding } from "../chunk/chunk-encoding.ts";
import { isChunkDamage } from "../errors.ts";
import { HeadChunkReader } from "../head-chunks/head-chunk-reader.ts";
import { ChunkRewriter } from "./chunk-rewriter.ts";
import { writeSampleCount } from "./entry-reader.ts";
import { type HeadCut, looseChunks } from "./head-cut.ts";
import { SlabReader } from "./slabs.ts";

/** Counts what is left out of a stream. */
export interface ChunkDamage {
  leftOutCount: number;
}

/** @param damage counts chunks that cannot be read, and they are left out; without it, the first one is an error */
export function headCutStream(cut: HeadCut, damage: ChunkDamage | null = null): SeriesStream {
  return new HeadCutStream(cut, damage);
}

class HeadCutStream implements SeriesStream {
  labels: Labels = [];
  chunks: readonly ChunkData[] = [];
  readonly #cut: HeadCut;
  readonly #damage: ChunkDamage | null;
  readonly #names: CutLabels;
  readonly #words: Uint32Array;
  readonly #order: Uint32Array;
  readonly #deleted = new Map<number, TimeRange[]>();
  readonly #files: HeadChunkReader;
  readonly #slabReader = new SlabReader();
  readonly #rewriter = new ChunkRewriter();
  #next = 0;

  constructor(cut: HeadCut, damage: ChunkDamage | null) {
    this.#cut = cut;
    this.#damage = damage;
    this.#files = new HeadChunkReader(cut.chunksHeadDirectory);
    this.#words = new Uint32Array(cut.memory);
    this.#names = new CutLabels(cut, this.#words);
    this.#order = this.#names.sortedSeries();
    for (const { series, minTimeMs, maxTimeMs } of cut.tombstones) {
      const known = this.#deleted.get(series);
      if (known === undefined) this.#deleted.set(series, [{ minTimeMs, maxTimeMs }]);
      else known.push({ minTimeMs, maxTimeMs });
    }
  }

  symbols(): Iterable<string> {
    return this.#names.sortedTexts();
  }

  next(): boolean {
    while (this.#next < this.#order.length) {
      const series = this.#order[this.#next++]!;
      const chunks = this.#chunksOf(series);
      if (chunks.length === 0) continue;
      this.chunks = chunks;
      this.labels = this.#names.labelsOf(series);
      return true;
    }
    return false;
  }

  close(): void {
    this.#files.close();
  }

  #chunksOf(series: number): ChunkData[] {
    const { seriesFirstChunks, chunkMinTimesMs, chunkMaxTimesMs, startMs, endMs } = this.#cut;
    const outside = [
      { minTimeMs: Number.NEGATIVE_INFINITY, maxTimeMs: startMs - 1 },
      { minTimeMs: endMs, maxTimeMs: Number.POSITIVE_INFINITY },
    ];
    const leftOut = [...outside, ...(this.#deleted.get(series) ?? [])];
    const chunks: ChunkData[] = [];
    for (let chunk = seriesFirstChunks[series]!; chunk < seriesFirstChunks[series + 1]!; chunk++) {
      if (chunkMaxTimesMs[chunk]! < startMs || chunkMinTimesMs[chunk]! >= endMs) continue;
      try {
        chunks.push(...this.#chunkWithout(chunk, leftOut));
      } catch (error) {
        if (this.#damage === null || !isChunkDamage(error)) throw error;
        this.#damage.leftOutCount++;
      }
    }
    return chunks;
  }

  #chunkWithout(chunk: number, leftOut: readonly TimeRange[]): readonly ChunkData[] {
    const data = this.#chunk(chunk);
    const cutting = leftOut.filter((at) => at.minTimeMs <= data.maxTimeMs && at.maxTimeMs >= data.minTimeMs);
    return cutting.length === 0 ? [data] : this.#rewriter.without(data, cutting);
  }

  #chunk(chunk: number): ChunkData {
    const cut = this.#cut;
    return {
      encoding: cut.chunkEncodings[chunk]! as ChunkEncoding,
      minTimeMs: cut.chunkMinTimesMs[chunk]!,
      maxTimeMs: cut.chunkMaxTimesMs[chunk]!,
      bytes: this.#bytes(cut.chunkFiles[chunk]!, cut.chunkAddresses[chunk]!, chunk),
    };
  }

  #bytes(file: number, address: number, chunk: number): Uint8Array {
    const cut = this.#cut;
    if (file === looseChunks) return cut.looseChunks[address]!;
    if (file !== 0) return this.#files.read(file, address).bytes.slice();
    const sizeBytes = cut.chunkSizesBytes[chunk]!;
    this.#slabReader.copy(this.#words, address, sizeBytes);
    const bytes = this.#slabReader.bytes.slice(0, sizeBytes);
    const sampleCount = cut.chunkSampleCounts[chunk]!;
    // A chunk that was open may have grown since.
    if (sampleCount !== 0) writeSampleCount(bytes, sampleCount);
    return bytes;
  }
}

/** The labels of a cut's series, and their order. */
class CutLabels {
  readonly #cut: HeadCut;
  readonly #words: Uint32Array;
  /** By pair; made for those that series of the cut have. */
  readonly #labels: (Label | undefined)[] = [];
  readonly #pairs: number[] = [];

  constructor(cut: HeadCut, words: Uint32Array) {
    this.#cut = cut;
    this.#words = words;
    const texts: (string | undefined)[] = [];
    const bytes = Buffer.from(cut.memory);
    const text = (symbol: number): string => {
      const address = cut.symbolAddresses[symbol]!;
      return (texts[symbol] ??= bytes.toString("utf8", address, address + cut.symbolLengths[symbol]!));
    };
    for (let series = 0; series < cut.seriesPairCounts.length; series++) {
      for (const pair of this.#pairsOf(series)) {
        if (this.#labels[pair] !== undefined) continue;
        this.#labels[pair] = { name: text(cut.pairNames[pair]!), value: text(cut.pairValues[pair]!) };
        this.#pairs.push(pair);
      }
    }
  }

  labelsOf(series: number): Labels {
    return Array.from(this.#pairsOf(series), (pair) => this.#labels[pair]!);
  }

  sortedTexts(): string[] {
    const texts = new Set<string>();
    for (const pair of this.#pairs) {
      texts.add(this.#labels[pair]!.name);
      texts.add(this.#labels[pair]!.value);
    }
    return [...texts].sort(compareStrings);
  }

  /** All series, sorted by labels: pairs are ranked once, so that comparing two series compares numbers. */
  sortedSeries(): Uint32Array {
    const labels = this.#labels;
    this.#pairs.sort(
      (left, right) =>
        compareStrings(labels[left]!.name, labels[right]!.name) ||
        compareStrings(labels[left]!.value, labels[right]!.value),
    );
    const ranks = new Uint32Array(this.#cut.pairNames.length);
    this.#pairs.forEach((pair, rank) => {
      ranks[pair] = rank;
    });
    const { seriesPairAddresses, seriesPairCounts } = this.#cut;
    const words = this.#words;
    return Uint32Array.from(seriesPairCounts, (_, series) => series).sort((left, right) => {
      const leftPairs = seriesPairAddresses[left]! >>> 2;
      const rightPairs = seriesPairAddresses[right]! >>> 2;
      const count = Math.min(seriesPairCounts[left]!, seriesPairCounts[right]!);
      for (let index = 0; index < count; index++) {
        const order = ranks[words[leftPairs + index]!]! - ranks[words[rightPairs + index]!]!;
        if (order !== 0) return order;
      }
      return seriesPairCounts[left]! - seriesPairCounts[right]!;
    });
  }

  #pairsOf(series: number): Uint32Array {
    const start = this.#cut.seriesPairAddresses[series]! >>> 2;
    return this.#words.subarray(start, start + this.#cut.seriesPairCounts[series]!);
  }
}

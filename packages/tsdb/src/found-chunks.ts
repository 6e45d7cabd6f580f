import type { ChunkEncoding } from "./chunk/chunk-encoding.ts";
import type { FileChunk } from "./head/sample-store.ts";
import { seriesRefMax } from "./head/series-table.ts";
import type { VisitedHeadChunk } from "./head-chunks/head-chunk-replay.ts";

/** A chunk of chunks_head, without its bytes. */
export interface FoundChunk extends FileChunk {
  readonly isOutOfOrder: boolean;
}

const none = 0xffff_ffff;

/** What a start finds in chunks_head, kept in columns until the log names the series that the chunks belong to. */
export class FoundChunks {
  count = 0;
  #files = new Uint32Array(1024);
  #offsets = new Uint32Array(1024);
  #encodings = new Uint8Array(1024);
  #outOfOrder = new Uint8Array(1024);
  #minTimesMs = new Float64Array(1024);
  #maxTimesMs = new Float64Array(1024);
  /** The next chunk of the same series. */
  #next = new Uint32Array(1024);
  readonly #firstAndLast = new Map<number, { readonly first: number; last: number }>();

  add(chunk: VisitedHeadChunk): void {
    if (chunk.ref > seriesRefMax) return;
    const index = this.count++;
    if (index === this.#files.length) this.#double();
    this.#files[index] = chunk.file;
    this.#offsets[index] = chunk.offset;
    this.#encodings[index] = chunk.encoding;
    this.#outOfOrder[index] = chunk.isOutOfOrder ? 1 : 0;
    this.#minTimesMs[index] = chunk.minTimeMs;
    this.#maxTimesMs[index] = chunk.maxTimeMs;
    this.#next[index] = none;
    const chain = this.#firstAndLast.get(chunk.ref);
    if (chain === undefined) this.#firstAndLast.set(chunk.ref, { first: index, last: index });
    else {
      this.#next[chain.last] = index;
      chain.last = index;
    }
  }

  /** Hands out the chunks of a series, once, in the order in which they were written. */
  *take(ref: number): Generator<FoundChunk> {
    const chain = this.#firstAndLast.get(ref);
    if (chain === undefined) return;
    this.#firstAndLast.delete(ref);
    for (let index = chain.first; index !== none; index = this.#next[index]!) {
      yield {
        file: this.#files[index]!,
        offset: this.#offsets[index]!,
        encoding: this.#encodings[index]! as ChunkEncoding,
        isOutOfOrder: this.#outOfOrder[index] === 1,
        minTimeMs: this.#minTimesMs[index]!,
        maxTimeMs: this.#maxTimesMs[index]!,
      };
    }
  }

  #double(): void {
    const size = this.#files.length * 2;
    const twice = (column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(size);
      grown.set(column);
      return grown;
    };
    const twiceBytes = (column: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(size);
      grown.set(column);
      return grown;
    };
    const twiceFloats = (column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(size);
      grown.set(column);
      return grown;
    };
    this.#files = twice(this.#files);
    this.#offsets = twice(this.#offsets);
    this.#encodings = twiceBytes(this.#encodings);
    this.#outOfOrder = twiceBytes(this.#outOfOrder);
    this.#minTimesMs = twiceFloats(this.#minTimesMs);
    this.#maxTimesMs = twiceFloats(this.#maxTimesMs);
    this.#next = twice(this.#next);
  }
}

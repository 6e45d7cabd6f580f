import type { SampleColumn } from "@tatou/model";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import type { ChunkEncoding } from "../chunk/chunk-encoding.ts";
import type { Arena } from "./arena.ts";
import { entryFloat, entryKind, entryWord } from "./chunk-entry.ts";
import type { HistogramStore } from "./histogram-store.ts";
import { type FileChunk, sizeBytesOf } from "./sample-store.ts";
import { SlabReader } from "./slabs.ts";

/** A chunk of chunks_head; its bytes are valid until the next call. @throws {HeadChunkCorruptError} */
export type ReadFileChunk = (file: number, offset: number) => ChunkData;

/** Reads the samples behind entries, wherever they are. */
export class EntryReader {
  readonly #arena: Arena;
  readonly #histograms: HistogramStore;
  readonly #readFileChunk: ReadFileChunk;
  readonly #decoder = new ChunkDecoder();
  readonly #slabReader = new SlabReader();

  constructor(arena: Arena, histograms: HistogramStore, readFileChunk: ReadFileChunk) {
    this.#arena = arena;
    this.#histograms = histograms;
    this.#readFileChunk = readFileChunk;
  }

  /**
   * Adds a chunk's samples to the end of a column.
   *
   * @param position bit position and count of the chunk when it was looked up, if it was open then; else 0
   * @throws {HeadChunkCorruptError}
   * @throws {CodecError}
   */
  read(entry: number, position: number, column: SampleColumn): void {
    const { words } = this.#arena;
    const word = entry >>> 2;
    const kind = words[word + entryWord.kind]!;
    const place = words[word + entryWord.place]!;
    const size = words[word + entryWord.size]!;
    if ((kind & entryKind.inFile) !== 0) {
      const chunk = this.#readFileChunk(place, size);
      this.#decoder.decodeInto(position === 0 ? chunk : { ...chunk, sampleCount: position & 0xffff }, column);
      return;
    }
    if ((kind & entryKind.isHistogram) !== 0) {
      const slice = this.#histograms.slice(entry);
      this.#decoder.decodeInto(position === 0 ? slice : { ...slice, sampleCount: position }, column);
      return;
    }
    const sizeBytes = position === 0 ? size : sizeBytesOf(position);
    this.#slabReader.copy(words, place, sizeBytes);
    const { bytes } = this.#slabReader;
    if (position !== 0) writeSampleCount(bytes, position & 0xffff);
    const encoding = (kind & entryKind.encodingMask) as ChunkEncoding;
    this.#decoder.decodeInto({ encoding, bytes, endByte: sizeBytes }, column);
  }

  /** A chunk that has ended: where it is, or a copy of its bytes. */
  chunk(entry: number): FileChunk | ChunkData {
    const { words, floats } = this.#arena;
    const kind = words[(entry >>> 2) + entryWord.kind]!;
    const place = words[(entry >>> 2) + entryWord.place]!;
    const size = words[(entry >>> 2) + entryWord.size]!;
    const described = {
      encoding: (kind & entryKind.encodingMask) as ChunkEncoding,
      minTimeMs: floats[(entry >>> 3) + entryFloat.minTime]!,
      maxTimeMs: floats[(entry >>> 3) + entryFloat.maxTime]!,
    };
    if ((kind & entryKind.inFile) !== 0) return { ...described, file: place, offset: size };
    if ((kind & entryKind.isHistogram) !== 0) return { ...described, bytes: this.#histograms.slice(entry).bytes };
    this.#slabReader.copy(words, place, size);
    return { ...described, bytes: this.#slabReader.bytes.slice(0, size) };
  }
}

/** The count at the beginning of a chunk, which is written when the chunk ends. */
export function writeSampleCount(chunk: Uint8Array, sampleCount: number): void {
  chunk[0] = sampleCount >>> 8;
  chunk[1] = sampleCount;
}

/**
 * Reads XOR2 chunks: floats, with start times where they are known (docs/format/xor2-chunk.md).
 */
import { BitReader, CodecError, isStaleWords, XorWindow } from "@tatou/kernels";
import { growSampleColumn, type SampleColumn, writeStaleMarker } from "@tatou/model";
import type { ChunkSlice } from "./chunk-data.ts";
import { chunkSampleCount } from "./chunk-sample-count.ts";
import { StartTimeReader } from "./start-times.ts";

const xor2HeaderBytes = 3;

export class Xor2Decoder {
  readonly #reader = new BitReader();
  readonly #startTimes = new StartTimeReader();
  /** At the last value that is not a staleness marker: the next one is XORed with it. */
  #window = new XorWindow();
  #timeMs = 0;
  #deltaMs = 0;
  #isStale = false;

  /** Adds the chunk's samples to the end of a column. @throws {CodecError} */
  decodeInto(slice: ChunkSlice, column: SampleColumn): void {
    const { encoding, bytes, startByte = 0, endByte = bytes.length } = slice;
    if (endByte - startByte < xor2HeaderBytes) throw new CodecError("Cannot read a chunk: it ends early");
    const held = chunkSampleCount(encoding, bytes, startByte);
    const count = Math.min(slice.sampleCount ?? held, held);
    this.#reader.reset(bytes, startByte + xor2HeaderBytes, endByte);
    // A sample takes one bit at least.
    if (count > this.#reader.remainingBits) throw new CodecError("Cannot read a chunk: it ends early");
    this.#startTimes.begin(bytes[startByte + 2]!);
    growSampleColumn(column, column.count + count);
    const words = new Int32Array(column.values.buffer, column.values.byteOffset, column.values.length * 2);
    for (let index = 0; index < count; index++) {
      const lastTimeMs = this.#timeMs;
      if (index === 0) this.#first();
      else if (index === 1) this.#second();
      else this.#following();
      this.#startTimes.read(this.#reader, index, this.#timeMs, lastTimeMs);
      this.#store(column, words);
    }
  }

  #store(column: SampleColumn, words: Int32Array): void {
    const index = column.count++;
    column.timesMs[index] = this.#timeMs;
    if (column.startTimesMs !== null) column.startTimesMs[index] = this.#startTimes.startTimeMs;
    if (this.#isStale) {
      writeStaleMarker(column.values, index);
      return;
    }
    words[2 * index + lowWordIndex] = this.#window.low;
    words[2 * index + 1 - lowWordIndex] = this.#window.high;
  }

  #first(): void {
    const reader = this.#reader;
    this.#timeMs = reader.varint();
    reader.words();
    this.#isStale = isStaleWords(reader.high, reader.low);
    this.#window = this.#isStale ? new XorWindow() : new XorWindow(reader.high, reader.low);
  }

  #second(): void {
    this.#deltaMs = this.#reader.uvarint();
    this.#timeMs += this.#deltaMs;
    this.#value();
  }

  /** One code says how the interval changed, and where it did not, what became of the value. */
  #following(): void {
    const reader = this.#reader;
    const code = reader.ones(5);
    if (code === 2) this.#deltaMs += reader.signed(13);
    else if (code === 3) this.#deltaMs += reader.signed(20);
    else if (code === 4) this.#deltaMs += reader.int64();
    this.#timeMs += this.#deltaMs;
    this.#isStale = code === 5;
    if (code === 1) this.#change();
    else if (code !== 0 && code !== 5) this.#value();
  }

  #value(): void {
    const code = this.#reader.ones(3);
    this.#isStale = code === 3;
    if (code === 2) this.#reader.newWindow(this.#window);
    if (code === 1 || code === 2) this.#reader.significantBits(this.#window);
  }

  /** A value that is known to be another one. */
  #change(): void {
    if (this.#reader.bit()) this.#reader.newWindow(this.#window);
    this.#reader.significantBits(this.#window);
  }
}

const lowWordIndex = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

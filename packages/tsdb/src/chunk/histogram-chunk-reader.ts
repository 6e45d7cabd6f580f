/**
 * Reads chunks of native histograms (docs/format/histogram-chunk.md), sample by sample. Whole numbers are exact up to 2^53;
 * a chunk with greater ones is an error.
 */
import { BitReader, CodecError, isStaleWords, XorWindow } from "@tatou/kernels";
import { bucketCountOf, type CounterResetHint, type Histogram, reduceResolution } from "@tatou/model";
import type { ChunkSlice } from "./chunk-data.ts";
import { chunkEncoding } from "./chunk-encoding.ts";
import { chunkSampleCount } from "./chunk-sample-count.ts";
import { emptyLayout, type HistogramLayout, readHistogramLayout } from "./histogram-layout.ts";
import { StartTimeReader } from "./start-times.ts";

const histogramHeaderBytes = 3;
/** Histograms of higher schemas, which may come, are read as ones of this. */
const schemaMax = 8;

/** Walks the samples of a chunk. The fields hold the current sample until the next call of `next`. */
export class HistogramChunkReader {
  sampleCount = 0;
  timeMs = 0;
  /** 0 where none is known. */
  startTimeMs = 0;
  /** The sample is a staleness marker, and `histogram` must not be asked for. */
  isStale = false;
  /** What the chunk says of the counters between the chunk before and its first sample. */
  counterReset: CounterResetHint = "unknown";
  layout: HistogramLayout = emptyLayout;
  readonly #reader = new BitReader();
  readonly #startTimes = new StartTimeReader();
  #isFloat = false;
  #hasStartTimes = false;
  #readCount = 0;
  #timeChangeMs = 0;
  /** Count, zero count, then the buckets; of integers: each bucket less the one before. */
  #numbers: Float64Array = new Float64Array(0);
  /** Of integers: by how much the numbers changed last. */
  #changes: Float64Array = new Float64Array(0);
  /** Of floats. */
  #windows: XorWindow[] = [];
  #sum = new XorWindow();

  /** @throws {CodecError} */
  open(slice: ChunkSlice): void {
    const { encoding, bytes, startByte = 0, endByte = bytes.length } = slice;
    if (endByte - startByte < histogramHeaderBytes) throw new CodecError("Cannot read a chunk: it ends early");
    const held = chunkSampleCount(encoding, bytes, startByte);
    this.sampleCount = Math.min(slice.sampleCount ?? held, held);
    this.#isFloat =
      encoding === chunkEncoding.floatHistogram || encoding === chunkEncoding.floatHistogramWithStartTimes;
    this.#hasStartTimes = encoding >= chunkEncoding.histogramWithStartTimes;
    this.counterReset = counterResetOf(bytes[startByte + (this.#hasStartTimes ? 0 : 2)]!);
    this.#readCount = 0;
    this.#timeChangeMs = 0;
    this.startTimeMs = 0;
    this.#startTimes.begin(this.#hasStartTimes ? bytes[startByte + 2]! : 0);
    this.#reader.reset(bytes, startByte + histogramHeaderBytes, endByte);
  }

  /** Goes to the next sample; false at the end. @throws {CodecError} */
  next(): boolean {
    if (this.#readCount >= this.sampleCount) return false;
    const lastTimeMs = this.timeMs;
    if (this.#readCount === 0) this.#first();
    else this.#following();
    if (this.#hasStartTimes) {
      this.#startTimes.read(this.#reader, this.#readCount, this.timeMs, lastTimeMs);
      this.startTimeMs = this.#startTimes.startTimeMs;
    }
    this.#readCount++;
    return true;
  }

  /** The current sample as an object of its own; the spans are shared by all of the chunk. */
  histogram(): Histogram {
    const { layout } = this;
    const positiveCount = bucketCountOf(layout.positiveSpans);
    const bucketCount = positiveCount + bucketCountOf(layout.negativeSpans);
    const histogram: Histogram = {
      countKind: this.#isFloat ? "float" : "integer",
      counterReset: this.#hint(),
      schema: layout.schema,
      zeroThreshold: layout.zeroThreshold,
      zeroCount: this.#numbers[1]!,
      count: this.#numbers[0]!,
      sum: this.#sum.value,
      positiveSpans: layout.positiveSpans,
      positiveBuckets: this.#buckets(0, positiveCount),
      negativeSpans: layout.negativeSpans,
      negativeBuckets: this.#buckets(positiveCount, bucketCount),
      customValues: layout.customValues,
    };
    return layout.schema > schemaMax ? reduceResolution(histogram, schemaMax) : histogram;
  }

  /** The first of a chunk is unknown whatever the chunk says: the chunk before may be gone, or another one. */
  #hint(): CounterResetHint {
    if (this.counterReset === "gauge") return "gauge";
    return this.#readCount > 1 ? "notReset" : "unknown";
  }

  #buckets(start: number, end: number): number[] {
    const buckets: number[] = [];
    let count = 0;
    for (let index = start; index < end; index++) {
      const number = this.#numbers[index + 2]!;
      count = this.#isFloat ? number : count + number;
      buckets.push(count);
    }
    return buckets;
  }

  #first(): void {
    const reader = this.#reader;
    this.layout = readHistogramLayout(reader);
    const bucketCount = bucketCountOf(this.layout.positiveSpans) + bucketCountOf(this.layout.negativeSpans);
    if (bucketCount > reader.remainingBits) throw new CodecError("Cannot read a chunk: it ends early");
    this.#numbers = new Float64Array(bucketCount + 2);
    this.timeMs = reader.varbitInt();
    if (this.#isFloat) this.#firstFloats();
    else this.#firstIntegers();
  }

  #firstIntegers(): void {
    const reader = this.#reader;
    const numbers = this.#numbers;
    this.#changes = new Float64Array(numbers.length);
    numbers[0] = reader.varbitUint();
    numbers[1] = reader.varbitUint();
    this.#readFirstSum();
    for (let index = 2; index < numbers.length; index++) numbers[index] = reader.varbitInt();
  }

  #firstFloats(): void {
    this.#windows = [];
    this.#readRaw(0);
    this.#readRaw(1);
    this.#readFirstSum();
    for (let index = 2; index < this.#numbers.length; index++) this.#readRaw(index);
  }

  #readRaw(index: number): void {
    this.#reader.words();
    const window = new XorWindow(this.#reader.high, this.#reader.low);
    this.#windows.push(window);
    this.#numbers[index] = window.value;
  }

  #readFirstSum(): void {
    this.#reader.words();
    this.#sum = new XorWindow(this.#reader.high, this.#reader.low);
    this.isStale = isStaleWords(this.#sum.high, this.#sum.low);
  }

  #following(): void {
    const reader = this.#reader;
    this.#timeChangeMs += reader.varbitInt();
    this.timeMs += this.#timeChangeMs;
    this.#readNumber(0);
    this.#readNumber(1);
    reader.xorValue(this.#sum);
    this.isStale = isStaleWords(this.#sum.high, this.#sum.low);
    // A staleness marker has no buckets.
    if (this.isStale) return;
    for (let index = 2; index < this.#numbers.length; index++) this.#readNumber(index);
  }

  #readNumber(index: number): void {
    const numbers = this.#numbers;
    if (this.#isFloat) {
      const window = this.#windows[index]!;
      this.#reader.xorValue(window);
      numbers[index] = window.value;
      return;
    }
    const change = this.#changes[index]! + this.#reader.varbitInt();
    const number = numbers[index]! + change;
    if (!Number.isSafeInteger(change) || !Number.isSafeInteger(number)) {
      throw new CodecError("Cannot read a whole number: it is beyond 2^53");
    }
    this.#changes[index] = change;
    numbers[index] = number;
  }
}

/** What the two highest bits of a byte say. */
function counterResetOf(byte: number): CounterResetHint {
  const hints: readonly CounterResetHint[] = ["unknown", "notReset", "reset", "gauge"];
  return hints[byte >>> 6]!;
}

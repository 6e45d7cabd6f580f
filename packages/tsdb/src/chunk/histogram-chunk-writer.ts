/**
 * Writes chunks of native histograms (docs/format/histogram-chunk.md). All samples have the buckets of the chunk's layout;
 * HistogramChunkAppender sees to that.
 */
import { BitWriter, staleHigh, staleLow, XorWindow } from "@tatou/kernels";
import type { CounterResetHint, Histogram } from "@tatou/model";
import { type ChunkEncoding, chunkEncoding } from "./chunk-encoding.ts";
import { emptyLayout, type HistogramLayout, writeHistogramLayout } from "./histogram-layout.ts";
import { StartTimeWriter } from "./start-times.ts";

/** A histogram, or null for a staleness marker, and its times. */
export interface HistogramSample {
  readonly timeMs: number;
  readonly histogram: Histogram | null;
  /** 0 where none is known. Left out of chunks without start times. */
  readonly startTimeMs: number;
}

const counterResetBits: Readonly<Record<CounterResetHint, number>> = {
  unknown: 0b00_000000,
  notReset: 0b01_000000,
  reset: 0b10_000000,
  gauge: 0b11_000000,
};

export class HistogramChunkWriter {
  readonly encoding: ChunkEncoding;
  readonly counterReset: CounterResetHint;
  sampleCount = 0;
  minTimeMs = 0;
  maxTimeMs = 0;
  readonly #writer = new BitWriter();
  readonly #startTimes = new StartTimeWriter();
  readonly #isFloat: boolean;
  readonly #hasStartTimes: boolean;
  #deltaMs = 0;
  /** Count, zero count, then the buckets; of integers: each bucket less the one before. */
  #numbers: Float64Array = new Float64Array(0);
  /** Of integers: by how much the numbers changed last. */
  #changes: Float64Array = new Float64Array(0);
  /** Of floats. */
  readonly #windows: XorWindow[] = [];
  #sum = new XorWindow();

  constructor(encoding: ChunkEncoding, counterReset: CounterResetHint) {
    this.encoding = encoding;
    this.counterReset = counterReset;
    this.#isFloat =
      encoding === chunkEncoding.floatHistogram || encoding === chunkEncoding.floatHistogramWithStartTimes;
    this.#hasStartTimes = encoding >= chunkEncoding.histogramWithStartTimes;
    this.#writer.bits(0, 24);
    this.#writeHeader();
  }

  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  /** The chunk so far, valid until the next sample. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.written();
  }

  /** @param layout that of the histogram, if the chunk is empty */
  append(sample: HistogramSample, layout: HistogramLayout): void {
    const { timeMs, startTimeMs } = sample;
    if (this.sampleCount === 0) this.#first(sample, layout);
    else this.#following(sample);
    if (this.#hasStartTimes) {
      this.#startTimes.write(this.#writer, this.sampleCount, { startTimeMs, timeMs, lastTimeMs: this.maxTimeMs });
    }
    this.maxTimeMs = timeMs;
    this.sampleCount++;
    this.#writeHeader();
  }

  #first({ timeMs, histogram }: HistogramSample, layout: HistogramLayout): void {
    const writer = this.#writer;
    writeHistogramLayout(writer, histogram === null ? emptyLayout : layout);
    this.minTimeMs = timeMs;
    this.#numbers = this.#numbersOf(histogram);
    writer.varbitInt(timeMs);
    this.#sum = histogram === null ? new XorWindow(staleHigh, staleLow) : windowAt(histogram.sum);
    this.#changes = new Float64Array(this.#numbers.length);
    this.#writeFirst(0);
    this.#writeFirst(1);
    writer.words(this.#sum.high, this.#sum.low);
    for (let index = 2; index < this.#numbers.length; index++) this.#writeFirst(index);
  }

  #writeFirst(index: number): void {
    const number = this.#numbers[index]!;
    if (this.#isFloat) {
      const window = windowAt(number);
      this.#windows.push(window);
      this.#writer.words(window.high, window.low);
    } else if (index < 2) this.#writer.varbitUint(number);
    else this.#writer.varbitInt(number);
  }

  #following({ timeMs, histogram }: HistogramSample): void {
    const writer = this.#writer;
    const deltaMs = timeMs - this.maxTimeMs;
    writer.varbitInt(deltaMs - this.#deltaMs);
    this.#deltaMs = deltaMs;
    const numbers = this.#numbersOf(histogram);
    this.#writeNumber(0, numbers, histogram === null);
    this.#writeNumber(1, numbers, histogram === null);
    if (histogram === null) writer.xorValue(this.#sum, staleHigh, staleLow);
    else {
      const { high, low } = windowAt(histogram.sum);
      writer.xorValue(this.#sum, high, low);
    }
    for (let index = 2; index < numbers.length; index++) this.#writeNumber(index, numbers, false);
  }

  #writeNumber(index: number, numbers: Float64Array, isStale: boolean): void {
    const number = numbers[index]!;
    if (this.#isFloat) {
      const { high, low } = windowAt(number);
      this.#writer.xorValue(this.#windows[index]!, high, low);
      return;
    }
    if (isStale) {
      this.#writer.varbitInt(0);
      return;
    }
    const change = number - this.#numbers[index]!;
    this.#writer.varbitInt(change - this.#changes[index]!);
    this.#changes[index] = change;
    this.#numbers[index] = number;
  }

  #numbersOf(histogram: Histogram | null): Float64Array {
    if (histogram === null) return new Float64Array(2);
    const { count, zeroCount, positiveBuckets, negativeBuckets } = histogram;
    const numbers = new Float64Array(2 + positiveBuckets.length + negativeBuckets.length);
    numbers[0] = count;
    numbers[1] = zeroCount;
    numbers.set(positiveBuckets, 2);
    numbers.set(negativeBuckets, 2 + positiveBuckets.length);
    if (this.#isFloat) return numbers;
    const negativeStart = 2 + positiveBuckets.length;
    for (let index = numbers.length - 1; index > 2; index--) {
      if (index !== negativeStart) numbers[index]! -= numbers[index - 1]!;
    }
    return numbers;
  }

  #writeHeader(): void {
    const reset = counterResetBits[this.counterReset];
    const countHigh = this.sampleCount >>> 8;
    this.#writer.setByte(0, this.#hasStartTimes ? reset | countHigh : countHigh);
    this.#writer.setByte(1, this.sampleCount);
    this.#writer.setByte(2, this.#hasStartTimes ? this.#startTimes.header : reset);
  }
}

const view = new DataView(new ArrayBuffer(8));

function windowAt(value: number): XorWindow {
  view.setFloat64(0, value);
  // The peer's NaN differs from JavaScript's in its lowest bit.
  return new XorWindow(view.getInt32(0), Number.isNaN(value) ? 1 : view.getInt32(4));
}

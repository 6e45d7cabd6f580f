/**
 * A second reader of chunks, for comparison: written from docs/format alone, over texts of "0" and "1" and BigInt, without a
 * thought for speed. It takes sound chunks only.
 */
import { type BucketSpan, customBucketsSchema, type Histogram } from "@tatou/model";
import type { ChunkData } from "../chunk-data.ts";
import type { AnySample } from "./arbitrary-samples.ts";

const staleBits = 0x7ff0000000000002n;

export function readPlainly({ encoding, bytes }: Pick<ChunkData, "encoding" | "bytes">): AnySample[] {
  const bits = new Bits(bytes);
  const hasStartTimes = encoding >= 4;
  const isHistograms = encoding !== 1 && encoding !== 4;
  const reset = hasStartTimes && isHistograms ? Number(bits.take(2)) : 0;
  const count = Number(bits.take(hasStartTimes && isHistograms ? 14 : 16));
  const flags = hasStartTimes || isHistograms ? Number(bits.take(8)) : 0;
  const startTimes = new StartTimes(bits, hasStartTimes ? flags : 0);
  const samples: AnySample[] = [];
  const next = isHistograms
    ? histogramReader(bits, encoding === 3 || encoding === 6, hasStartTimes ? reset : flags >> 6)
    : floatReader(bits, encoding === 4);
  for (let index = 0; index < count; index++) {
    const { timeMs, value } = next(index);
    const startTimeMs = startTimes.next(index, timeMs, samples.at(-1)?.timeMs ?? 0);
    samples.push({ timeMs, value, startTimeMs });
  }
  return samples;
}

type Next = (index: number) => Pick<AnySample, "timeMs" | "value">;

class Bits {
  #text: string;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#text = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  }

  take(size: number): bigint {
    const bits = this.#text.slice(this.#position, this.#position + size);
    if (bits.length < size) throw new RangeError("the chunk ends early");
    this.#position += size;
    return size === 0 ? 0n : BigInt(`0b${bits}`);
  }

  ones(max: number): number {
    let count = 0;
    while (count < max && this.take(1) === 1n) count++;
    return count;
  }

  uvarint(): bigint {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = this.take(8);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  }

  varint(): bigint {
    const value = this.uvarint();
    return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n;
  }

  varbitUint(): bigint {
    return this.take([0, 3, 6, 9, 12, 18, 25, 56, 64][this.ones(8)]!);
  }

  varbitInt(): bigint {
    const size = [0, 3, 6, 9, 12, 18, 25, 56, 64][this.ones(8)]!;
    const value = this.take(size);
    return size === 64 ? BigInt.asIntN(64, value) : lopsided(value, size);
  }

  /** Ones and zeros of the next XOR, applied to the value before. */
  xor(state: XorState): bigint {
    const code = this.ones(2);
    if (code === 2) this.window(state);
    if (code > 0) this.significant(state);
    return state.value;
  }

  window(state: XorState): void {
    state.leading = Number(this.take(5));
    state.significant = Number(this.take(6)) || 64;
  }

  significant(state: XorState): void {
    state.value ^= this.take(state.significant) << BigInt(64 - state.leading - state.significant);
  }
}

interface XorState {
  value: bigint;
  leading: number;
  significant: number;
}

function stateAt(value: bigint): XorState {
  return { value, leading: 0, significant: 64 };
}

/** The size's most negative pattern means the most positive number. */
function lopsided(bits: bigint, size: number): bigint {
  return bits > (1n << BigInt(size)) >> 1n ? bits - (1n << BigInt(size)) : bits;
}

function floatOf(bits: bigint): number | "stale" {
  return bits === staleBits ? "stale" : new Float64Array(BigUint64Array.of(bits).buffer)[0]!;
}

function numberOf(bits: bigint): number {
  return Number(floatOf(bits));
}

class StartTimes {
  readonly #bits: Bits;
  readonly #isFirstKnown: boolean;
  readonly #firstChange: number;
  #startTimeMs = 0n;
  #offset = 0n;

  constructor(bits: Bits, header: number) {
    this.#bits = bits;
    this.#isFirstKnown = header >= 128;
    this.#firstChange = header % 128;
  }

  next(index: number, timeMs: number, lastTimeMs: number): number {
    if (index === 0 && this.#isFirstKnown) this.#startTimeMs = BigInt(timeMs) - this.#bits.varint();
    if (index > 0 && this.#firstChange > 0 && index >= this.#firstChange) {
      this.#offset += this.#bits.varbitInt();
      this.#startTimeMs = BigInt(lastTimeMs) - this.#offset;
    }
    return Number(this.#startTimeMs);
  }
}

function floatReader(bits: Bits, isXor2: boolean): Next {
  let time = 0n;
  let delta = 0n;
  let state = stateAt(0n);
  let value: number | "stale" = 0;
  const readValue = () => {
    const code = bits.ones(isXor2 ? 3 : 2);
    if (code === 2) bits.window(state);
    if (code === 1 || code === 2) bits.significant(state);
    value = code === 3 ? "stale" : floatOf(state.value);
  };
  const first = () => {
    time = bits.varint();
    const word = bits.take(64);
    value = floatOf(word);
    state = stateAt(isXor2 && value === "stale" ? 0n : word);
  };
  return (index) => {
    if (index === 0) first();
    else if (index === 1) {
      delta = bits.uvarint();
      time += delta;
      readValue();
    } else if (isXor2) {
      const code = bits.ones(5);
      if (code >= 2 && code <= 4) delta += BigInt.asIntN([13, 20, 64][code - 2]!, bits.take([13, 20, 64][code - 2]!));
      time += delta;
      if (code === 1 && bits.take(1) === 1n) bits.window(state);
      if (code === 1) bits.significant(state);
      value = code === 5 ? "stale" : floatOf(state.value);
      if (code >= 2 && code <= 4) readValue();
    } else {
      const code = bits.ones(4);
      const size = [0, 14, 17, 20, 64][code]!;
      delta += size === 64 ? BigInt.asIntN(64, bits.take(64)) : lopsided(bits.take(size), size);
      time += delta;
      readValue();
    }
    return { timeMs: Number(time), value };
  };
}

function histogramReader(bits: Bits, isFloat: boolean, reset: number): Next {
  let layout: Pick<Histogram, "schema" | "zeroThreshold" | "positiveSpans" | "negativeSpans" | "customValues">;
  let time = 0n;
  let delta = 0n;
  let sum = stateAt(0n);
  const numbers: bigint[] = [];
  const changes: bigint[] = [];
  const states: XorState[] = [];
  const firstNumber = (index: number) => {
    if (isFloat) states.push(stateAt(bits.take(64)));
    else {
      numbers.push(index < 2 ? bits.varbitUint() : bits.varbitInt());
      changes.push(0n);
    }
  };
  const nextNumber = (index: number) => {
    if (isFloat) bits.xor(states[index]!);
    else {
      changes[index]! += bits.varbitInt();
      numbers[index]! += changes[index]!;
    }
  };
  return (index) => {
    const read = index === 0 ? firstNumber : nextNumber;
    if (index === 0) {
      layout = readLayout(bits);
      time = bits.varbitInt();
    } else {
      delta += bits.varbitInt();
      time += delta;
    }
    read(0);
    read(1);
    if (index === 0) sum = stateAt(bits.take(64));
    else bits.xor(sum);
    if (floatOf(sum.value) === "stale") return { timeMs: Number(time), value: "stale" };
    const positiveCount = lengthOf(layout.positiveSpans);
    const negativeCount = lengthOf(layout.negativeSpans);
    for (let bucket = 0; bucket < positiveCount + negativeCount; bucket++) read(bucket + 2);
    const all = isFloat ? states.map((state) => numberOf(state.value)) : numbers.map(Number);
    const buckets = (start: number, end: number) => (isFloat ? all.slice(start, end) : summed(all.slice(start, end)));
    return {
      timeMs: Number(time),
      value: {
        countKind: isFloat ? "float" : "integer",
        counterReset: reset === 3 ? "gauge" : index === 0 ? "unknown" : "notReset",
        ...layout,
        count: all[0]!,
        zeroCount: all[1]!,
        sum: numberOf(sum.value),
        positiveBuckets: buckets(2, 2 + positiveCount),
        negativeBuckets: buckets(2 + positiveCount, 2 + positiveCount + negativeCount),
      },
    };
  };
}

function readLayout(bits: Bits) {
  const threshold = Number(bits.take(8));
  const zeroThreshold = threshold === 255 ? numberOf(bits.take(64)) : threshold === 0 ? 0 : 2 ** (threshold - 244);
  const schema = Number(bits.varbitInt());
  const positiveSpans = readSpans(bits);
  const negativeSpans = readSpans(bits);
  const boundCount = schema === customBucketsSchema ? Number(bits.varbitUint()) : 0;
  const customValues = Array.from({ length: boundCount }, () => {
    const thousandths = bits.varbitUint();
    return thousandths === 0n ? numberOf(bits.take(64)) : Number(thousandths - 1n) / 1000;
  });
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues };
}

function readSpans(bits: Bits): BucketSpan[] {
  return Array.from({ length: Number(bits.varbitUint()) }, () => {
    const length = Number(bits.varbitUint());
    return { length, offset: Number(bits.varbitInt()) };
  });
}

function lengthOf(spans: readonly BucketSpan[]): number {
  return spans.reduce((sum, span) => sum + span.length, 0);
}

function summed(differences: readonly number[]): number[] {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

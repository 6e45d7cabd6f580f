/**
 * Writes XOR2 chunks: floats with their start times (docs/format/xor2-chunk.md).
 */
import { BitWriter, isStaleWords, sameWindow, XorWindow, type XorWindowPlanner } from "@tatou/kernels";
import type { SampleRun } from "./sample-run.ts";
import { StartTimeWriter } from "./start-times.ts";

/**
 * The bytes of a chunk with the samples of a run.
 *
 * @param planner finds the windows, if there is one; else a window is kept as long as values fit into it
 */
export function encodeXor2({ column, start, end }: SampleRun, planner: XorWindowPlanner | null): Uint8Array {
  const { timesMs, values, startTimesMs } = column;
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  planner?.makePlan(words, start, end - start, true);
  const encoder = new Xor2Encoder();
  for (let index = start; index < end; index++) {
    const high = words[2 * index + 1 - lowWordIndex]!;
    const low = words[2 * index + lowWordIndex]!;
    const sample = { timeMs: timesMs[index]!, startTimeMs: startTimesMs?.[index] ?? 0 };
    encoder.append(sample, high, low, planner?.plan[index - start]);
  }
  return encoder.bytes();
}

interface SampleTimes {
  readonly timeMs: number;
  readonly startTimeMs: number;
}

class Xor2Encoder {
  readonly #writer = new BitWriter();
  readonly #startTimes = new StartTimeWriter();
  /** At the last value that is not a staleness marker: the next one is XORed with it. */
  readonly #window = new XorWindow();
  #count = 0;
  #timeMs = 0;
  #deltaMs = 0;
  #planned: number | undefined;

  constructor() {
    this.#writer.bits(0, 24);
  }

  bytes(): Uint8Array {
    this.#writer.setByte(0, this.#count >>> 8);
    this.#writer.setByte(1, this.#count);
    this.#writer.setByte(2, this.#startTimes.header);
    return this.#writer.written().slice();
  }

  /** @param window what was planned for the sample, if anything was */
  append({ timeMs, startTimeMs }: SampleTimes, high: number, low: number, window?: number): void {
    this.#planned = window;
    if (this.#count === 0) this.#first(timeMs, high, low);
    else {
      const deltaMs = timeMs - this.#timeMs;
      if (this.#count === 1) {
        this.#writer.uvarint(deltaMs);
        this.#value(high, low);
      } else this.#following(deltaMs - this.#deltaMs, high, low);
      this.#deltaMs = deltaMs;
    }
    this.#startTimes.write(this.#writer, this.#count, { startTimeMs, timeMs, lastTimeMs: this.#timeMs });
    this.#timeMs = timeMs;
    this.#count++;
  }

  #first(timeMs: number, high: number, low: number): void {
    this.#writer.varint(timeMs);
    this.#writer.words(high, low);
    if (isStaleWords(high, low)) return;
    this.#window.high = high;
    this.#window.low = low;
  }

  #following(changeMs: number, high: number, low: number): void {
    const writer = this.#writer;
    if (changeMs === 0) {
      if (isStaleWords(high, low)) writer.bits(0b11111, 5);
      else if (this.#isSame(high, low)) writer.bits(0, 1);
      else {
        writer.bits(0b10, 2);
        const isNew = this.#renewWindow(high, low);
        writer.bits(isNew ? 1 : 0, 1);
        this.#significant(isNew, high, low);
      }
      return;
    }
    if (changeMs >= -4096 && changeMs < 4096) writer.bits((0b110 << 13) | (changeMs & 0x1fff), 16);
    else if (changeMs >= -524_288 && changeMs < 524_288) writer.bits((0b1110 << 20) | (changeMs & 0xfffff), 24);
    else {
      writer.bits(0b11110, 5);
      writer.int64(changeMs);
    }
    this.#value(high, low);
  }

  #value(high: number, low: number): void {
    const writer = this.#writer;
    if (isStaleWords(high, low)) writer.bits(0b111, 3);
    else if (this.#isSame(high, low)) writer.bits(0, 1);
    else {
      const isNew = this.#renewWindow(high, low);
      writer.bits(isNew ? 0b110 : 0b10, isNew ? 3 : 2);
      this.#significant(isNew, high, low);
    }
  }

  /** Goes to the window of a value; false when it is the last one. */
  #renewWindow(high: number, low: number): boolean {
    const planned = this.#planned;
    if (planned === undefined) return this.#window.renew(high ^ this.#window.high, low ^ this.#window.low);
    if (planned === sameWindow) return false;
    this.#window.leadingZeros = planned >>> 8;
    this.#window.trailingZeros = planned & 255;
    return true;
  }

  #significant(isNew: boolean, high: number, low: number): void {
    if (isNew) this.#writer.newWindow(this.#window);
    this.#writer.significantBits(this.#window, high, low);
  }

  #isSame(high: number, low: number): boolean {
    return high === this.#window.high && low === this.#window.low;
  }
}

const lowWordIndex = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

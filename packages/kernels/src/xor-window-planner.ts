/**
 * Finds the windows that make an XOR chunk shortest (docs/format/xor-chunk.md, "Windows").
 *
 * An XOR that is not zero is written in the window at hand for 2 bits and the window's width, or in a new one for 11 bits more
 * (in XOR2 chunks for 1 or 2, and 11 or 12).
 * So the XORs are cut into runs with one window each, which covers the significant bits of all of its run. Going from XOR to
 * XOR, the planner keeps the windows that may be in force there, each with the fewest bits that lead to it:
 *
 *   1. A window that costs 11 bits more than the best one is dropped: opening it at the next XOR is not dearer.
 *   2. At each XOR, windows are opened that fit it and the XORs that follow. A wider one is not worth it where the first n XORs
 *      of its run would have been shorter in a narrower one, by 11 bits together; so not more than 11 XORs are looked at.
 *
 * Hot: runs once per sample that compaction encodes.
 */
import { isStaleWords } from "./stale-words.ts";
import { leadingZerosOf, trailingZerosOf } from "./xor-window.ts";

/** What a new window costs more than the one at hand. */
const newWindowBits = 11;
/** Where no new window is opened, in a plan. */
export const sameWindow = -1;

/** There are no more different windows. */
const windowsMax = 32 * 64;

export class XorWindowPlanner {
  /** Per sample of the last plan: `sameWindow`, or the new window's leading zeros × 256 + trailing zeros. */
  plan = new Int32Array(0);
  /** Of each XOR that is not zero: which sample it is, and its zeros. */
  #samples = new Int32Array(0);
  #leading = new Uint8Array(0);
  #trailing = new Uint8Array(0);
  /** Runs that may be part of the plan: the XOR that each begins at, its window, and the run before. */
  #runStarts = new Int32Array(0);
  #runWindows = new Int32Array(0);
  #runParents = new Int32Array(0);
  #runCount = 0;
  /** Windows that may be in force: each with the bits spent so far, and its run. */
  readonly #windows = new Int32Array(windowsMax);
  readonly #costs = new Int32Array(windowsMax);
  readonly #runs = new Int32Array(windowsMax);
  #windowCount = 0;
  #bestCost = 0;
  #bestRun = -1;

  /**
   * Plans the windows of a chunk.
   *
   * @param words of the values, two each as they lie in memory @param start of the first sample in `words`, in samples
   * @param isXor2 staleness markers are not XORed, and the value after one is with that before it
   */
  makePlan(words: Int32Array, start: number, count: number, isXor2 = false): void {
    this.#reserve(count);
    this.plan.fill(sameWindow, 0, count);
    this.#runCount = 0;
    this.#windowCount = 0;
    this.#bestCost = 0;
    this.#bestRun = -1;
    const xorCount = this.#collect(words, start, count, isXor2);
    for (let index = 0; index < xorCount; index++) this.#step(index, xorCount);
    for (let run = this.#bestRun; run >= 0; run = this.#runParents[run]!) {
      this.plan[this.#samples[this.#runStarts[run]!]!] = this.#runWindows[run]!;
    }
  }

  /** Finds the XORs that are not zero. @returns how many there are */
  #collect(words: Int32Array, start: number, count: number, isXor2: boolean): number {
    let xorCount = 0;
    let lastHigh = 0;
    let lastLow = 0;
    for (let sample = 0; sample < count; sample++) {
      const at = 2 * (start + sample);
      const high = words[at + highWordIndex]!;
      const low = words[at + 1 - highWordIndex]!;
      if (isXor2 && isStaleWords(high, low)) continue;
      const xorHigh = high ^ lastHigh;
      const xorLow = low ^ lastLow;
      lastHigh = high;
      lastLow = low;
      // The first value is written as it is.
      if (sample === 0 || (xorHigh | xorLow) === 0) continue;
      this.#samples[xorCount] = sample;
      this.#leading[xorCount] = leadingZerosOf(xorHigh, xorLow);
      this.#trailing[xorCount] = trailingZerosOf(xorHigh, xorLow);
      xorCount++;
    }
    return xorCount;
  }

  #step(index: number, xorCount: number): void {
    const costBefore = this.#bestCost;
    const runBefore = this.#bestRun;
    this.#bestCost = Number.MAX_SAFE_INTEGER;
    this.#keepFitting(index, costBefore + newWindowBits);
    let leading = this.#leading[index]!;
    let trailing = this.#trailing[index]!;
    let width = 64 - leading - trailing;
    // Wider windows are not worth it from here on.
    let widthLimit = width + newWindowBits;
    this.#open(index, (leading << 8) | trailing, costBefore + newWindowBits + 2 + width, runBefore);
    for (let next = index + 1; next < xorCount && widthLimit > width + 1; next++) {
      leading = Math.min(leading, this.#leading[next]!);
      trailing = Math.min(trailing, this.#trailing[next]!);
      const wider = 64 - leading - trailing;
      if (wider >= widthLimit) break;
      if (wider > width) {
        width = wider;
        this.#open(index, (leading << 8) | trailing, costBefore + newWindowBits + 2 + width, runBefore);
      }
      widthLimit = Math.min(widthLimit, width + newWindowBits / (next - index + 1));
    }
  }

  /** Writes the XOR in all windows that it fits into; the others go, and so do those that cost too much. */
  #keepFitting(index: number, costLimit: number): void {
    const leading = this.#leading[index]!;
    const trailing = this.#trailing[index]!;
    let kept = 0;
    for (let position = 0; position < this.#windowCount; position++) {
      const window = this.#windows[position]!;
      const cost = this.#costs[position]!;
      const windowLeading = window >>> 8;
      const windowTrailing = window & 255;
      if (cost >= costLimit || windowLeading > leading || windowTrailing > trailing) continue;
      this.#put(kept++, window, cost + 66 - windowLeading - windowTrailing, this.#runs[position]!);
    }
    this.#windowCount = kept;
  }

  /** Opens a window, if it does not cost too much or is there already for less. */
  #open(index: number, window: number, cost: number, parent: number): void {
    if (cost >= this.#bestCost + newWindowBits) return;
    let position = 0;
    while (position < this.#windowCount && this.#windows[position] !== window) position++;
    if (position < this.#windowCount && this.#costs[position]! <= cost) return;
    if (position === this.#windowCount) this.#windowCount++;
    const run = this.#runCount++;
    this.#runStarts[run] = index;
    this.#runWindows[run] = window;
    this.#runParents[run] = parent;
    this.#put(position, window, cost, run);
  }

  #put(position: number, window: number, cost: number, run: number): void {
    this.#windows[position] = window;
    this.#costs[position] = cost;
    this.#runs[position] = run;
    if (cost >= this.#bestCost) return;
    this.#bestCost = cost;
    this.#bestRun = run;
  }

  #reserve(count: number): void {
    if (count <= this.plan.length) return;
    this.plan = new Int32Array(count);
    this.#samples = new Int32Array(count);
    this.#leading = new Uint8Array(count);
    this.#trailing = new Uint8Array(count);
    this.#runStarts = new Int32Array(count * newWindowBits);
    this.#runWindows = new Int32Array(count * newWindowBits);
    this.#runParents = new Int32Array(count * newWindowBits);
  }
}

const highWordIndex = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

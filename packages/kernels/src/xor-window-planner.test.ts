import * as fc from "fast-check";
import { expect, test } from "vitest";
import { XorDecoder } from "./xor-decoder.ts";
import { XorEncoder, xorSampleSizeMaxBytes } from "./xor-encoder.ts";
import { leadingZerosOf, trailingZerosOf } from "./xor-window.ts";
import { sameWindow, XorWindowPlanner } from "./xor-window-planner.ts";

const planner = new XorWindowPlanner();

/** Values as counters, gauges and sums have them, and any bits. */
const values = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
      fc.integer({ min: 1_000_000, max: 1_010_000 }),
      fc.double(),
    ),
    { minLength: 1, maxLength: 120 },
  )
  .chain((pool) => fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 150 }));

test("no choice of windows makes a chunk shorter", () =>
  fc.assert(
    fc.property(values, (list) => {
      planner.makePlan(wordsOf(list), 0, list.length);
      expect(plannedBits(list)).toBe(fewestBits(xorsOf(list)));
    }),
    { numRuns: 300 },
  ));

test("what is encoded as planned is decoded as ever", () =>
  fc.assert(
    fc.property(values, fc.nat(5), (list, before) => {
      const words = wordsOf([...Array.from({ length: before }, () => 0.1), ...list]);
      planner.makePlan(words, before, list.length);
      const encoder = new XorEncoder();
      encoder.bytes = new Uint8Array(2 + (list.length + 1) * xorSampleSizeMaxBytes);
      encoder.begin(0);
      list.forEach((_, index) => {
        const at = 2 * (before + index);
        encoder.append(15_000 * index, words[at + 1]!, words[at]!, planner.plan[index]);
      });
      const decoder = new XorDecoder();
      decoder.decode(encoder.bytes, 0, encoder.sizeBytes, list.length);
      expect([...decoder.values.subarray(0, list.length)]).toEqual(list);
    }),
    { numRuns: 100 },
  ));

function wordsOf(list: readonly number[]): Int32Array {
  return new Int32Array(Float64Array.from(list).buffer);
}

interface Xor {
  readonly leading: number;
  readonly trailing: number;
}

/** The XORs that are not zero. */
function xorsOf(list: readonly number[]): Xor[] {
  const words = wordsOf(list);
  return list.slice(1).flatMap((_, index) => {
    const low = words[2 * index]! ^ words[2 * index + 2]!;
    const high = words[2 * index + 1]! ^ words[2 * index + 3]!;
    return high === 0 && low === 0
      ? []
      : [{ leading: leadingZerosOf(high, low), trailing: trailingZerosOf(high, low) }];
  });
}

/** Bits of the XORs that are not zero; fails where one does not fit into its window. */
function plannedBits(list: readonly number[]): number {
  const xors = xorsOf(list);
  let bits = 0;
  let window: Xor | undefined;
  let position = 0;
  for (let sample = 1; sample < list.length; sample++) {
    if (Object.is(list[sample], list[sample - 1])) continue;
    const planned = planner.plan[sample]!;
    if (planned !== sameWindow) {
      window = { leading: planned >>> 8, trailing: planned & 255 };
      bits += 11;
    }
    const xor = xors[position++]!;
    expect(window!.leading).toBeLessThanOrEqual(xor.leading);
    expect(window!.trailing).toBeLessThanOrEqual(xor.trailing);
    bits += 2 + 64 - window!.leading - window!.trailing;
  }
  return bits;
}

/** Tries all ways to cut the XORs into runs. */
function fewestBits(xors: readonly Xor[]): number {
  const fewest = [0];
  for (let end = 1; end <= xors.length; end++) {
    let leading = 64;
    let trailing = 64;
    let best = Number.POSITIVE_INFINITY;
    for (let start = end - 1; start >= 0; start--) {
      leading = Math.min(leading, xors[start]!.leading);
      trailing = Math.min(trailing, xors[start]!.trailing);
      best = Math.min(best, fewest[start]! + 11 + (end - start) * (66 - leading - trailing));
    }
    fewest.push(best);
  }
  return fewest[xors.length]!;
}

/** Sets of series as sorted lists of numbers; see head/postings.ts for more. */
import { uniteDisjoint } from "../head/postings.ts";

/** Below, sorting is as fast as anything. */
const sortedCountMax = 256;
/** A bitmap is worth its memory while it has at most so many words for each number in it. */
const wordsPerNumberMax = 4;

/** The numbers in any of the lists, none of which has one that another has. */
export function unite(lists: readonly Uint32Array[]): Uint32Array {
  if (lists.length === 0) return new Uint32Array(0);
  const count = lists.reduce((sum, list) => sum + list.length, 0);
  const wordCount = wordCountOf(lists);
  const isSparse = wordCount > count * wordsPerNumberMax;
  if (lists.length === 1 || count <= sortedCountMax || isSparse) return uniteDisjoint(lists);
  return numbersOf(bitmapOf(lists), count);
}

/** The numbers of the list that are not in the other one. */
export function subtract(list: Uint32Array, other: Uint32Array): Uint32Array {
  if (other.length === 0) return list;
  const kept = new Uint32Array(list.length);
  let count = 0;
  let position = 0;
  for (const number of list) {
    while (position < other.length && other[position]! < number) position++;
    if (position === other.length || other[position] !== number) kept[count++] = number;
  }
  return kept.subarray(0, count);
}

/** A bit for each number in the lists. */
export function bitmapOf(lists: readonly Uint32Array[]): Uint32Array {
  const bits = new Uint32Array(wordCountOf(lists));
  for (const list of lists) for (const number of list) bits[number >>> 5]! |= 1 << (number & 31);
  return bits;
}

/** Whether one of the numbers has its bit in the map. */
export function hasAny(bits: Uint32Array, numbers: Uint32Array): boolean {
  return numbers.some((number) => (bits[number >>> 5]! & (1 << (number & 31))) !== 0);
}

function wordCountOf(lists: readonly Uint32Array[]): number {
  let max = 0;
  for (const list of lists) max = Math.max(max, list.at(-1) ?? 0);
  return (max >>> 5) + 1;
}

function numbersOf(bits: Uint32Array, countMax: number): Uint32Array {
  const numbers = new Uint32Array(countMax);
  let count = 0;
  for (let index = 0; index < bits.length; index++) {
    for (let word = bits[index]!; word !== 0; word &= word - 1) {
      numbers[count++] = (index << 5) + 31 - Math.clz32(word & -word);
    }
  }
  return numbers.subarray(0, count);
}

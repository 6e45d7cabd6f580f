/**
 * Lists of series refs, ascending. Refs are given out in ascending order and never again, so a new series goes to the end
 * of its lists.
 */
import type { Arena } from "./arena.ts";
import { blockSizeBytes } from "./arena.ts";
import { withRoomFor } from "./columns.ts";

/** Many lists in the arena, each named by a number that the caller chooses. */
export class PostingsStore {
  readonly #arena: Arena;
  #addresses = new Uint32Array(256);
  #counts = new Uint32Array(256);
  #capacities = new Uint32Array(256);

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Starts an empty list. */
  open(list: number): void {
    this.#addresses = withRoomFor(this.#addresses, list);
    this.#counts = withRoomFor(this.#counts, list);
    this.#capacities = withRoomFor(this.#capacities, list);
    this.#addresses[list] = 0;
    this.#counts[list] = 0;
    this.#capacities[list] = 0;
  }

  close(list: number): void {
    if (this.#addresses[list] !== 0) this.#arena.release(this.#addresses[list]!, this.#capacities[list]! * 4);
  }

  count(list: number): number {
    return this.#counts[list]!;
  }

  /** The list itself, not a copy: valid until the next change. */
  refs(list: number): Uint32Array {
    const start = this.#addresses[list]! >>> 2;
    return this.#arena.words.subarray(start, start + this.#counts[list]!);
  }

  add(list: number, ref: number): void {
    const count = this.#counts[list]!;
    if (count === this.#capacities[list]) this.#enlarge(list);
    const { words } = this.#arena;
    const start = this.#addresses[list]! >>> 2;
    let index = start + count;
    // Only a log that was not written in order brings a ref below the last one.
    for (; index > start && words[index - 1]! > ref; index--) words[index] = words[index - 1]!;
    words[index] = ref;
    this.#counts[list] = count + 1;
  }

  /** Drops the refs that `isLive` refuses, and memory when little is left. */
  retain(list: number, isLive: (ref: number) => boolean): void {
    const refs = this.refs(list);
    let kept = 0;
    for (const ref of refs) if (isLive(ref)) refs[kept++] = ref;
    this.#counts[list] = kept;
  }

  #enlarge(list: number): void {
    const count = this.#counts[list]!;
    // A first block of 16 bytes holds four refs: most lists of identifying labels stay that short.
    const sizeBytes = blockSizeBytes(Math.max(16, count < 4096 ? count * 8 : count * 6));
    const address = this.#arena.allocate(sizeBytes);
    const { words } = this.#arena;
    const oldAddress = this.#addresses[list]!;
    if (oldAddress !== 0) {
      words.copyWithin(address >>> 2, oldAddress >>> 2, (oldAddress >>> 2) + count);
      this.#arena.release(oldAddress, this.#capacities[list]! * 4);
    }
    this.#addresses[list] = address;
    this.#capacities[list] = sizeBytes >>> 2;
  }
}

/**
 * The refs in both lists. The shorter list leads, and the longer one is searched in steps that double, so a short list
 * against a long one costs a few comparisons per ref of the short one.
 */
export function intersect(left: Uint32Array, right: Uint32Array): Uint32Array {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  const found = new Uint32Array(short.length);
  let count = 0;
  let position = 0;
  for (const ref of short) {
    position = firstNotBelow(long, ref, position);
    if (position === long.length) break;
    if (long[position] === ref) found[count++] = ref;
  }
  return found.subarray(0, count);
}

/** The refs of lists that have none in common. */
export function uniteDisjoint(lists: readonly Uint32Array[]): Uint32Array {
  if (lists.length === 1) return lists[0]!;
  let count = 0;
  for (const list of lists) count += list.length;
  const united = new Uint32Array(count);
  let position = 0;
  for (const list of lists) {
    united.set(list, position);
    position += list.length;
  }
  return united.sort();
}

function firstNotBelow(refs: Uint32Array, ref: number, start: number): number {
  let step = 1;
  let low = start;
  while (low + step < refs.length && refs[low + step]! < ref) {
    low += step;
    step *= 2;
  }
  let high = Math.min(refs.length, low + step + 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (refs[middle]! < ref) low = middle + 1;
    else high = middle;
  }
  return low;
}

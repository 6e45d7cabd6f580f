/**
 * Collects which series have which label pairs, and gives them back by pair.
 *
 * Pairs get numbers in the order they appear; per series only these numbers are kept, four bytes each. At the end a
 * counting sort turns the rows around: how many series has each pair, where its list begins, then each series into the
 * lists of its pairs. Series come in ascending order, so the lists ascend by themselves.
 */
import { assert } from "@tatou/model";
import { withRoomFor } from "../head/columns.ts";
import { HashIndex } from "../head/hash-index.ts";
import { mixHash } from "../head/symbol-table.ts";
import { twoTo32 } from "./block-layout.ts";

/** A pair and its list; the fields hold until the next call of `next`. */
export interface PairPostings {
  readonly name: number;
  readonly value: number;
  readonly series: Uint32Array;
  next(): boolean;
}

export class PostingsBuilder {
  readonly #index = new HashIndex();
  /** By pair: its symbols. */
  #names = new Uint32Array(1024);
  #values = new Uint32Array(1024);
  #counts = new Uint32Array(1024);
  #pairCount = 0;
  /** Series after series, the pairs it has. */
  #rows = new Uint32Array(4096);
  #rowsLength = 0;
  /** By series in order: its reference, and where its row ends. */
  #series = new Uint32Array(1024);
  #rowEnds = new Uint32Array(1024);
  #seriesCount = 0;

  get pairCount(): number {
    return this.#pairCount;
  }

  /** All series, ascending; valid until the next change. */
  get series(): Uint32Array {
    return this.#series.subarray(0, this.#seriesCount);
  }

  /** Adds a pair to the series that `endSeries` names next. */
  addPair(name: number, value: number): void {
    const pair = this.#intern(name, value);
    this.#counts[pair]!++;
    this.#rows = withRoomFor(this.#rows, this.#rowsLength);
    this.#rows[this.#rowsLength++] = pair;
  }

  /** @param reference above all before */
  endSeries(reference: number): void {
    this.#series = withRoomFor(this.#series, this.#seriesCount);
    this.#rowEnds = withRoomFor(this.#rowEnds, this.#seriesCount);
    this.#series[this.#seriesCount] = reference;
    this.#rowEnds[this.#seriesCount++] = this.#rowsLength;
  }

  /** The lists, by name and value of their pairs. Nothing may be added afterwards. */
  sorted(): PairPostings {
    const order = this.#pairOrder();
    const ends = new Uint32Array(this.#pairCount);
    let end = 0;
    for (const pair of order) {
      ends[pair] = end;
      end += this.#counts[pair]!;
    }
    // Each entry is where the pair's list begins, and moves to its end while the lists fill.
    const lists = new Uint32Array(end);
    let position = 0;
    for (let index = 0; index < this.#seriesCount; index++) {
      const reference = this.#series[index]!;
      for (const rowEnd = this.#rowEnds[index]!; position < rowEnd; position++) {
        const pair = this.#rows[position]!;
        lists[ends[pair]!++] = reference;
      }
    }
    return new PairCursor({ names: this.#names, values: this.#values, order, ends, lists });
  }

  /** Pairs by name and value. Symbols are numbered in the order of their texts, so comparing numbers will do. */
  #pairOrder(): Uint32Array {
    const names = this.#names.slice(0, this.#pairCount).sort();
    const ranks = new Map<number, number>();
    for (const name of names) if (!ranks.has(name)) ranks.set(name, ranks.size);
    assert(ranks.size < 2 ** 21, "rank and value fit into 53 bits");
    const keys = new Float64Array(this.#pairCount);
    for (let pair = 0; pair < this.#pairCount; pair++) {
      keys[pair] = ranks.get(this.#names[pair]!)! * twoTo32 + this.#values[pair]!;
    }
    const sortedKeys = keys.slice().sort();
    const nameOfRank = [...ranks.keys()];
    const order = new Uint32Array(this.#pairCount);
    sortedKeys.forEach((key, position) => {
      const rank = Math.floor(key / twoTo32);
      order[position] = this.#find(nameOfRank[rank]!, key - rank * twoTo32);
    });
    return order;
  }

  #intern(name: number, value: number): number {
    const known = this.#find(name, value);
    if (known !== -1) return known;
    const pair = this.#pairCount++;
    this.#names = withRoomFor(this.#names, pair);
    this.#values = withRoomFor(this.#values, pair);
    this.#counts = withRoomFor(this.#counts, pair);
    this.#names[pair] = name;
    this.#values[pair] = value;
    this.#index.insert(hashOf(name, value), pair);
    return pair;
  }

  /** @returns -1 when there is no such pair */
  #find(name: number, value: number): number {
    const hash = hashOf(name, value);
    const index = this.#index;
    for (let slot = index.start(hash); index.idAt(slot) !== -1; slot = index.next(slot)) {
      const pair = index.idAt(slot);
      if (index.hashAt(slot) === hash && this.#names[pair] === name && this.#values[pair] === value) return pair;
    }
    return -1;
  }
}

interface SortedPairs {
  readonly names: Uint32Array;
  readonly values: Uint32Array;
  /** Pairs in order. */
  readonly order: Uint32Array;
  /** By pair: where its list ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
  readonly lists: Uint32Array;
}

class PairCursor implements PairPostings {
  name = 0;
  value = 0;
  series: Uint32Array = new Uint32Array(0);
  readonly #pairs: SortedPairs;
  #position = 0;
  #end = 0;

  constructor(pairs: SortedPairs) {
    this.#pairs = pairs;
  }

  next(): boolean {
    const { order, names, values, ends, lists } = this.#pairs;
    if (this.#position === order.length) return false;
    const pair = order[this.#position++]!;
    this.name = names[pair]!;
    this.value = values[pair]!;
    this.series = lists.subarray(this.#end, ends[pair]);
    this.#end = ends[pair]!;
    return true;
  }
}

function hashOf(name: number, value: number): number {
  return mixHash(Math.imul(name, 0x9e3779b1) ^ value);
}

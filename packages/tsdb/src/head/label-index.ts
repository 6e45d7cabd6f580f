import { compareStrings, type Label, type Labels } from "@tatou/model";
import type { Arena } from "./arena.ts";
import { withRoomFor } from "./columns.ts";
import { HashIndex } from "./hash-index.ts";
import { PairTable } from "./pair-table.ts";
import { SeriesTable, seriesField } from "./series-table.ts";
import { mixHash } from "./symbol-table.ts";

/** From labels to series and back: the pairs, the series by their pairs, and the order of series by labels. */
export class LabelIndex {
  readonly pairs: PairTable;
  readonly series: SeriesTable;
  readonly #arena: Arena;
  readonly #byPairs = new HashIndex();
  /**
   * The pair at each place of the label sets that were asked for last: series that are new together have most of their pairs
   * in common, place by place.
   */
  #recentPairs = new Uint32Array(64);
  readonly #recentLabels: Label[] = [];
  #recentCount = 0;

  constructor(arena: Arena, hashSeed: number) {
    this.#arena = arena;
    this.pairs = new PairTable(arena, hashSeed);
    this.series = new SeriesTable(arena);
  }

  /** @returns 0 when there is no such series */
  find(labels: Labels): number {
    for (let index = 0; index < labels.length; index++) {
      if (this.#isRecent(index, labels)) continue;
      const pair = this.pairs.find(labels[index]!.name, labels[index]!.value);
      if (pair === -1) return 0;
      this.#setRecent(index, labels, pair);
    }
    return this.#lookUp(this.#recentPairs.subarray(0, labels.length));
  }

  /** Makes the series; there must be none with these labels, and none with this ref. */
  create(ref: number, labels: Labels): void {
    for (let index = 0; index < labels.length; index++) {
      if (this.#isRecent(index, labels)) continue;
      this.#setRecent(index, labels, this.pairs.intern(labels[index]!.name, labels[index]!.value));
    }
    const pairs = this.#recentPairs.subarray(0, labels.length);
    const hash = hashOfPairs(pairs);
    this.series.create(ref, pairs, hash);
    for (const pair of pairs) this.pairs.addSeries(pair, ref);
    this.#byPairs.insert(hash, ref);
  }

  /** Drops series; each list of refs that held some of them is walked once. */
  remove(refs: Uint32Array): void {
    const touched = new Set<number>();
    this.#recentCount = 0;
    for (const ref of refs) {
      for (const pair of this.series.pairsOf(ref)) touched.add(pair);
      this.#byPairs.remove(this.#arena.words[this.series.recordOf(ref) + seriesField.hash]!, ref);
      this.series.remove(ref);
    }
    for (const pair of touched) {
      this.pairs.retainSeries(pair, (ref) => this.series.isLive(ref));
      this.pairs.dropIfUnused(pair);
    }
  }

  labelsOf(ref: number): Label[] {
    const labels: Label[] = [];
    for (const pair of this.series.pairsOf(ref)) labels.push(this.pairs.label(pair));
    return labels;
  }

  /** Sorts refs by the labels of their series, in place: pair by pair, the shorter set first. */
  sortByLabels(refs: Uint32Array): Uint32Array {
    const { pairs, series } = this;
    const { words } = this.#arena;
    return refs.sort((left, right) => {
      const leftRecord = series.recordOf(left);
      const rightRecord = series.recordOf(right);
      const leftPairs = words[leftRecord + seriesField.pairs]! >>> 2;
      const rightPairs = words[rightRecord + seriesField.pairs]! >>> 2;
      const leftCount = words[leftRecord + seriesField.pairCountAndWindow]! >>> 16;
      const rightCount = words[rightRecord + seriesField.pairCountAndWindow]! >>> 16;
      const count = Math.min(leftCount, rightCount);
      for (let index = 0; index < count; index++) {
        const order = pairs.compare(words[leftPairs + index]!, words[rightPairs + index]!);
        if (order !== 0) return order;
      }
      return leftCount - rightCount;
    });
  }

  #lookUp(pairs: Uint32Array): number {
    const index = this.#byPairs;
    const hash = hashOfPairs(pairs);
    for (let slot = index.start(hash); index.idAt(slot) !== -1; slot = index.next(slot)) {
      if (index.hashAt(slot) === hash && equal(this.series.pairsOf(index.idAt(slot)), pairs)) return index.idAt(slot);
    }
    return 0;
  }

  #isRecent(index: number, labels: Labels): boolean {
    if (index >= this.#recentCount) return false;
    const { name, value } = this.#recentLabels[index]!;
    return name === labels[index]!.name && value === labels[index]!.value;
  }

  #setRecent(index: number, labels: Labels, pair: number): void {
    this.#recentPairs = withRoomFor(this.#recentPairs, index);
    this.#recentPairs[index] = pair;
    this.#recentLabels[index] = labels[index]!;
    this.#recentCount = Math.max(this.#recentCount, index + 1);
  }
}

/** A label set as it must be to be stored: sorted, names unique, no empty values. The usual case costs one walk. */
export function normalLabels(labels: Labels): Labels {
  for (let index = 0; index < labels.length; index++) {
    const { name, value } = labels[index]!;
    if (value === "" || (index > 0 && compareStrings(labels[index - 1]!.name, name) >= 0)) return normalized(labels);
  }
  return labels;
}

function normalized(labels: Labels): Labels {
  const byName = new Map<string, Label>();
  for (const label of labels) byName.set(label.name, label);
  return [...byName.values()]
    .filter((label) => label.value !== "")
    .sort((left, right) => compareStrings(left.name, right.name));
}

function hashOfPairs(pairs: Uint32Array): number {
  let hash = 0;
  for (const pair of pairs) hash = mixHash(Math.imul(hash, 31) ^ pair);
  return hash;
}

function equal(left: Uint32Array, right: Uint32Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

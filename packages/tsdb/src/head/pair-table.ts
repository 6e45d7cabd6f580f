import type { Label } from "@tatou/model";
import type { Arena } from "./arena.ts";
import { IdPool, withRoomFor } from "./columns.ts";
import { HashIndex } from "./hash-index.ts";
import { PostingsStore } from "./postings.ts";
import { mixHash, SymbolTable, type SymbolTables } from "./symbol-table.ts";

/** Label objects are made when an answer asks for them and kept for the next; above so many, all are forgotten. */
const labelCacheCountMax = 65536;
/** Marks the end of a chain of pairs; pairs are kept as pair + 1 there. */
const none = 0;

/** The symbols of each pair, by pair. */
export interface PairTables extends SymbolTables {
  readonly pairNames: Uint32Array;
  readonly pairValues: Uint32Array;
}

/**
 * Label pairs: name and value as symbols, the refs of the series that have the pair, and a chain through all pairs of one
 * name, which is what matchers walk. A pair lives as long as a series has it.
 */
export class PairTable {
  readonly #symbols: SymbolTable;
  readonly #postings: PostingsStore;
  readonly #ids = new IdPool();
  readonly #index = new HashIndex();
  #names = new Uint32Array(256);
  #values = new Uint32Array(256);
  #nextOfName = new Uint32Array(256);
  #previousOfName = new Uint32Array(256);
  /** By symbol. */
  #firstOfName = new Uint32Array(256);
  #labelCache: (Label | undefined)[] = [];
  #labelCacheCount = 0;
  #count = 0;

  constructor(arena: Arena, hashSeed: number) {
    this.#symbols = new SymbolTable(arena, hashSeed);
    this.#postings = new PostingsStore(arena);
  }

  get count(): number {
    return this.#count;
  }

  /** Above every pair number in use. */
  get end(): number {
    return this.#ids.end;
  }

  /** @returns -1 when no series has the pair */
  find(name: string, value: string): number {
    const nameSymbol = this.#symbols.find(name);
    const valueSymbol = nameSymbol === -1 ? -1 : this.#symbols.find(value);
    if (valueSymbol === -1) return -1;
    return this.#lookUp(hashOfPair(nameSymbol, valueSymbol), nameSymbol, valueSymbol);
  }

  /** The number of a pair, made if need be. It is the caller's to give it a series, or to `dropIfUnused`. */
  intern(name: string, value: string): number {
    const known = this.find(name, value);
    return known === -1 ? this.#add(name, value) : known;
  }

  /** Pairs of one name: `for (let pair = firstOf(name); pair !== -1; pair = nextOf(pair))`. */
  firstOf(name: string): number {
    const symbol = this.#symbols.find(name);
    return symbol === -1 || symbol >= this.#firstOfName.length ? -1 : this.#firstOfName[symbol]! - 1;
  }

  nextOf(pair: number): number {
    return this.#nextOfName[pair]! - 1;
  }

  label(pair: number): Label {
    const cached = this.#labelCache[pair];
    if (cached !== undefined) return cached;
    if (this.#labelCacheCount === labelCacheCountMax) this.#forgetLabels();
    const label = { name: this.#symbols.text(this.#names[pair]!), value: this.#symbols.text(this.#values[pair]!) };
    this.#labelCache[pair] = label;
    this.#labelCacheCount++;
    return label;
  }

  /** Copies of the tables that lead from pairs to texts, for another thread. */
  tables(): PairTables {
    const names = this.#names.slice(0, this.end);
    return { ...this.#symbols.tables(), pairNames: names, pairValues: this.#values.slice(0, this.end) };
  }

  /** By name, then by value. */
  compare(left: number, right: number): number {
    if (left === right) return 0;
    const byName = this.#symbols.compare(this.#names[left]!, this.#names[right]!);
    return byName === 0 ? this.#symbols.compare(this.#values[left]!, this.#values[right]!) : byName;
  }

  addSeries(pair: number, ref: number): void {
    this.#postings.add(pair, ref);
  }

  seriesCount(pair: number): number {
    return this.#postings.count(pair);
  }

  /** The series that have the pair, ascending; valid until the next change. */
  seriesOf(pair: number): Uint32Array {
    return this.#postings.refs(pair);
  }

  /** Drops the series that `isLive` refuses. */
  retainSeries(pair: number, isLive: (ref: number) => boolean): void {
    this.#postings.retain(pair, isLive);
  }

  dropIfUnused(pair: number): void {
    if (this.#postings.count(pair) > 0) return;
    const name = this.#names[pair]!;
    const value = this.#values[pair]!;
    this.#postings.close(pair);
    this.#unchain(pair, name);
    this.#index.remove(hashOfPair(name, value), pair);
    this.#symbols.release(name);
    this.#symbols.release(value);
    if (this.#labelCache[pair] !== undefined) {
      this.#labelCache[pair] = undefined;
      this.#labelCacheCount--;
    }
    this.#ids.giveBack(pair);
    this.#count--;
  }

  #lookUp(hash: number, name: number, value: number): number {
    const index = this.#index;
    for (let slot = index.start(hash); index.idAt(slot) !== -1; slot = index.next(slot)) {
      const pair = index.idAt(slot);
      if (index.hashAt(slot) === hash && this.#names[pair] === name && this.#values[pair] === value) return pair;
    }
    return -1;
  }

  #add(name: string, value: string): number {
    const nameSymbol = this.#symbols.retain(name);
    const valueSymbol = this.#symbols.retain(value);
    const pair = this.#ids.take();
    this.#names = withRoomFor(this.#names, pair);
    this.#values = withRoomFor(this.#values, pair);
    this.#nextOfName = withRoomFor(this.#nextOfName, pair);
    this.#previousOfName = withRoomFor(this.#previousOfName, pair);
    this.#firstOfName = withRoomFor(this.#firstOfName, nameSymbol);
    this.#names[pair] = nameSymbol;
    this.#values[pair] = valueSymbol;
    this.#postings.open(pair);
    this.#chain(pair, nameSymbol);
    this.#index.insert(hashOfPair(nameSymbol, valueSymbol), pair);
    this.#count++;
    return pair;
  }

  #chain(pair: number, name: number): void {
    const first = this.#firstOfName[name]!;
    this.#nextOfName[pair] = first;
    this.#previousOfName[pair] = none;
    if (first !== none) this.#previousOfName[first - 1] = pair + 1;
    this.#firstOfName[name] = pair + 1;
  }

  #unchain(pair: number, name: number): void {
    const next = this.#nextOfName[pair]!;
    const previous = this.#previousOfName[pair]!;
    if (next !== none) this.#previousOfName[next - 1] = previous;
    if (previous === none) this.#firstOfName[name] = next;
    else this.#nextOfName[previous - 1] = next;
  }

  #forgetLabels(): void {
    this.#labelCache = [];
    this.#labelCacheCount = 0;
  }
}

function hashOfPair(name: number, value: number): number {
  return mixHash(Math.imul(name, 0x9e3779b1) ^ value);
}

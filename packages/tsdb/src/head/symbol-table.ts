import type { Arena } from "./arena.ts";
import { IdPool, withRoomFor } from "./columns.ts";
import { HashIndex } from "./hash-index.ts";

/** Where the UTF-8 of each symbol is in the arena, by symbol. */
export interface SymbolTables {
  readonly symbolAddresses: Uint32Array;
  readonly symbolLengths: Uint32Array;
}

/**
 * Label names and values, each distinct text once, as UTF-8 in the arena. They are kept as bytes because a JavaScript
 * string cut from a scrape would keep the whole body alive, and because a worker can read bytes.
 */
export class SymbolTable {
  readonly #arena: Arena;
  readonly #ids = new IdPool();
  readonly #index = new HashIndex();
  readonly #hashSeed: number;
  #addresses = new Uint32Array(256);
  #lengths = new Uint32Array(256);
  #hashes = new Uint32Array(256);
  #useCounts = new Uint32Array(256);
  /** The text last looked for, as bytes. */
  #scratch = Buffer.allocUnsafe(1024);
  #scratchLength = 0;

  /** @param hashSeed from a random source, so that nobody outside can prepare texts that collide */
  constructor(arena: Arena, hashSeed: number) {
    this.#arena = arena;
    this.#hashSeed = hashSeed;
  }

  /** @returns -1 when the text is not known */
  find(text: string): number {
    this.#encode(text);
    return this.#lookUp(this.#hash());
  }

  /** The symbol of a text, made if need be, with one more user. */
  retain(text: string): number {
    this.#encode(text);
    const hash = this.#hash();
    let symbol = this.#lookUp(hash);
    if (symbol === -1) symbol = this.#add(hash);
    this.#useCounts[symbol]!++;
    return symbol;
  }

  /** Takes one user away; the last one takes the symbol with it. */
  release(symbol: number): void {
    if (--this.#useCounts[symbol]! > 0) return;
    this.#index.remove(this.#hashes[symbol]!, symbol);
    this.#arena.release(this.#addresses[symbol]!, Math.max(1, this.#lengths[symbol]!));
    this.#ids.giveBack(symbol);
  }

  text(symbol: number): string {
    const address = this.#addresses[symbol]!;
    return Buffer.from(this.#arena.bytes.buffer, address, this.#lengths[symbol]).toString("utf8");
  }

  /** Copies of the tables that lead from symbols to their bytes, for another thread. */
  tables(): SymbolTables {
    const addresses = this.#addresses.slice(0, this.#ids.end);
    return { symbolAddresses: addresses, symbolLengths: this.#lengths.slice(0, this.#ids.end) };
  }

  /** The order of the texts by their bytes. */
  compare(left: number, right: number): number {
    if (left === right) return 0;
    const { bytes } = this.#arena;
    const leftAddress = this.#addresses[left]!;
    const rightAddress = this.#addresses[right]!;
    const length = Math.min(this.#lengths[left]!, this.#lengths[right]!);
    for (let index = 0; index < length; index++) {
      const difference = bytes[leftAddress + index]! - bytes[rightAddress + index]!;
      if (difference !== 0) return difference;
    }
    return this.#lengths[left]! - this.#lengths[right]!;
  }

  #add(hash: number): number {
    const address = this.#arena.allocate(Math.max(1, this.#scratchLength));
    this.#arena.bytes.set(this.#scratch.subarray(0, this.#scratchLength), address);
    const symbol = this.#ids.take();
    this.#addresses = withRoomFor(this.#addresses, symbol);
    this.#lengths = withRoomFor(this.#lengths, symbol);
    this.#hashes = withRoomFor(this.#hashes, symbol);
    this.#useCounts = withRoomFor(this.#useCounts, symbol);
    this.#addresses[symbol] = address;
    this.#lengths[symbol] = this.#scratchLength;
    this.#hashes[symbol] = hash;
    this.#useCounts[symbol] = 0;
    this.#index.insert(hash, symbol);
    return symbol;
  }

  #encode(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    if (text.length * 3 > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(text.length * 3);
    const scratch = this.#scratch;
    this.#scratchLength = text.length;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 127) {
        // Most texts are short and ASCII, for which the loop is faster than a call into the runtime.
        this.#scratchLength = scratch.write(text, 0, "utf8");
        return;
      }
      scratch[index] = unit;
    }
  }

  #hash(): number {
    const bytes = this.#scratch;
    let hash = this.#hashSeed;
    for (let index = 0; index < this.#scratchLength; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
    return mixHash(hash);
  }

  #lookUp(hash: number): number {
    const index = this.#index;
    for (let slot = index.start(hash); index.idAt(slot) !== -1; slot = index.next(slot)) {
      if (index.hashAt(slot) === hash && this.#isScratch(index.idAt(slot))) return index.idAt(slot);
    }
    return -1;
  }

  #isScratch(symbol: number): boolean {
    const length = this.#lengths[symbol]!;
    if (length !== this.#scratchLength) return false;
    const { bytes } = this.#arena;
    const address = this.#addresses[symbol]!;
    for (let index = 0; index < length; index++) if (bytes[address + index] !== this.#scratch[index]) return false;
    return true;
  }
}

/** Spreads every bit over the whole word (the last steps of MurmurHash3); unsigned. */
export function mixHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

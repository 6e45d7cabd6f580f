import { randomInt } from "node:crypto";

/** So that no target can know which texts have the same hash. */
const seed = randomInt(2 ** 32);

const firstSlotCount = 64;

/**
 * Finds series texts by their bytes: an open-addressing table of numbers that its owner gives the texts. Lives only while a
 * body is read whose lines have moved.
 */
export class SeriesTextIndex {
  /** Number + 1; 0 is free. */
  #slots = new Int32Array(firstSlotCount);
  #hashes = new Uint32Array(firstSlotCount);
  #count = 0;

  /** @param isSame whether the text of a number is the one that has this hash; -1 when there is none */
  find(hash: number, isSame: (number: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (this.#hashes[slot] === hash && isSame(number)) return number;
    }
    return -1;
  }

  /** Adds a text that `find` did not find. */
  add(hash: number, number: number): void {
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    this.#insert(hash, number + 1);
    this.#count++;
  }

  #insert(hash: number, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
    this.#hashes[slot] = hash;
  }

  #grow(): void {
    const slots = this.#slots;
    const hashes = this.#hashes;
    this.#slots = new Int32Array(slots.length * 2);
    this.#hashes = new Uint32Array(slots.length * 2);
    for (let slot = 0; slot < slots.length; slot++) if (slots[slot] !== 0) this.#insert(hashes[slot]!, slots[slot]!);
  }
}

/** FNV-1a over bytes, with its high bits folded in. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

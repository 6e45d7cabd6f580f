/**
 * Finds ids by 32-bit hashes: open addressing with linear probing in two typed arrays, half full at most. The table knows
 * hashes only; whoever asks walks the candidates and compares the real keys:
 *
 *   for (let slot = table.start(hash); table.idAt(slot) !== -1; slot = table.next(slot)) { ... }
 */
export class HashIndex {
  /** id + 1; 0 is empty. */
  #entries: Uint32Array;
  #hashes: Uint32Array;
  #count = 0;

  constructor(capacity = 1024) {
    this.#entries = new Uint32Array(capacity);
    this.#hashes = new Uint32Array(capacity);
  }

  start(hash: number): number {
    return hash & (this.#entries.length - 1);
  }

  next(slot: number): number {
    return (slot + 1) & (this.#entries.length - 1);
  }

  /** -1 where the candidates end. */
  idAt(slot: number): number {
    return this.#entries[slot]! - 1;
  }

  hashAt(slot: number): number {
    return this.#hashes[slot]!;
  }

  /** @param hash unsigned */
  insert(hash: number, id: number): void {
    if (this.#count * 2 >= this.#entries.length) this.#double();
    this.#put(hash, id);
    this.#count++;
  }

  remove(hash: number, id: number): void {
    let hole = this.start(hash);
    while (this.idAt(hole) !== id) {
      if (this.idAt(hole) === -1) return;
      hole = this.next(hole);
    }
    this.#count--;
    // Entries behind the hole move into it unless they would then stand before their own start.
    const mask = this.#entries.length - 1;
    for (let slot = this.next(hole); this.#entries[slot] !== 0; slot = this.next(slot)) {
      const distanceToStart = (slot - this.start(this.#hashes[slot]!)) & mask;
      if (distanceToStart >= ((slot - hole) & mask)) {
        this.#entries[hole] = this.#entries[slot]!;
        this.#hashes[hole] = this.#hashes[slot]!;
        hole = slot;
      }
    }
    this.#entries[hole] = 0;
  }

  #put(hash: number, id: number): void {
    let slot = this.start(hash);
    while (this.#entries[slot] !== 0) slot = this.next(slot);
    this.#entries[slot] = id + 1;
    this.#hashes[slot] = hash;
  }

  #double(): void {
    const entries = this.#entries;
    const hashes = this.#hashes;
    this.#entries = new Uint32Array(entries.length * 2);
    this.#hashes = new Uint32Array(entries.length * 2);
    for (let slot = 0; slot < entries.length; slot++) {
      if (entries[slot] !== 0) this.#put(hashes[slot]!, entries[slot]! - 1);
    }
  }
}

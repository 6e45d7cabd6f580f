/**
 * Counts the most frequent items of a stream in bounded space, after Misra and Gries: an item that makes up more than
 * 1/capacity of the stream keeps a count, and a count is never above the truth. When no room is left, every count loses
 * one, which makes room for what comes often.
 */
export class FrequentItems {
  readonly #capacity: number;
  readonly #counts = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Counts one occurrence and gives the count so far; 0 when the item found no room. */
  add(item: string): number {
    const count = this.#counts.get(item);
    if (count === undefined && this.#counts.size >= this.#capacity) {
      this.#decrementAll();
      return 0;
    }
    const next = (count ?? 0) + 1;
    this.#counts.set(item, next);
    return next;
  }

  delete(item: string): void {
    this.#counts.delete(item);
  }

  get size(): number {
    return this.#counts.size;
  }

  #decrementAll(): void {
    for (const [item, count] of this.#counts) {
      if (count === 1) this.#counts.delete(item);
      else this.#counts.set(item, count - 1);
    }
  }
}

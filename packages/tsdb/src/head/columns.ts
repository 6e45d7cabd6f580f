/** The array itself when it has room for an index, else a copy of twice the size or more. */
export function withRoomFor(array: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
  if (index < array.length) return array;
  const grown = new Uint32Array(Math.max(index + 1, array.length * 2));
  grown.set(array);
  return grown;
}

/** Hands out small dense ids, used ones first, so that columns indexed by them stay short. */
export class IdPool {
  /** Above every id that was ever given out. */
  end = 0;
  #free = new Uint32Array(16);
  #freeCount = 0;

  take(): number {
    return this.#freeCount > 0 ? this.#free[--this.#freeCount]! : this.end++;
  }

  giveBack(id: number): void {
    this.#free = withRoomFor(this.#free, this.#freeCount);
    this.#free[this.#freeCount++] = id;
  }
}

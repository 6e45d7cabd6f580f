import type { Arena } from "./arena.ts";

/**
 * Decides when memory that queries may still read is free. A selection holds addresses; what the head lets go of while
 * selections are open waits until all that were opened before are closed.
 *
 * Two generations are enough: readers enter the current one; what is let go of waits in the current one; when the older
 * generation has no readers left, what waits there is free, and the current generation becomes the older one.
 */
export class Epochs {
  readonly #arena: Arena;
  #current: Generation = newGeneration();
  #older: Generation = newGeneration();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get openCount(): number {
    return this.#current.readerCount + this.#older.readerCount;
  }

  /** Begins reading; what is returned ends it, by `leave`, exactly once. */
  enter(): Generation {
    this.#current.readerCount++;
    return this.#current;
  }

  leave(generation: Generation): void {
    generation.readerCount--;
    this.#turn();
  }

  /** Frees a block as soon as nobody can be reading it. */
  release(address: number, sizeBytes: number): void {
    if (this.openCount === 0) this.#arena.release(address, sizeBytes);
    else pushWaiting(this.#current, address, sizeBytes);
  }

  /** Does something as soon as nobody can be reading what is let go of before this call. */
  afterReaders(action: () => void): void {
    if (this.openCount === 0) action();
    else this.#current.actions.push(action);
  }

  #turn(): void {
    while (this.#older.readerCount === 0 && (isWaiting(this.#older) || isWaiting(this.#current))) {
      this.#free(this.#older);
      const emptied = this.#older;
      this.#older = this.#current;
      this.#current = emptied;
    }
  }

  #free(generation: Generation): void {
    for (let index = 0; index < generation.waitingCount; index += 2) {
      this.#arena.release(generation.waiting[index]!, generation.waiting[index + 1]!);
    }
    generation.waitingCount = 0;
    for (const action of generation.actions.splice(0)) action();
  }
}

/** Readers that began in one period, and the blocks let go of in it: address, size, address, size, ... */
export interface Generation {
  readerCount: number;
  waiting: Uint32Array;
  waitingCount: number;
  readonly actions: (() => void)[];
}

function newGeneration(): Generation {
  return { readerCount: 0, waiting: new Uint32Array(64), waitingCount: 0, actions: [] };
}

function isWaiting(generation: Generation): boolean {
  return generation.waitingCount > 0 || generation.actions.length > 0;
}

function pushWaiting(generation: Generation, address: number, sizeBytes: number): void {
  if (generation.waitingCount === generation.waiting.length) {
    const grown = new Uint32Array(generation.waiting.length * 2);
    grown.set(generation.waiting);
    generation.waiting = grown;
  }
  generation.waiting[generation.waitingCount++] = address;
  generation.waiting[generation.waitingCount++] = sizeBytes;
}

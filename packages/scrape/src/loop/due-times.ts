import type { Clock } from "@tatou/model";

/**
 * Calls back at given times. Whoever is due at the same time shares one wake-up: what runs seldom is several times dearer
 * than what runs again at once.
 */
export class DueTimes {
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  readonly #callbacks = new Map<number, Set<() => void>>();

  /** @param closing nobody is called any more once it is aborted */
  constructor(clock: Clock, closing: AbortSignal) {
    this.#clock = clock;
    this.#closing = closing;
  }

  /** Calls back once at a time, as `Clock.sleepUntil` has it. @returns what calls it off */
  at(timeMs: number, callback: () => void): () => void {
    let callbacks = this.#callbacks.get(timeMs);
    if (callbacks === undefined) {
      callbacks = new Set();
      this.#callbacks.set(timeMs, callbacks);
      void this.#wake(timeMs, callbacks);
    }
    callbacks.add(callback);
    return callbacks.delete.bind(callbacks, callback);
  }

  async #wake(timeMs: number, callbacks: ReadonlySet<() => void>): Promise<void> {
    try {
      await this.#clock.sleepUntil(timeMs, this.#closing);
    } catch {
      return;
    } finally {
      // Who comes from here on with this time is late already and gets a wake-up of its own.
      this.#callbacks.delete(timeMs);
    }
    for (const callback of callbacks) callback();
  }
}

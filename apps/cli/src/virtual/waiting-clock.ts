import type { Clock } from "@tatou/model";

/**
 * A clock on which tracked work may sleep, for a program that answers late on purpose. A clock that stands still while
 * work is under way would wait for that sleep, which waits for the clock; here, what sleeps is not under way.
 */
export class WaitingClock implements Clock {
  readonly #clock: Clock;
  #workingCount = 0;
  /** Lets the clock below go on; null while nothing is under way. */
  #letGo: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  sleepUntil(timeMs: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(timeMs - this.nowMs(), signal);
  }

  /** To be called from tracked work alone. */
  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    this.#end();
    try {
      await this.#clock.sleep(durationMs, signal);
    } finally {
      // Within the turn that the clock below gives to whom it woke.
      this.#begin();
    }
  }

  schedule(durationMs: number, callback: () => void): () => void {
    return this.#clock.schedule(durationMs, callback);
  }

  track<T>(work: Promise<T>): Promise<T> {
    this.#begin();
    const end = (): void => this.#end();
    work.then(end, end);
    return work;
  }

  #begin(): void {
    this.#workingCount++;
    if (this.#letGo !== null) return;
    void this.#clock.track(
      new Promise<void>((resolve) => {
        this.#letGo = resolve;
      }),
    );
  }

  #end(): void {
    this.#workingCount--;
    if (this.#workingCount > 0) return;
    this.#letGo?.();
    this.#letGo = null;
  }
}

import { type Clock, sleepOn } from "./clock.ts";

/** A clock that stands still until it is told to move: for tests, drills and backtests. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: VirtualTimer[] = [];
  #timerCount = 0;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #yieldTurn: () => Promise<void>;

  /**
   * @param startMs what `nowMs` says at first
   * @param yieldTurn resolves when the platform has run what is ready (in Node: setImmediate), so that promise chains
   *   between timers can finish; by default a few turns of the microtask queue
   */
  constructor(startMs = 0, yieldTurn: () => Promise<void> = yieldMicrotasks) {
    this.#nowMs = startMs;
    this.#yieldTurn = yieldTurn;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleepUntil(timeMs: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(timeMs - this.#nowMs, signal);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, durationMs, signal);
  }

  schedule(durationMs: number, callback: () => void): () => void {
    const timer: VirtualTimer = { dueMs: this.#nowMs + Math.max(0, durationMs), order: this.#timerCount++, callback };
    const index = this.#timers.findIndex((other) => isBefore(timer, other));
    this.#timers.splice(index === -1 ? this.#timers.length : index, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  track<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    const forget = (): void => void this.#pending.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Moves time forward, firing timers in order and waiting at each for tracked work to settle. */
  async advanceTo(timeMs: number): Promise<void> {
    await this.#settle();
    for (let timer = this.#timers[0]; timer !== undefined && timer.dueMs <= timeMs; timer = this.#timers[0]) {
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.callback();
      await this.#settle();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }

  async advance(durationMs: number): Promise<void> {
    await this.advanceTo(this.#nowMs + durationMs);
  }

  async #settle(): Promise<void> {
    await this.#yieldTurn();
    while (this.#pending.size > 0) {
      await Promise.allSettled([...this.#pending]);
      await this.#yieldTurn();
    }
  }
}

interface VirtualTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

function isBefore(timer: VirtualTimer, other: VirtualTimer): boolean {
  return timer.dueMs < other.dueMs || (timer.dueMs === other.dueMs && timer.order < other.order);
}

async function yieldMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

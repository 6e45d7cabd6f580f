import { type Clock, sleepOn } from "./clock.ts";

/** A clock that stands still until it is told to move: for tests, drills and backtests. */
export class VirtualClock implements Clock {
  #monotonicMs: number;
  /** How far `step` has moved the wall clock away from the monotonic one. */
  #steppedMs = 0;
  /** In the order in which they are due. */
  readonly #timers: VirtualTimer[] = [];
  #timerCount = 0;
  #pendingCount = 0;
  /** Called when nothing is pending any more. */
  #drainWaiters: (() => void)[] = [];
  readonly #yieldTurn: () => Promise<void>;

  /**
   * @param startMs what `nowMs` says at first
   * @param yieldTurn resolves when the platform has run what is ready (in Node: setImmediate), so that promise chains
   *   between timers can finish; by default a few turns of the microtask queue
   */
  constructor(startMs = 0, yieldTurn: () => Promise<void> = yieldMicrotasks) {
    this.#monotonicMs = startMs;
    this.#yieldTurn = yieldTurn;
  }

  nowMs(): number {
    return this.#monotonicMs + this.#steppedMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleepUntil(timeMs: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(timeMs - this.nowMs(), signal);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, durationMs, signal);
  }

  schedule(durationMs: number, callback: () => void): () => void {
    const dueMs = this.#monotonicMs + Math.max(0, durationMs);
    const timer: VirtualTimer = { dueMs, order: this.#timerCount++, callback };
    this.#timers.splice(placeOf(timer, this.#timers), 0, timer);
    return () => {
      const index = placeOf(timer, this.#timers) - 1;
      if (this.#timers[index] === timer) this.#timers.splice(index, 1);
    };
  }

  track<T>(work: Promise<T>): Promise<T> {
    this.#pendingCount++;
    const forget = (): void => {
      this.#pendingCount--;
      if (this.#pendingCount === 0) for (const resume of this.#drainWaiters.splice(0)) resume();
    };
    work.then(forget, forget);
    return work;
  }

  /** Moves time forward, firing timers in order and waiting at each for tracked work to settle. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#monotonicMs + Math.max(0, durationMs);
    await this.#settle();
    for (let timer = this.#timers[0]; timer !== undefined && timer.dueMs <= endMs; timer = this.#timers[0]) {
      this.#timers.shift();
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
      timer.callback();
      await this.#settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, endMs);
  }

  async advanceTo(timeMs: number): Promise<void> {
    await this.advance(timeMs - this.nowMs());
  }

  /** Sets the wall clock forward or back while no time passes, as a person or a time server does to a machine. */
  step(byMs: number): void {
    this.#steppedMs += byMs;
  }

  async #settle(): Promise<void> {
    await this.#yieldTurn();
    while (this.#pendingCount > 0) {
      await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
      await this.#yieldTurn();
    }
  }
}

interface VirtualTimer {
  /** Monotonic. */
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Where a timer belongs: behind those that are due before it, itself included when it is among them. */
function placeOf(timer: VirtualTimer, timers: readonly VirtualTimer[]): number {
  let start = 0;
  let end = timers.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (isBefore(timer, timers[middle]!)) end = middle;
    else start = middle + 1;
  }
  return start;
}

function isBefore(timer: VirtualTimer, other: VirtualTimer): boolean {
  return timer.dueMs < other.dueMs || (timer.dueMs === other.dueMs && timer.order < other.order);
}

async function yieldMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

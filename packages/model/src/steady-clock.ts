import { type Clock, SystemClock, type TimerHost } from "./clock.ts";

/** How fast time goes while it waits for a wall clock that was set back to catch up. */
const catchingUpPace = 0.75;
/** Timers of whole milliseconds may fire a little early, which is not worth another one. */
const earlyToleranceMs = 2;

/**
 * The clock on the wall, but never stepping back. When the wall clock is set back, time goes on at three quarters of its
 * pace until the wall clock has caught up; when it is set forward, time follows at once, as after a pause of the machine.
 *
 * For a program that stores samples: what is older than a series' newest sample is refused, so a clock that steps back an
 * hour would blind it for an hour.
 */
export class SteadyClock implements Clock {
  readonly #host: TimerHost;
  readonly #timers: SystemClock;
  #lastMs: number;
  #lastMonotonicMs: number;

  constructor(host: TimerHost) {
    this.#host = host;
    this.#timers = new SystemClock(host);
    this.#lastMs = host.nowMs();
    this.#lastMonotonicMs = host.monotonicMs();
  }

  nowMs(): number {
    const monotonicMs = this.#host.monotonicMs();
    const soonestMs = this.#lastMs + (monotonicMs - this.#lastMonotonicMs) * catchingUpPace;
    this.#lastMs = Math.max(this.#host.nowMs(), soonestMs);
    this.#lastMonotonicMs = monotonicMs;
    return Math.floor(this.#lastMs);
  }

  monotonicMs(): number {
    return this.#host.monotonicMs();
  }

  /** Sleeps again as long as this clock, which may be slower than the timers, has not come to the time. */
  async sleepUntil(timeMs: number, signal?: AbortSignal): Promise<void> {
    do await this.sleep(timeMs - this.nowMs(), signal);
    while (this.nowMs() < timeMs - earlyToleranceMs);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.#timers.sleep(durationMs, signal);
  }

  schedule(durationMs: number, callback: () => void): () => void {
    return this.#timers.schedule(durationMs, callback);
  }

  track<T>(work: Promise<T>): Promise<T> {
    return work;
  }
}

/**
 * Seam 1: every wait and every "now" goes through a clock, so that a test, a drill or a backtest can play a day in a
 * second. Work that was begun is tracked: virtual time moves on only when all of it has settled.
 */
export interface Clock {
  /** Milliseconds since 1970; may be fractional, and may step forward or back when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds from any fixed point; never steps back. For durations. */
  monotonicMs(): number;
  /**
   * Resolves at the given time as things stand now, at once when that is past: a step of the clock meanwhile changes
   * nothing. Rejects with the signal's reason when aborted. Somebody waits for the end of a sleep, so in real time it
   * keeps the process alive.
   */
  sleepUntil(timeMs: number, signal?: AbortSignal): Promise<void>;
  /** Resolves after a duration; rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after a duration; the returned function cancels it. Never keeps a process alive by itself. */
  schedule(durationMs: number, callback: () => void): () => void;
  /**
   * Marks work as under way until it settles; gives the promise back. A no-op in real time. Who does work outside of
   * promises (files, threads, sockets) tracks it. Tracked work must not wait for this clock: time stands until it settles.
   */
  track<T>(work: Promise<T>): Promise<T>;
}

/** What a real clock needs from its platform. */
export interface TimerHost {
  nowMs(): number;
  monotonicMs(): number;
  /** @param holdsProcess whether the process must stay alive until the timer has fired; a browser page ignores it */
  setTimer(callback: () => void, delayMs: number, holdsProcess: boolean): unknown;
  clearTimer(timer: unknown): void;
}

/** Platform timers overflow beyond 2^31-1 ms and then fire at once, so longer waits are taken in pieces. */
const longestTimerMs = 2_147_483_647;

/** The clock on the wall. */
export class SystemClock implements Clock {
  readonly #host: TimerHost;

  constructor(host: TimerHost) {
    this.#host = host;
  }

  nowMs(): number {
    return this.#host.nowMs();
  }

  monotonicMs(): number {
    return this.#host.monotonicMs();
  }

  async sleepUntil(timeMs: number, signal?: AbortSignal): Promise<void> {
    await this.sleep(timeMs - this.nowMs(), signal);
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn({ schedule: (delayMs, callback) => this.#start(delayMs, callback, true) }, durationMs, signal);
  }

  schedule(durationMs: number, callback: () => void): () => void {
    return this.#start(durationMs, callback, false);
  }

  track<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  #start(durationMs: number, callback: () => void, holdsProcess: boolean): () => void {
    let leftMs = Math.max(0, durationMs);
    let timer: unknown;
    const arm = (): void => {
      const pieceMs = Math.min(leftMs, longestTimerMs);
      leftMs -= pieceMs;
      timer = this.#host.setTimer(leftMs > 0 ? arm : callback, pieceMs, holdsProcess);
    };
    arm();
    return () => this.#host.clearTimer(timer);
  }
}

/** One promise-shaped wait over `schedule`, shared by all clocks. */
export function sleepOn(clock: Pick<Clock, "schedule">, durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal!.reason);
    };
    const cancel = clock.schedule(durationMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

import type { LimiterName } from "../metrics/usage-metrics.ts";

/** One limit: so many uses per key in a window that starts with the first use. */
export interface RateLimit {
  readonly name: LimiterName;
  readonly countMax: number;
  readonly windowMs: number;
}

interface Window {
  readonly startMs: number;
  count: number;
}

/** Beyond so many keys, new ones are refused: a limiter that forgets under load is none. */
const keyCountMax = 50_000;

/** Counts uses in memory, per key and window. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #nowMs: () => number;
  /** In order of their start, so that expired windows stand first. */
  readonly #windows = new Map<string, Window>();

  constructor(limit: RateLimit, nowMs: () => number) {
    this.#limit = limit;
    this.#nowMs = nowMs;
  }

  get name(): LimiterName {
    return this.#limit.name;
  }

  /** Counts one use. Gives 0 when it is allowed, else the seconds (1 or more) until the next one may be. */
  use(key: string): number {
    const waitSeconds = this.waitSeconds(key);
    if (waitSeconds > 0) return waitSeconds;
    const window = this.#windows.get(key);
    if (window === undefined) this.#windows.set(key, { startMs: this.#nowMs(), count: 1 });
    else window.count++;
    return 0;
  }

  /** What `use` would give, without counting. */
  waitSeconds(key: string): number {
    this.#dropExpired();
    const window = this.#windows.get(key);
    if (window === undefined) return this.#windows.size < keyCountMax ? 0 : toSeconds(this.#limit.windowMs);
    if (window.count < this.#limit.countMax) return 0;
    return toSeconds(window.startMs + this.#limit.windowMs - this.#nowMs());
  }

  #dropExpired(): void {
    const expiredMs = this.#nowMs() - this.#limit.windowMs;
    for (const [key, window] of this.#windows) {
      if (window.startMs > expiredMs) return;
      this.#windows.delete(key);
    }
  }
}

function toSeconds(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1_000));
}

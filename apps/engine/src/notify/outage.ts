import type { Clock } from "@tatou/model";

/** Programs that are started together do not listen at once: within this time, nobody is told of it. */
const quietMs = 5000;
/** For so long alerts wait for an Alertmanager; what is lost then is sent again after the resend delay. */
export const patienceMs = 30_000;
const backoffMinMs = 250;
const backoffMaxMs = 5000;

/** The time in which one Alertmanager cannot be reached: how long to wait before the next attempt, and when to stop. */
export class Outage {
  readonly #clock: Clock;
  readonly #startedMs: number;
  #backoffMs = backoffMinMs;
  #isTold = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** Whether people should hear of it now; true once. */
  isNews(): boolean {
    if (this.#isTold || this.#clock.monotonicMs() - this.#startedMs < quietMs) return false;
    this.#isTold = true;
    return true;
  }

  /** Waits for the time of the next attempt; false, at once, when there is to be none. */
  async waitForNextAttempt(signal: AbortSignal): Promise<boolean> {
    const backoffMs = this.#backoffMs;
    if (this.#clock.monotonicMs() + backoffMs > this.#startedMs + patienceMs) return false;
    this.#backoffMs = Math.min(backoffMs * 2, backoffMaxMs);
    try {
      await this.#clock.sleep(backoffMs, signal);
      return true;
    } catch {
      return false;
    }
  }
}

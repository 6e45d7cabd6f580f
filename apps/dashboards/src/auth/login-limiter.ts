import type { Clock } from "@tatou/model";

const failuresMax = 5;
const windowMs = 5 * 60_000;
/** Names and addresses remembered; the oldest is forgotten first. */
const entriesMax = 10_000;

/** As Grafana: five wrong passwords for a login within five minutes, and it is refused without a look at the password. */
export class LoginLimiter {
  readonly #clock: Clock;
  readonly #failures = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds until the next try is looked at; 0 when it is now. */
  waitSeconds(login: string): number {
    const failures = this.#recent(login);
    if (failures.length < failuresMax) return 0;
    return Math.max(1, Math.ceil((failures[failures.length - failuresMax]! + windowMs - this.#clock.nowMs()) / 1000));
  }

  addFailure(login: string): void {
    const failures = [...this.#recent(login), this.#clock.nowMs()];
    this.#failures.delete(keyOf(login));
    this.#failures.set(keyOf(login), failures);
    if (this.#failures.size > entriesMax) this.#failures.delete(this.#failures.keys().next().value!);
  }

  #recent(login: string): number[] {
    const sinceMs = this.#clock.nowMs() - windowMs;
    return (this.#failures.get(keyOf(login)) ?? []).filter((timeMs) => timeMs > sinceMs);
  }
}

function keyOf(login: string): string {
  return login.toLowerCase().slice(0, 128);
}

import type { Clock, HttpTransport } from "@tatou/model";
import type { DrillScenario } from "./scenario.ts";

/** Requests under way at once; a target that answers slower than it is asked gets no more than these. */
const inFlightMax = 64;

/** What the attack has seen so far. */
export interface AttackTally {
  readonly sentCount: number;
  readonly answeredCount: number;
  readonly failedCount: number;
  /** How many answers had each status. */
  readonly byStatus: ReadonlyMap<number, number>;
  /** Why the last request without an answer had none. */
  readonly lastError: string | null;
}

/** Sends a scenario's requests at its rate until it is stopped. */
export class Attack {
  readonly #scenario: DrillScenario;
  readonly #transport: HttpTransport;
  readonly #clock: Clock;
  readonly #targetUrl: string;
  readonly #byStatus = new Map<number, number>();
  #sentCount = 0;
  #inFlight = 0;
  #failedCount = 0;
  #lastError: string | null = null;

  constructor(
    scenario: DrillScenario,
    targetUrl: string,
    { transport, clock }: { transport: HttpTransport; clock: Clock },
  ) {
    this.#scenario = scenario;
    this.#targetUrl = targetUrl;
    this.#transport = transport;
    this.#clock = clock;
  }

  tally(): AttackTally {
    const answeredCount = [...this.#byStatus.values()].reduce((sum, count) => sum + count, 0);
    return {
      sentCount: this.#sentCount,
      answeredCount,
      failedCount: this.#failedCount,
      byStatus: this.#byStatus,
      lastError: this.#lastError,
    };
  }

  /** Runs until the signal aborts; never throws for a target that does not answer. */
  async run(signal: AbortSignal): Promise<void> {
    const startedMs = this.#clock.nowMs();
    const { requestsPerSecond } = this.#scenario;
    while (!signal.aborted) {
      // The schedule is kept by counting from the start, so that a late wake-up does not lower the rate.
      const dueCount = Math.floor(((this.#clock.nowMs() - startedMs) * requestsPerSecond) / 1000) + 1;
      while (this.#sentCount < dueCount && this.#inFlight < inFlightMax) this.#sendOne(signal);
      // A whole millisecond: rounding must not wake it just before the next request is due, again and again.
      const nextMs = startedMs + Math.ceil((Math.max(this.#sentCount, dueCount) * 1000) / requestsPerSecond);
      await this.#clock.sleepUntil(nextMs, signal).catch(() => undefined);
    }
  }

  #sendOne(signal: AbortSignal): void {
    const request = this.#scenario.request(this.#targetUrl, this.#sentCount++);
    this.#inFlight++;
    const work = this.#transport.send(request, signal).then(
      (response) => void this.#byStatus.set(response.status, (this.#byStatus.get(response.status) ?? 0) + 1),
      (error: unknown) => {
        if (signal.aborted) return;
        this.#failedCount++;
        this.#lastError = error instanceof Error ? error.message : String(error);
      },
    );
    void this.#clock.track(work.finally(() => this.#inFlight--));
  }
}

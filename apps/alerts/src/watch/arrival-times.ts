/** When something came that should come again and again, and how long it may stay away. */
export class ArrivalTimes {
  readonly #silentAfterMs: number;
  readonly #intervalsMs: number[] = [];
  #lastMs: number | null = null;
  #announcedIntervalMs = 0;

  constructor(silentAfterMs: number) {
    this.#silentAfterMs = silentAfterMs;
  }

  /** Monotonic; null before the first. */
  get lastMs(): number | null {
    return this.#lastMs;
  }

  /**
   * @param nowMs monotonic
   * @param announcedIntervalMs how often the sender itself means to send, as far as it says; else 0
   */
  add(nowMs: number, announcedIntervalMs: number): void {
    this.#announcedIntervalMs = Math.min(announcedIntervalMs, announcedIntervalMaxMs);
    const intervalMs = this.#lastMs === null ? null : nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    // Two senders of a pair, or a retry, say nothing about how often one sends.
    if (intervalMs === null || intervalMs < shortestIntervalMs) return;
    this.#intervalsMs.push(intervalMs);
    if (this.#intervalsMs.length > intervalCountMax) this.#intervalsMs.shift();
  }

  /** Unlearns how often it comes: after a pause the last interval is that of the pause. */
  forgetIntervals(): void {
    this.#intervalsMs.length = 0;
  }

  longestAbsenceMs(): number {
    const usualMs = Math.max(...this.#intervalsMs, 0);
    const toleratedMs = usualMs === 0 ? this.#announcedIntervalMs * toleratedAnnounced : usualMs * toleratedIntervals;
    return Math.max(this.#silentAfterMs, toleratedMs);
  }
}

const intervalCountMax = 5;
/** Nobody means to send less often, whatever end an alert gives. */
const announcedIntervalMaxMs = 10 * 60_000;
const shortestIntervalMs = 1_000;
const toleratedIntervals = 2.5;
/** An announced interval leaves out the time of one evaluation. */
const toleratedAnnounced = 1.5;

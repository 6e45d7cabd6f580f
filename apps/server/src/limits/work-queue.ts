/** More work waits already than the queue may hold. */
export class WorkQueueFullError extends Error {
  override readonly name = "WorkQueueFullError";

  constructor() {
    super("Cannot queue work: the queue is full");
  }
}

export interface WorkQueueLimits {
  /** How many pieces of work run at once. */
  readonly runningMax: number;
  /** How many more may wait. */
  readonly waitingMax: number;
}

/** Runs expensive work a few pieces at a time, in the order of asking. */
export class WorkQueue {
  readonly #limits: WorkQueueLimits;
  readonly #waiting: (() => void)[] = [];
  #runningCount = 0;

  constructor(limits: WorkQueueLimits) {
    this.#limits = limits;
  }

  /** @throws {WorkQueueFullError} too much work waits already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#runningCount < this.#limits.runningMax) {
      this.#runningCount++;
      return;
    }
    if (this.#waiting.length >= this.#limits.waitingMax) throw new WorkQueueFullError();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the place over to the next in line, if there is one. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#runningCount--;
    else next();
  }
}

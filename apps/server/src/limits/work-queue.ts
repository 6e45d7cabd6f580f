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
  /** How many more may wait, in each lane. */
  readonly waitingMax: number;
}

/** What waits in the preferred lane goes before all that waits in the ordinary one. */
export type WorkLane = "preferred" | "ordinary";

/** Runs expensive work a few pieces at a time; within a lane, in the order of asking. */
export class WorkQueue {
  readonly #limits: WorkQueueLimits;
  readonly #waiting: Readonly<Record<WorkLane, (() => void)[]>> = { preferred: [], ordinary: [] };
  #runningCount = 0;

  constructor(limits: WorkQueueLimits) {
    this.#limits = limits;
  }

  /** @throws {WorkQueueFullError} too much work waits already in this lane */
  async run<T>(work: () => Promise<T>, lane: WorkLane = "ordinary"): Promise<T> {
    await this.#enter(this.#waiting[lane]);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(waiting: (() => void)[]): Promise<void> {
    if (this.#runningCount < this.#limits.runningMax) {
      this.#runningCount++;
      return;
    }
    if (waiting.length >= this.#limits.waitingMax) throw new WorkQueueFullError();
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Hands the place over to the next in line, if there is one. */
  #leave(): void {
    const next = this.#waiting.preferred.shift() ?? this.#waiting.ordinary.shift();
    if (next === undefined) this.#runningCount--;
    else next();
  }
}

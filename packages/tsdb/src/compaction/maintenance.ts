import { type Clock, type Log, stackOf } from "@tatou/model";
import { StoreClosingError } from "../errors.ts";

export interface MaintenanceOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** One round. @param signal says that the store closes */
  readonly round: (nowMs: number, signal: AbortSignal) => Promise<void>;
}

/** As in Prometheus. */
const roundEveryMs = 60_000;
/** After failures, rounds are so far apart at most. */
const backoffMaxMs = 16 * 60_000;

/** Does what a store does in the background, one thing at a time. */
export class Maintenance {
  failureCount = 0;
  readonly #options: MaintenanceOptions;
  readonly #end = new AbortController();
  /** Ends when all that was asked for so far is done. */
  #queue: Promise<unknown> = Promise.resolve();
  #failuresInARow = 0;
  #cancelNext = (): void => {};

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  /** Begins with the rounds. */
  start(): void {
    const { clock } = this.#options;
    const waitMs = Math.min(roundEveryMs * 2 ** this.#failuresInARow, backoffMaxMs);
    this.#cancelNext = clock.schedule(waitMs, () => {
      void clock.track(
        this.round(clock.nowMs()).finally(() => {
          if (!this.#end.signal.aborted) this.start();
        }),
      );
    });
  }

  /** One round, behind what is under way. Its failure is said in the log. */
  round(nowMs: number): Promise<void> {
    return this.exclusive(async (signal) => {
      try {
        await this.#options.round(nowMs, signal);
        this.#failuresInARow = 0;
      } catch (error) {
        this.failureCount++;
        this.#failuresInARow++;
        this.#options.log.error(`Cannot maintain the storage, it will be tried again: ${messageOf(error)}`);
      }
    });
  }

  /** Does something behind what is under way; nothing else is done meanwhile. */
  exclusive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      this.#end.signal.throwIfAborted();
      return work(this.#end.signal);
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Ends what is under way early, and waits for it. What waits behind it is refused. */
  async close(): Promise<void> {
    this.#cancelNext();
    this.#end.abort(new StoreClosingError());
    await this.#queue;
  }
}

/** A named error says all there is to say; a defect says where it is from. */
function messageOf(error: unknown): string {
  return error instanceof Error && "code" in error ? error.message : stackOf(error);
}

import type { Clock, Log } from "@tatou/model";
import type { WalReplayStatus } from "@tatou/tsdb";

/** Where nobody watches, a line now and then. */
const lineEveryMs = 5000;

/**
 * How far reading the log has come: one line that changes on a terminal, lines in the log elsewhere, and for `tatou up`,
 * where that is the parent, a message.
 */
export class ReplayProgress {
  readonly #clock: Clock;
  readonly #log: Log;
  #isOpen = false;
  #toldMs: number;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#toldMs = clock.monotonicMs();
  }

  show(status: WalReplayStatus): void {
    if (status.state === "done" || status.max === status.min) return;
    const text = replayText(status);
    const nowMs = this.#clock.monotonicMs();
    const isLine = nowMs - this.#toldMs >= lineEveryMs;
    if (isLine) this.#toldMs = nowMs;
    process.send?.({ kind: "progress", text, isLine });
    if (process.stdout.isTTY) {
      this.#isOpen = true;
      process.stdout.write(`\r\u001b[K${text}`);
    } else if (isLine) this.#log.info(text);
  }

  /** Leaves the cursor where the next line begins. */
  end(): void {
    if (this.#isOpen) process.stdout.write("\r\u001b[K");
    this.#isOpen = false;
  }
}

/** Such as "reading the log: segment 12 of 34". */
export function replayText({ min, max, current }: Pick<WalReplayStatus, "min" | "max" | "current">): string {
  return `reading the log: segment ${current - min + 1} of ${max - min + 1}`;
}

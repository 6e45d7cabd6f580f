const terminalIntervalMs = 100;

export interface ProgressLineOptions {
  readonly monotonicMs: () => number;
  /** How often a line is written where there is no terminal; null is never. */
  readonly logIntervalMs: number | null;
}

/** One line that changes on a terminal, a line now and then elsewhere; on standard error, beside whatever is printed. */
export class ProgressLine {
  readonly #monotonicMs: () => number;
  readonly #isTerminal = process.stderr.isTTY;
  readonly #intervalMs: number;
  #shownMs: number;
  #isOpen = false;

  constructor({ monotonicMs, logIntervalMs }: ProgressLineOptions) {
    this.#monotonicMs = monotonicMs;
    this.#intervalMs = this.#isTerminal ? terminalIntervalMs : (logIntervalMs ?? Number.POSITIVE_INFINITY);
    this.#shownMs = monotonicMs();
  }

  show(text: () => string): void {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#shownMs < this.#intervalMs) return;
    this.#shownMs = nowMs;
    this.#isOpen = this.#isTerminal;
    process.stderr.write(this.#isTerminal ? `\r\u001b[K${text()}` : `${text()}\n`);
  }

  /** Leaves the cursor where the next line begins. */
  end(): void {
    if (this.#isOpen) process.stderr.write("\r\u001b[K");
    this.#isOpen = false;
  }
}

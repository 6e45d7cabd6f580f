/** Counts what was sent and what came back. */
export class RequestTally {
  readonly #byStatus = new Map<number, number>();
  #sentCount = 0;
  #failedCount = 0;
  #expectedCount = 0;
  #firstSentMs: number | null = null;
  #firstExpectedMs: number | null = null;
  #lastError: string | null = null;

  sent(nowMs: number): void {
    this.#firstSentMs ??= nowMs;
    this.#sentCount++;
  }

  /** @param isExpected whether the status shows that the platform met the attack */
  answered(status: number, { isExpected, nowMs }: { readonly isExpected: boolean; readonly nowMs: number }): void {
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    if (!isExpected) return;
    this.#expectedCount++;
    this.#firstExpectedMs ??= nowMs;
  }

  failed(message: string): void {
    this.#failedCount++;
    this.#lastError = message;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  get failedCount(): number {
    return this.#failedCount;
  }

  get expectedCount(): number {
    return this.#expectedCount;
  }

  /** When the attack began; null before its first request. */
  get firstSentMs(): number | null {
    return this.#firstSentMs;
  }

  /** When the platform first answered as the step says. */
  get firstExpectedMs(): number | null {
    return this.#firstExpectedMs;
  }

  get byStatus(): ReadonlyMap<number, number> {
    return this.#byStatus;
  }

  /** Why the last request without an answer had none. */
  get lastError(): string | null {
    return this.#lastError;
  }
}

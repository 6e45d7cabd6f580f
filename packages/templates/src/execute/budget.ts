import { TemplateLimitError } from "../errors.ts";

/** How much one execution may use. */
export interface TemplateLimits {
  /** Of the output, and of every text that a function makes; in UTF-16 code units. */
  readonly textLengthMax: number;
  /** Nodes evaluated, and work inside functions in like units. */
  readonly stepCountMax: number;
  /** Templates that call templates. */
  readonly callDepthMax: number;
}

/** Room for a notification with a thousand alerts; a second of work at most. */
export const templateLimitsDefault: TemplateLimits = {
  textLengthMax: 1024 * 1024,
  stepCountMax: 500_000,
  callDepthMax: 100,
};

/** The steps that one execution still has. */
export class StepBudget {
  readonly #stepCountMax: number;
  readonly #signal: AbortSignal | undefined;
  #leftCount: number;

  constructor(stepCountMax: number, signal: AbortSignal | undefined) {
    this.#stepCountMax = stepCountMax;
    this.#leftCount = stepCountMax;
    this.#signal = signal;
  }

  /**
   * @throws {TemplateLimitError} the steps are used up
   * @throws the signal's reason when it is aborted
   */
  spend(stepCount: number): void {
    this.#signal?.throwIfAborted();
    this.#leftCount -= stepCount;
    if (this.#leftCount < 0) throw new TemplateLimitError(`it takes more than ${this.#stepCountMax} steps`);
  }
}

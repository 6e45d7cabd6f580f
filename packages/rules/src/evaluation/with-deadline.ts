import type { Clock } from "@tatou/model";
import { EvaluationTimeoutError } from "../errors.ts";

export interface Deadline {
  readonly clock: Clock;
  readonly durationMs: number;
  /** Ends the work earlier. */
  readonly signal: AbortSignal;
}

/**
 * Runs work for a limited time. Returns when the time is up even if the work does not heed its signal.
 * @throws {EvaluationTimeoutError} the time is up
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(deadline.signal.reason);
  if (deadline.signal.aborted) onAbort();
  deadline.signal.addEventListener("abort", onAbort, { once: true });
  const cancel = deadline.clock.schedule(deadline.durationMs, () => controller.abort(new EvaluationTimeoutError()));
  const aborted = new Promise<never>((_, reject) => {
    const fail = (): void => reject(controller.signal.reason);
    if (controller.signal.aborted) fail();
    else controller.signal.addEventListener("abort", fail, { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    cancel();
    deadline.signal.removeEventListener("abort", onAbort);
  }
}

import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";

/** Work in small steps: it yields where others may have their turn. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Others wait so long at most. */
const turnMs = 4;
/** Between two steps it costs less to count than to look at the clock. */
const stepsPerLook = 8;

/** Does all steps, and lets others have their turn every few milliseconds: a scrape must not wait for upkeep. */
export async function inTurns<T>(work: Steps<T>): Promise<T> {
  let startedMs = performance.now();
  for (let count = 1; ; count++) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (count % stepsPerLook !== 0 || performance.now() - startedMs < turnMs) continue;
    await setImmediate();
    startedMs = performance.now();
  }
}

/** Does all steps in one go. */
export function atOnce<T>(work: Steps<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

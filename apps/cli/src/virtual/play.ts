import type { VirtualClock } from "@tatou/model";

/** Moves virtual time until some work that waits on it is done. */
export async function play<T>(clock: VirtualClock, work: Promise<T>, stepMs: number): Promise<T> {
  let isDone = false;
  const settled = work.finally(() => {
    isDone = true;
  });
  // Its failure is thrown below; until then it is nobody's.
  settled.catch(() => undefined);
  while (!isDone) await clock.advance(stepMs);
  return settled;
}

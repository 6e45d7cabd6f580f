import type { VirtualClock } from "@tatou/model";

/** Moves virtual time until some work that waits on it is done. */
export async function play<T>(clock: VirtualClock, work: Promise<T>, stepMs: number): Promise<T> {
  const state = { isDone: false };
  const settled = work.finally(() => {
    state.isDone = true;
  });
  // Its failure is thrown below; until then it is nobody's.
  settled.catch(() => undefined);
  while (!state.isDone) await clock.advance(stepMs);
  return settled;
}

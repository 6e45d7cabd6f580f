import type { ActContext } from "./drill-act.ts";

/** Something that happens at a moment of a course. */
export interface Moment {
  /** Since the beginning of the course. */
  readonly atMs: number;
  readonly play: () => Promise<void>;
}

/**
 * Plays moments at their times, whether those before have ended or not, and ends when all have.
 * @throws whatever one of them throws first, at once; those under way end with the drill
 */
export async function playTimeline(moments: readonly Moment[], { world }: ActContext): Promise<void> {
  const { clock, signal } = world;
  const startedMs = clock.nowMs();
  const { promise: failure, reject: fail } = promiseOfFailure();
  const playing = new Set<Promise<void>>();
  for (const { atMs, play } of [...moments].sort((one, other) => one.atMs - other.atMs)) {
    await Promise.race([clock.sleepUntil(startedMs + atMs, signal), failure]);
    const work: Promise<void> = play()
      .catch(fail)
      .finally(() => playing.delete(work));
    playing.add(work);
  }
  await Promise.race([Promise.all(playing), failure]);
}

/** Nobody need be there to hear of it. */
function promiseOfFailure(): { readonly promise: Promise<never>; readonly reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}

/** The same again and again, at equal distances from the beginning on. */
export async function repeat(
  { times, every: everyMs }: { readonly times: number; readonly every: number },
  { world }: ActContext,
  play: (index: number) => Promise<void>,
): Promise<void> {
  const startedMs = world.clock.nowMs();
  for (let index = 0; index < times; index++) {
    await world.clock.sleepUntil(startedMs + index * everyMs, world.signal);
    await play(index);
  }
}

/** So many moments at random, in order. */
export function randomMoments(momentCount: number, overMs: number, random: () => number): readonly number[] {
  return Array.from({ length: momentCount }, () => random() * overMs).sort((one, other) => one - other);
}

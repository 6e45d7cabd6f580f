/** A defect of ours: something that cannot happen did. Never caught to go on. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Stops the work when an invariant does not hold; `what` says what must hold. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionError(`Broken invariant: ${what}`);
}

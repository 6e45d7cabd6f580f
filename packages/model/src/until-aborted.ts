/**
 * The result of work, unless the signal comes first: work that does not heed the signal must not hold up who waits for it.
 * Rejects with the signal's reason then; what becomes of the work later is nobody's concern.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

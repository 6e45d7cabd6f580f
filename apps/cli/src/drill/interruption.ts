const interrupted = 130;

/**
 * Lets Ctrl-C abort what runs, so that it ends in its own time; a second one ends the process at once.
 * @returns what ends that
 */
export function stopAtInterrupt(stopping: AbortController): () => void {
  // Stays until the end: a listener that goes with its first call leaves the others to think that nobody listens.
  const onInterrupt = (): void => {
    if (stopping.signal.aborted) process.exit(interrupted);
    stopping.abort();
  };
  process.on("SIGINT", onInterrupt);
  return () => void process.off("SIGINT", onInterrupt);
}

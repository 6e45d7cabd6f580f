import { exitCodeRefused } from "./exit-codes.ts";
import { problemText } from "./problem-text.ts";

/** A program that runs until it is told to end. */
export interface RunningProgram {
  close(): Promise<void>;
  /** Reads the configuration again, where there is one: what SIGHUP asks for. */
  reload?(): Promise<void>;
}

/** Less than the patience of `tatou up`, which kills. */
const endPatienceMs = 10_000;

/**
 * The life of one program as a process: start, say so, end on a signal or when the parent is gone.
 * A start that fails for a reason in the world (port, configuration) is told in words and ends with a code of its own.
 */
export async function hostProgram(start: () => Promise<RunningProgram>): Promise<void> {
  const ended = endRequested();
  // Without the parent nobody would end a program that hangs while it starts or stops.
  void ended.then(() => setTimeout(() => process.exit(1), endPatienceMs).unref());
  let program: RunningProgram;
  try {
    program = await start();
  } catch (error) {
    process.stderr.write(`${problemText(error)}\n`);
    process.exit(exitCodeRefused);
  }
  process.on("SIGHUP", () => {
    // The program says itself what was wrong with a file, and keeps what it had.
    program.reload?.().catch(() => undefined);
  });
  process.send?.({ kind: "ready" });
  await ended;
  await program.close();
  process.exit(0);
}

function endRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    if (process.send === undefined) return;
    // The parent asks, or it is gone, be it by kill -9: nothing is left behind.
    process.on("message", (message) => (message as { kind?: unknown }).kind === "stop" && resolve());
    process.once("disconnect", () => resolve());
  });
}

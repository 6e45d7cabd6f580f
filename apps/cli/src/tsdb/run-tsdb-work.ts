import { createSystemClock } from "@tatou/http";
import { problemText } from "../problem-text.ts";
import { ProgressLine } from "../progress-line.ts";

/** Something is wrong with what was looked at, or the work could not be done: as promtool. */
export const exitCodeProblem = 1;

/** As the shell sees a program that wrote into a pipe whose reader is gone. */
const exitCodePipeClosed = 141;

/** What the work on a data directory is done with. */
export interface TsdbWork {
  readonly nowMs: () => number;
  /** Shows on a terminal how far the work is, at a pace that a reader can follow. */
  readonly show: (text: () => string) => void;
  /** Takes the shown line away, before something else is printed. */
  readonly endProgress: () => void;
  readonly print: (text: string) => void;
}

/** Runs the work of a command; its number is the exit code, and an error is told in words. */
export async function runTsdbWork(work: (parts: TsdbWork) => Promise<number>): Promise<void> {
  const clock = createSystemClock();
  const line = new ProgressLine({ monotonicMs: () => clock.monotonicMs(), logIntervalMs: null });
  // It may come after the work: that a pipe is closed shows when something was written into it.
  if (!process.stdout.listeners("error").includes(endOnOutputError)) process.stdout.on("error", endOnOutputError);
  const endProgress = (): void => line.end();
  try {
    process.exitCode = await work({
      nowMs: () => clock.nowMs(),
      show: (text) => line.show(text),
      endProgress,
      print: (text) => void process.stdout.write(text),
    });
  } catch (error) {
    endProgress();
    process.stderr.write(`${problemText(error)}\n`);
    process.exitCode = exitCodeProblem;
  } finally {
    endProgress();
  }
}

function endOnOutputError({ code }: NodeJS.ErrnoException): void {
  process.exit(code === "EPIPE" ? exitCodePipeClosed : exitCodeProblem);
}

/** What `tatou server backup` and `tatou server restore` have in common. */
import { createSystemClock } from "@tatou/http";
import type { BackupCounts, DamagedFile, FileProblem } from "@tatou/server";
import { exitCodeInterrupted, exitCodeRefused } from "../exit-codes.ts";
import { plural } from "../plural.ts";
import { problemText } from "../problem-text.ts";
import { ProgressLine } from "../progress-line.ts";

/** Something in the storage was damaged before; all else is done. */
export const exitCodeDamaged = 1;

export const archiveExitCodes = `
Exit codes:
  0    done
  1    done, but files are missing or damaged and were left out; each is named
  2    the command was not understood
  78   nothing was done, for the reason given
  130  interrupted, nothing was done`;

/** Where nobody watches, a line now and then. */
const logIntervalMs = 5_000;
const damagedShownMax = 100;

/** How work is done that can be interrupted, and is told in words when it fails. */
export interface ArchiveWork {
  readonly signal: AbortSignal;
  readonly nowMs: number;
  /** Shows how far the work is, at a pace that a reader can follow. */
  readonly show: (text: () => string) => void;
}

/** Runs the work until it ends or somebody presses Ctrl-C; the exit code tells how it went. */
export async function runArchiveWork(work: (parts: ArchiveWork) => Promise<number>): Promise<void> {
  const clock = createSystemClock();
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
  const line = new ProgressLine({ monotonicMs: () => clock.monotonicMs(), logIntervalMs });
  try {
    const show = (text: () => string): void => line.show(text);
    process.exitCode = await work({ signal: interruption.signal, nowMs: clock.nowMs(), show });
  } catch (error) {
    line.end();
    const isInterrupted = interruption.signal.aborted;
    process.stderr.write(`${isInterrupted ? "Interrupted; nothing was done" : problemText(error)}\n`);
    process.exitCode = isInterrupted ? exitCodeInterrupted : exitCodeRefused;
  } finally {
    line.end();
  }
}

export function sizeText(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}

/** What a backup holds. */
export function contentText({ users, documents, versions, sizeBytes }: BackupCounts): string {
  const counts = [plural(users, "user"), plural(documents, "document"), plural(versions, "version")];
  return [...counts, sizeText(sizeBytes)].join(", ");
}

const problemWords: Readonly<Record<FileProblem, string>> = {
  missing: "is missing",
  changed: "is not the file that was stored",
  unreadable: "cannot be read",
  outside: "is no plain file below files/",
};

/** One line for each lost file. */
export function damageText(damaged: readonly DamagedFile[]): string {
  const shown = damaged.slice(0, damagedShownMax);
  const rest = damaged.length - shown.length;
  // A path comes from a row, so it may hold anything.
  const lines = shown.map(({ path, problem }) => `damaged  ${printable(path)} ${problemWords[problem]}`);
  return [...lines, ...(rest > 0 ? [`damaged  ${rest} more; --json names them all`] : [])].join("\n");
}

function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, "?");
}

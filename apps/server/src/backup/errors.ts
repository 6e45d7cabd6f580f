import type { Diagnostic } from "@tatou/model";

interface Words {
  /** What was found, and what would do. */
  readonly found: string;
  readonly hint: string;
  readonly cause?: unknown;
}

/** A backup was not made; nothing was written where it was to go. */
export class BackupError extends Error implements Diagnostic {
  override readonly name = "BackupError";
  readonly code = "backup";
  readonly hint: string;

  constructor({ found, hint, cause }: Words) {
    super(`Cannot make a backup: ${found}`, { cause });
    this.hint = hint;
  }
}

/** A backup was not restored; the storage is as it was. */
export class RestoreError extends Error implements Diagnostic {
  override readonly name = "RestoreError";
  readonly code = "restore";
  readonly hint: string;

  constructor({ found, hint, cause }: Words) {
    super(`Cannot restore: ${found}`, { cause });
    this.hint = hint;
  }
}

/** The file is no backup, or not as it was made. */
export function badArchive(found: string, cause?: unknown): RestoreError {
  return new RestoreError({ found, hint: "Fetch the file again from where it is kept, or take another backup", cause });
}

/** What the system said to a write, in words; other errors as they are. */
export function writingProblem(error: unknown, Problem: typeof BackupError | typeof RestoreError): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Problem({ found: "the disk is full", hint: "Make room, or use another disk", cause: error });
  }
  if (syscall !== "write") return error;
  const found = code === "EPIPE" ? "the program that takes the output ended" : `writing failed (${code})`;
  return new Problem({ found, hint: "Look at the place that is written to, and try again", cause: error });
}

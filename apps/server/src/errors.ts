import type { Diagnostic } from "@tatou/model";

/** The environment does not describe a server that may start. */
export class ServerSettingsError extends RangeError implements Diagnostic {
  override readonly name = "ServerSettingsError";
  readonly code = "server_settings";
  readonly hint = "Correct these environment variables and start again";
  /** One sentence per variable. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Cannot start the server: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

/** What a server needs before its first start cannot be made. */
export class InitServerError extends Error implements Diagnostic {
  override readonly name = "InitServerError";
  readonly code = "init_server";
  readonly hint = "Names hold letters, digits, spaces and _ . -; --force makes everything anew";

  constructor(problem: string) {
    super(`Cannot make the keys of a server: ${problem}`);
  }
}

/** A statement failed in the database driver. The driver's text may quote values, so it stays in `cause` and is never logged. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** The driver's code, such as SQLITE_BUSY. */
  readonly code: string;

  constructor(cause: unknown) {
    super("Cannot run a database statement", { cause });
    const code = (cause as { code?: unknown } | null)?.code;
    this.code = typeof code === "string" ? code : "unknown";
  }
}

/** Something on disk is not what the database says, or cannot be read or written. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly kind: "missing" | "outside" | "damaged" | "unwritable";

  constructor(kind: StorageError["kind"], cause?: unknown) {
    super(`Cannot use stored file: ${kind}`, { cause });
    this.kind = kind;
  }
}

/** The compiled worker that parses PDF files is not there. */
export class PdfWorkerMissingError extends Error implements Diagnostic {
  override readonly name = "PdfWorkerMissingError";
  readonly code = "pdf_worker_missing";
  readonly hint = "Run: npx tsc -b apps/server";

  constructor(path: string) {
    super(`Cannot check PDF files: ${path} is missing, expected the compiled worker`);
  }
}

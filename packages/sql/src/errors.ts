import type { Diagnostic } from "@tatou/model";

/** The file cannot be opened, or is no SQLite database. */
export class SqliteOpenError extends Error implements Diagnostic {
  override readonly name = "SqliteOpenError";
  readonly code = "sqlite_open";
  readonly hint = "Check that the path can be written and that the file is a SQLite database";

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot open database ${JSON.stringify(path)}: ${reason}`, { cause });
  }
}

/** The database cannot be copied. */
export class SqliteSnapshotError extends Error implements Diagnostic {
  override readonly name = "SqliteSnapshotError";
  readonly code = "sqlite_snapshot";
  readonly hint = "Check that the disk has room for a second copy of the database and that the file is not damaged";

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot copy database ${JSON.stringify(path)}: ${reason}`, { cause });
  }
}

/** The schema in the file is not one that this program wrote or can bring up to date. */
export class SchemaVersionError extends Error implements Diagnostic {
  override readonly name = "SchemaVersionError";
  readonly code = "schema_version";
  readonly hint: string;

  constructor(path: string, found: string, options: { readonly expected: string; readonly hint: string }) {
    super(`Cannot open database ${JSON.stringify(path)}: found ${found}, expected ${options.expected}`);
    this.hint = options.hint;
  }
}

/** A statement was given a value that SQLite cannot hold. */
export class SqliteParameterError extends TypeError implements Diagnostic {
  override readonly name = "SqliteParameterError";
  readonly code = "sqlite_parameter";
  readonly hint = "Store truth as 0 or 1, times as integer milliseconds, and structures as JSON text";

  constructor(value: unknown) {
    const found = typeof value === "object" ? (value?.constructor?.name ?? "object") : typeof value;
    super(`Cannot bind parameter: found ${found}, expected a string, number, bigint, null or Uint8Array`);
  }
}

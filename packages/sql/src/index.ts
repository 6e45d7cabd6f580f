export { SchemaVersionError, SqliteOpenError, SqliteParameterError, SqliteSnapshotError } from "./errors.ts";
export type { Migration } from "./migrate.ts";
export { openSqlite, type SqliteHandle, type SqliteOptions } from "./open-sqlite.ts";
export { isSqliteInUse, snapshotSqlite } from "./snapshot-sqlite.ts";

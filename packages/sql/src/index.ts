export { SchemaVersionError, SqliteOpenError, SqliteParameterError } from "./errors.ts";
export type { Migration } from "./migrate.ts";
export { openSqlite, type SqliteHandle, type SqliteOptions } from "./open-sqlite.ts";

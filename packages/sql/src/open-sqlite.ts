import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely } from "kysely";
import { SqliteOpenError } from "./errors.ts";
import { type Migration, migrate, requireCurrentSchema } from "./migrate.ts";
import { connectSqlite, type SqliteConnection } from "./sqlite-driver.ts";
import { TransactionDialect } from "./transaction-dialect.ts";

export interface SqliteOptions {
  /** A file, made with its folder when absent, or `:memory:`. */
  readonly path: string;
  /** The whole history of the schema, oldest first. */
  readonly migrations: readonly Migration[];
  /** Refuses every write; the file must exist with the current schema. Default false. */
  readonly readonly?: boolean;
}

/** One open database; keep it for the life of the program. */
export interface SqliteHandle<DB> {
  readonly db: Kysely<DB>;
  /** Closes the file; statements after it fail. Calling it again does nothing. */
  readonly close: () => Promise<void>;
}

/** How long a statement waits for another process that holds the write lock. */
const busyTimeoutMs = 5_000;

/**
 * Opens a SQLite database with write-ahead log and foreign keys on, its schema brought up to date.
 *
 * Values reach a statement as parameters only: numbers, bigints, strings, null and Uint8Array (no booleans, no Date).
 * Statements run on the calling thread, one at a time; a transaction makes the others wait.
 *
 * @typeParam DB table name → row type, as Kysely wants it
 * @throws {SqliteOpenError} the file cannot be opened or is no database
 * @throws {SchemaVersionError} the file has a newer or foreign schema
 * @example
 * const { db, close } = await openSqlite<{ notes: { id: Generated<number>; text: string } }>({
 *   path: "notes.sqlite",
 *   migrations: [{ name: "create notes", up: async (db) => { await sql`create table notes (id integer primary key, text text not null)`.execute(db); } }],
 * });
 */
export async function openSqlite<DB>(options: SqliteOptions): Promise<SqliteHandle<DB>> {
  const isReadonly = options.readonly ?? false;
  const connection = openConnection(options.path, isReadonly);
  const db = new Kysely<unknown>({ dialect: new TransactionDialect(connection) });
  try {
    if (isReadonly) await requireCurrentSchema(db, options.path, options.migrations);
    else await migrate(db, options.path, options.migrations);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db: db as Kysely<DB>, close: () => db.destroy() };
}

function openConnection(path: string, isReadonly: boolean): SqliteConnection {
  let connection: SqliteConnection | null = null;
  try {
    if (isReadonly && !existsSync(path)) throw new Error("no such file");
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    connection = connectSqlite(path);
    connection.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    // The journal mode is the first statement that reads the file, so it is where a file that is no database shows.
    connection.exec(isReadonly ? "pragma query_only = on" : "pragma journal_mode = wal");
    // With a write-ahead log this loses nothing when the process is killed, only the last moments when the power fails.
    connection.exec("pragma synchronous = normal");
    connection.exec("pragma foreign_keys = on");
    connection.exec("select count(*) from sqlite_master");
    return connection;
  } catch (error) {
    connection?.close();
    throw new SqliteOpenError(path, error);
  }
}

import { existsSync } from "node:fs";
import { SqliteOpenError, SqliteSnapshotError } from "./errors.ts";
import { connectSqlite } from "./sqlite-driver.ts";

/** How long the copy waits for another process that holds a lock. */
const busyTimeoutMs = 5_000;

/**
 * Writes a database as it is at one moment into a new file, while others go on reading and writing it. Statements wait on
 * the calling thread until the copy is complete.
 *
 * @param target must not exist; the copy has no write-ahead log beside it
 * @throws {SqliteOpenError} the database cannot be opened
 * @throws {SqliteSnapshotError} it cannot be copied: the disk is full, or the file is damaged
 */
export function snapshotSqlite(path: string, target: string): void {
  if (!existsSync(path)) throw new SqliteOpenError(path, new Error("no such file"));
  const connection = openFor(path);
  try {
    connection.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    connection.prepare("vacuum into ?").run([target]);
  } catch (error) {
    throw new SqliteSnapshotError(path, error);
  } finally {
    connection.close();
  }
}

/**
 * Whether somebody has a database open, in this process or another, be it idle. False for what is no database.
 * Asking changes no content.
 */
export function isSqliteInUse(path: string): boolean {
  if (!existsSync(path)) return false;
  const connection = openFor(path);
  try {
    connection.exec("pragma busy_timeout = 0");
    // Whoever has a write-ahead log open holds a shared lock on the file; exclusive locking is refused beside it.
    connection.exec("pragma locking_mode = exclusive");
    connection.exec("begin immediate");
    connection.exec("rollback");
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    connection.close();
  }
}

function openFor(path: string): ReturnType<typeof connectSqlite> {
  try {
    return connectSqlite(path);
  } catch (error) {
    throw new SqliteOpenError(path, error);
  }
}

/** libsql says it in `code`, `node:sqlite` in `errcode`. */
function isBusy(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === "SQLITE_BUSY" || errcode === 5;
}

import { openSqlite, SchemaVersionError, type SqliteHandle, SqliteOpenError } from "@tatou/sql";
import { sql } from "kysely";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { badArchive, RestoreError } from "./errors.ts";
import { type BackupManifest, isStoredFileName, shownName } from "./manifest.ts";
import { closeAsOneFile, countRows, storedRows } from "./stored-rows.ts";

/**
 * Compares the database of a backup with the files beside it, and brings its schema up to date.
 *
 * @param path is written to
 * @throws {RestoreError} it is damaged, or names other files than there are
 */
export async function checkDatabase(path: string, manifest: BackupManifest): Promise<void> {
  try {
    const handle = await openSqlite<Tables>({ path, migrations });
    try {
      await requireSound(handle);
      await requireSameCounts(handle, manifest);
      await requireSameFiles(handle, manifest);
    } finally {
      await closeAsOneFile(handle);
    }
  } catch (error) {
    if (error instanceof RestoreError) throw error;
    if (error instanceof SchemaVersionError) throw badArchive("its database is not that of this program", error);
    // Without the name of the file, which is one of ours and gone by now.
    const reason = error instanceof SqliteOpenError ? error.cause : error;
    throw badArchive(
      `its database cannot be used: ${reason instanceof Error ? reason.message : String(reason)}`,
      error,
    );
  }
}

async function requireSound({ db }: SqliteHandle<Tables>): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db);
  if (rows[0]?.quick_check !== "ok") throw badArchive("its database is damaged inside");
  const { rows: orphans } = await sql`pragma foreign_key_check`.execute(db);
  if (orphans.length > 0) throw badArchive("its database has rows whose owners are missing");
  // The platform has neither; they would run with every statement of the server.
  const { rows: foreign } = await sql<{ name: string }>`
    select name from sqlite_master where type in ('trigger', 'view') limit 1`.execute(db);
  const name = foreign[0]?.name;
  if (name !== undefined) throw badArchive(`its database has a trigger or view, ${shownName(name)}`);
}

async function requireSameCounts(handle: SqliteHandle<Tables>, { counts }: BackupManifest): Promise<void> {
  const found = await countRows(handle);
  const areSame =
    found.users === counts.users && found.documents === counts.documents && found.versions === counts.versions;
  if (!areSame) throw badArchive("its database has other rows than its list of contents says");
}

async function requireSameFiles(handle: SqliteHandle<Tables>, { entries, damaged }: BackupManifest): Promise<void> {
  const files = new Map(entries.filter(({ name }) => isStoredFileName(name)).map((entry) => [entry.name, entry]));
  const lost = new Set(damaged.map(({ path }) => path));
  const named = new Set<string>();
  for await (const { path, sha256, sizeBytes } of storedRows(handle)) {
    if (lost.has(path)) continue;
    const file = files.get(path);
    if (file === undefined) throw badArchive(`its database names ${shownName(path)}, which is not in it`);
    const isSame = file.sha256 === sha256 && (sizeBytes === null || file.sizeBytes === sizeBytes);
    if (!isSame) throw badArchive(`${shownName(path)} is another file than the one its database names`);
    named.add(path);
  }
  const extra = [...files.keys()].find((name) => !named.has(name));
  if (extra !== undefined) throw badArchive(`its database does not name ${shownName(extra)}`);
}

import { type Kysely, sql } from "kysely";
import { SchemaVersionError } from "./errors.ts";

/** One step of a schema's history. Its number is its place in the list, from 1: append, never edit or reorder. */
export interface Migration {
  /** Short and stable, such as `create silences`; recorded, and compared at every start. */
  readonly name: string;
  /** Runs inside the transaction that records it. */
  up(db: Kysely<unknown>): Promise<void>;
}

type MigrationTables = { schema_migrations: { version: number; name: string } };

/**
 * Brings the schema up to date: all that is missing in one transaction, so that a failure leaves the file as it was.
 *
 * @throws {SchemaVersionError} a newer program wrote the file, or its history is another one
 */
export async function migrate(db: Kysely<unknown>, path: string, migrations: readonly Migration[]): Promise<void> {
  await db.connection().execute(async (connection) => {
    // Immediate: two programs that start at once take turns instead of one failing halfway.
    await sql`begin immediate`.execute(connection);
    try {
      await applyMissing(connection.withTables<MigrationTables>(), path, migrations);
      await sql`commit`.execute(connection);
    } catch (error) {
      // Fails where SQLite rolled back by itself, as for a full disk; whatever else it could say, the first error says why.
      await sql`rollback`.execute(connection).catch(() => undefined);
      throw error;
    }
  });
}

/** @throws {SchemaVersionError} the schema is not exactly the one of the migrations; nothing is changed */
export async function requireCurrentSchema(
  db: Kysely<unknown>,
  path: string,
  migrations: readonly Migration[],
): Promise<void> {
  const tables = await sql<{ name: string }>`select name from sqlite_master where name = 'schema_migrations'`.execute(
    db,
  );
  const appliedCount =
    tables.rows.length === 0 ? 0 : await countApplied(db.withTables<MigrationTables>(), path, migrations);
  if (appliedCount < migrations.length) {
    throw new SchemaVersionError(path, `schema version ${appliedCount}`, {
      expected: `version ${migrations.length}`,
      hint: "Open it once for writing, which brings it up to date",
    });
  }
}

async function applyMissing(
  db: Kysely<MigrationTables>,
  path: string,
  migrations: readonly Migration[],
): Promise<void> {
  await db.schema
    .createTable("schema_migrations")
    .ifNotExists()
    .addColumn("version", "integer", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .execute();
  const appliedCount = await countApplied(db, path, migrations);
  for (const [index, migration] of migrations.entries()) {
    if (index < appliedCount) continue;
    await migration.up(db as Kysely<unknown>);
    await db
      .insertInto("schema_migrations")
      .values({ version: index + 1, name: migration.name })
      .execute();
  }
}

async function countApplied(
  db: Kysely<MigrationTables>,
  path: string,
  migrations: readonly Migration[],
): Promise<number> {
  const applied = await db.selectFrom("schema_migrations").selectAll().orderBy("version").execute();
  if (applied.length > migrations.length) {
    throw new SchemaVersionError(path, `schema version ${applied.length}`, {
      expected: `at most version ${migrations.length}, the newest this program knows`,
      hint: "Start the program version that wrote the file, or one after it; or restore an older copy of the file",
    });
  }
  for (const [index, row] of applied.entries()) {
    const expected = migrations[index]?.name;
    if (row.version === index + 1 && row.name === expected) continue;
    throw new SchemaVersionError(path, `migration ${row.version} ${JSON.stringify(row.name)}`, {
      expected: `migration ${index + 1} ${JSON.stringify(expected)}`,
      hint: "The file belongs to another program; choose another path",
    });
  }
  return applied.length;
}

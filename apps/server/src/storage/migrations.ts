import type { Migration } from "@tatou/sql";
import type { CreateTableBuilder, Kysely } from "kysely";
import { type ColumnTypes, sqliteColumnTypes } from "./column-types.ts";

/** The history of the platform's schema: append only. */
export function platformMigrations(types: ColumnTypes): readonly Migration[] {
  return [
    { name: "create platform tables", up: (db) => createPlatformTables({ db, types }) },
    { name: "give versions their size", up: (db) => addVersionSize({ db, types }) },
  ];
}

/** The history as the embedded database runs it. */
export const migrations = platformMigrations(sqliteColumnTypes);

interface Schema {
  readonly db: Kysely<unknown>;
  readonly types: ColumnTypes;
}

async function createPlatformTables(schema: Schema): Promise<void> {
  await createUsers(schema);
  await createDocuments(schema);
  await createVersions(schema);
  await createRevokedTokens(schema);
  await createAuditLog(schema);
}

async function createUsers({ db, types }: Schema): Promise<void> {
  const table = db.schema
    .createTable("Users")
    .addColumn("id", types.id, (column) => column.primaryKey().autoIncrement())
    .addColumn("email", types.caselessText(320), (column) => column.notNull().unique())
    .addColumn("login", types.caselessText(64), (column) => column.notNull().unique())
    .addColumn("hpassword", types.exactText(255), (column) => column.notNull())
    .addColumn("token_version", types.count, (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", types.time, (column) => column.notNull());
  await finish(table, types);
}

async function createDocuments({ db, types }: Schema): Promise<void> {
  const table = db.schema
    .createTable("Documents")
    .addColumn("id", types.id, (column) => column.primaryKey().autoIncrement())
    .addColumn("ownerid", types.id, (column) => column.notNull())
    .addColumn("name", types.text(255), (column) => column.notNull())
    .addColumn("path", types.exactText(1_024), (column) => column.notNull().unique())
    .addColumn("creation", types.time, (column) => column.notNull())
    .addColumn("sha256", types.bytes(32), (column) => column.notNull())
    .addColumn("size", types.count, (column) => column.notNull())
    .addForeignKeyConstraint("Documents_owner", ["ownerid"], "Users", ["id"], (key) =>
      key.onUpdate("cascade").onDelete("cascade"),
    );
  await finish(table, types);
  await db.schema.createIndex("Documents_ownerid").on("Documents").column("ownerid").execute();
  await db.schema.createIndex("Documents_sha256").on("Documents").column("sha256").execute();
}

async function createVersions({ db, types }: Schema): Promise<void> {
  const table = db.schema
    .createTable("Versions")
    .addColumn("id", types.id, (column) => column.primaryKey().autoIncrement())
    .addColumn("documentid", types.id, (column) => column.notNull())
    .addColumn("link", types.exactText(255), (column) => column.notNull().unique())
    .addColumn("intended_for", types.text(320))
    .addColumn("secret", types.text(320), (column) => column.notNull())
    .addColumn("method", types.exactText(32), (column) => column.notNull())
    .addColumn("position", types.longText)
    .addColumn("path", types.exactText(320), (column) => column.notNull())
    .addColumn("sha256", types.bytes(32), (column) => column.notNull())
    .addColumn("created_at", types.time, (column) => column.notNull())
    .addColumn("expires_at", types.time)
    .addForeignKeyConstraint("Versions_document", ["documentid"], "Documents", ["id"], (key) =>
      key.onUpdate("cascade").onDelete("cascade"),
    );
  await finish(table, types);
  await db.schema.createIndex("Versions_documentid").on("Versions").column("documentid").execute();
}

async function createRevokedTokens({ db, types }: Schema): Promise<void> {
  const table = db.schema
    .createTable("RevokedTokens")
    .addColumn("jti", types.exactText(64), (column) => column.primaryKey())
    .addColumn("expires_at", types.time, (column) => column.notNull());
  await finish(table, types);
}

async function createAuditLog({ db, types }: Schema): Promise<void> {
  const table = db.schema
    .createTable("AuditLog")
    .addColumn("id", types.id, (column) => column.primaryKey().autoIncrement())
    .addColumn("at", types.time, (column) => column.notNull())
    .addColumn("actor", types.id)
    .addColumn("action", types.exactText(32), (column) => column.notNull())
    .addColumn("object", types.exactText(64))
    .addColumn("client_ip", types.exactText(64), (column) => column.notNull())
    .addColumn("result", types.exactText(32), (column) => column.notNull());
  await finish(table, types);
  await db.schema.createIndex("AuditLog_at").on("AuditLog").column("at").execute();
}

/** So that what versions take of the disk can be bounded, and those that expired can be found. */
async function addVersionSize({ db, types }: Schema): Promise<void> {
  await db.schema
    .alterTable("Versions")
    .addColumn("size", types.count, (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.createIndex("Versions_expires_at").on("Versions").column("expires_at").execute();
}

async function finish(table: CreateTableBuilder<string, string>, types: ColumnTypes): Promise<void> {
  const { tableOptions } = types;
  await (tableOptions === null ? table : table.modifyEnd(tableOptions)).execute();
}

import type { Migration } from "@tatou/sql";
import { type Kysely, sql } from "kysely";

/** The history of the platform's schema: append only. */
export const migrations: readonly Migration[] = [{ name: "create platform tables", up: createPlatformTables }];

async function createPlatformTables(db: Kysely<unknown>): Promise<void> {
  await createUsers(db);
  await createDocuments(db);
  await createVersions(db);
  await createRecords(db);
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("Users")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("email", sql`text collate nocase`, (column) => column.notNull().unique())
    .addColumn("login", sql`text collate nocase`, (column) => column.notNull().unique())
    .addColumn("hpassword", "text", (column) => column.notNull())
    .addColumn("token_version", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
}

async function createDocuments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("Documents")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("ownerid", "integer", (column) =>
      column.notNull().references("Users.id").onUpdate("cascade").onDelete("cascade"),
    )
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("path", "text", (column) => column.notNull().unique())
    .addColumn("creation", "text", (column) => column.notNull())
    .addColumn("sha256", "blob", (column) => column.notNull())
    .addColumn("size", "integer", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("Documents_ownerid").on("Documents").column("ownerid").execute();
  await db.schema.createIndex("Documents_sha256").on("Documents").column("sha256").execute();
}

async function createVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("Versions")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("documentid", "integer", (column) => column.notNull().references("Documents.id").onDelete("cascade"))
    .addColumn("link", "text", (column) => column.notNull().unique())
    .addColumn("intended_for", "text")
    .addColumn("secret", "text", (column) => column.notNull())
    .addColumn("method", "text", (column) => column.notNull())
    .addColumn("position", "text")
    .addColumn("path", "text", (column) => column.notNull())
    .addColumn("sha256", "blob", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("expires_at", "text")
    .execute();
  await db.schema.createIndex("Versions_documentid").on("Versions").column("documentid").execute();
}

async function createRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("RevokedTokens")
    .addColumn("jti", "text", (column) => column.primaryKey())
    .addColumn("expires_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("AuditLog")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("actor", "integer")
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("object", "text")
    .addColumn("client_ip", "text", (column) => column.notNull())
    .addColumn("result", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("AuditLog_at").on("AuditLog").column("at").execute();
}

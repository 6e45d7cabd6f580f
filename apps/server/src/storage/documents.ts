import type { Database } from "./database.ts";
import { fits, type Quota } from "./quota.ts";

export interface StoredDocument {
  readonly id: number;
  readonly ownerId: number;
  readonly name: string;
  /** Relative to the storage folder. */
  readonly path: string;
  readonly creation: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface NewDocument {
  readonly ownerId: number;
  readonly name: string;
  readonly path: string;
  readonly createdAtMs: number;
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
}

/** Adds a document unless that would exceed the owner's quota; then null. */
export function addDocument(database: Database, document: NewDocument, quota: Quota): Promise<StoredDocument | null> {
  return database.run((db) =>
    // One transaction, so that two uploads at once cannot both take the last place.
    db.transaction().execute(async (transaction) => {
      const used = await transaction
        .selectFrom("Documents")
        .select((expression) => [
          expression.fn.countAll<number>().as("count"),
          expression.fn.sum<number | null>("size").as("size"),
        ])
        .where("ownerid", "=", document.ownerId)
        .executeTakeFirstOrThrow();
      if (!fits(document.sizeBytes, used, quota)) return null;
      const row = await transaction
        .insertInto("Documents")
        .values({
          ownerid: document.ownerId,
          name: document.name,
          path: document.path,
          creation: new Date(document.createdAtMs).toISOString(),
          sha256: document.sha256,
          size: document.sizeBytes,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toDocument(row);
    }),
  );
}

/** The documents of a user, newest first. */
export function listDocuments(database: Database, ownerId: number): Promise<readonly StoredDocument[]> {
  return database.run(async (db) => {
    const rows = await db
      .selectFrom("Documents")
      .selectAll()
      .where("ownerid", "=", ownerId)
      .orderBy("id", "desc")
      .execute();
    return rows.map(toDocument);
  });
}

export function findDocument(database: Database, id: number): Promise<StoredDocument | null> {
  return database.run(async (db) => {
    const row = await db.selectFrom("Documents").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? null : toDocument(row);
  });
}

/** Removes a document with its versions and gives the paths of all their files; null when it was gone already. */
export function removeDocument(database: Database, document: StoredDocument): Promise<readonly string[] | null> {
  return database.run((db) =>
    db.transaction().execute(async (transaction) => {
      const versions = await transaction
        .selectFrom("Versions")
        .select("path")
        .where("documentid", "=", document.id)
        .execute();
      const removed = await transaction.deleteFrom("Documents").where("id", "=", document.id).executeTakeFirstOrThrow();
      return removed.numDeletedRows === 0n ? null : [document.path, ...versions.map((version) => version.path)];
    }),
  );
}

interface DocumentRow {
  readonly id: number;
  readonly ownerid: number;
  readonly name: string;
  readonly path: string;
  readonly creation: string;
  readonly sha256: Uint8Array;
  readonly size: number;
}

function toDocument(row: DocumentRow): StoredDocument {
  return {
    id: row.id,
    ownerId: row.ownerid,
    name: row.name,
    path: row.path,
    creation: row.creation,
    sha256: Buffer.from(row.sha256).toString("hex"),
    sizeBytes: row.size,
  };
}

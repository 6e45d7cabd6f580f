import type { Database } from "./database.ts";

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

/** What a user may keep. */
export interface DocumentQuota {
  readonly countMax: number;
  readonly sizeMaxBytes: number;
}

/** One marked copy of a document. */
export interface StoredVersion {
  readonly id: number;
  readonly documentid: number;
  readonly link: string;
  readonly intended_for: string | null;
  readonly secret: string;
  readonly method: string;
}

const versionColumns = [
  "Versions.id",
  "Versions.documentid",
  "Versions.link",
  "Versions.intended_for",
  "Versions.secret",
  "Versions.method",
] as const;

/** Adds a document unless that would exceed the owner's quota; then null. */
export function addDocument(
  database: Database,
  document: NewDocument,
  quota: DocumentQuota,
): Promise<StoredDocument | null> {
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
      const isWithin = used.count < quota.countMax && (used.size ?? 0) + document.sizeBytes <= quota.sizeMaxBytes;
      if (!isWithin) return null;
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

/** The versions of a user's documents, of one of them when an id is given. */
export function listVersions(
  database: Database,
  ownerId: number,
  documentId?: number,
): Promise<readonly StoredVersion[]> {
  return database.run((db) => {
    const all = db
      .selectFrom("Versions")
      .innerJoin("Documents", "Documents.id", "Versions.documentid")
      .select(versionColumns)
      .where("Documents.ownerid", "=", ownerId)
      .orderBy("Versions.id");
    return (documentId === undefined ? all : all.where("Documents.id", "=", documentId)).execute();
  });
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

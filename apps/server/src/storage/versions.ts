import type { Database } from "./database.ts";
import { fits, type Quota } from "./quota.ts";

/** One marked copy of a document, as its owner sees it. */
export interface ListedVersion {
  readonly id: number;
  readonly documentid: number;
  readonly link: string;
  readonly intended_for: string | null;
  readonly secret: string;
  readonly method: string;
}

/** Where the file of a version is, and until when its link leads there. */
export interface VersionFile {
  /** Relative to the storage folder. */
  readonly path: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Null for a link that does not expire. */
  readonly expiresAtMs: number | null;
}

export interface NewVersion {
  readonly documentId: number;
  readonly link: string;
  readonly intendedFor: string;
  readonly secret: string;
  readonly method: string;
  readonly position: string | null;
  readonly path: string;
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

export type AddedVersion =
  | { readonly kind: "added"; readonly id: number }
  | { readonly kind: "link_taken" }
  | { readonly kind: "quota_exceeded" }
  /** Its document was deleted meanwhile. */
  | { readonly kind: "document_gone" };

/** A version that carries a given secret. */
export interface AttributedVersion {
  readonly version_id: number;
  readonly intended_for: string | null;
  readonly link: string;
}

const listedColumns = [
  "Versions.id",
  "Versions.documentid",
  "Versions.link",
  "Versions.intended_for",
  "Versions.secret",
  "Versions.method",
] as const;

/** Adds a version unless that would exceed what its document's owner may keep. */
export function addVersion(database: Database, version: NewVersion, quota: Quota): Promise<AddedVersion> {
  return database.run((db) =>
    // One transaction, so that two at once cannot both take a link or the last place.
    db.transaction().execute(async (transaction) => {
      const document = await transaction
        .selectFrom("Documents")
        .select("ownerid")
        .where("id", "=", version.documentId)
        .executeTakeFirst();
      if (document === undefined) return { kind: "document_gone" };
      const used = await transaction
        .selectFrom("Versions")
        .innerJoin("Documents", "Documents.id", "Versions.documentid")
        .select((expression) => [
          expression.fn.countAll<number>().as("count"),
          expression.fn.sum<number | null>("Versions.size").as("size"),
        ])
        .where("Documents.ownerid", "=", document.ownerid)
        .executeTakeFirstOrThrow();
      if (!fits(version.sizeBytes, used, quota)) return { kind: "quota_exceeded" };
      const taken = await transaction
        .selectFrom("Versions")
        .select("id")
        .where("link", "=", version.link)
        .executeTakeFirst();
      if (taken !== undefined) return { kind: "link_taken" };
      const { id } = await transaction
        .insertInto("Versions")
        .values(toRow(version))
        .returning("id")
        .executeTakeFirstOrThrow();
      return { kind: "added", id };
    }),
  );
}

/** Removes the versions that expired before a time, at most `countMax` at once, and gives the paths of their files. */
export function removeExpiredVersions(
  database: Database,
  beforeMs: number,
  countMax: number,
): Promise<readonly string[]> {
  return database.run((db) =>
    db.transaction().execute(async (transaction) => {
      const expired = await transaction
        .selectFrom("Versions")
        .select(["id", "path"])
        .where("expires_at", "<", new Date(beforeMs).toISOString())
        .limit(countMax)
        .execute();
      const ids = expired.map((version) => version.id);
      if (ids.length > 0) await transaction.deleteFrom("Versions").where("id", "in", ids).execute();
      return expired.map((version) => version.path);
    }),
  );
}

/** The file behind a link, whoever asks; null when there is none. Expired ones are found too. */
export function findVersionFile(database: Database, link: string): Promise<VersionFile | null> {
  return database.run(async (db) => {
    const row = await db
      .selectFrom("Versions")
      .select(["path", "sha256", "expires_at"])
      .where("link", "=", link)
      .executeTakeFirst();
    if (row === undefined) return null;
    return {
      path: row.path,
      sha256: Buffer.from(row.sha256).toString("hex"),
      expiresAtMs: row.expires_at === null ? null : Date.parse(row.expires_at),
    };
  });
}

/** The versions of a user's documents, of one of them when an id is given. */
export function listVersions(
  database: Database,
  ownerId: number,
  documentId?: number,
): Promise<readonly ListedVersion[]> {
  return database.run((db) => {
    const all = db
      .selectFrom("Versions")
      .innerJoin("Documents", "Documents.id", "Versions.documentid")
      .select(listedColumns)
      .where("Documents.ownerid", "=", ownerId)
      .orderBy("Versions.id");
    return (documentId === undefined ? all : all.where("Documents.id", "=", documentId)).execute();
  });
}

/** The newest version of a user's documents that carries a secret; null when none does. */
export function findVersionBySecret(
  database: Database,
  ownerId: number,
  secret: string,
): Promise<AttributedVersion | null> {
  return database.run(async (db) => {
    const row = await db
      .selectFrom("Versions")
      .innerJoin("Documents", "Documents.id", "Versions.documentid")
      .select(["Versions.id as version_id", "Versions.intended_for", "Versions.link"])
      .where("Documents.ownerid", "=", ownerId)
      .where("Versions.secret", "=", secret)
      .orderBy("Versions.id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  });
}

function toRow(version: NewVersion) {
  const { documentId, link, intendedFor, secret, method, position, path, sha256, sizeBytes, createdAtMs, expiresAtMs } =
    version;
  return {
    documentid: documentId,
    link,
    intended_for: intendedFor,
    secret,
    method,
    position,
    path,
    sha256,
    size: sizeBytes,
    created_at: new Date(createdAtMs).toISOString(),
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
  };
}

import type { Database } from "./database.ts";

/** What a user did that changed something. Holds no secrets, tokens, links or names of files. */
export interface AuditEntry {
  readonly atMs: number;
  /** The user's id. */
  readonly actor: number;
  readonly action: "create-user" | "login" | "logout" | "upload-document" | "delete-document";
  readonly object: string | null;
  readonly clientIp: string;
}

/** Addresses are personal data. */
const retentionMs = 90 * 86_400_000;

export async function addAuditEntry(database: Database, entry: AuditEntry): Promise<void> {
  await database.run((db) =>
    db
      .insertInto("AuditLog")
      .values({
        at: new Date(entry.atMs).toISOString(),
        actor: entry.actor,
        action: entry.action,
        object: entry.object,
        client_ip: entry.clientIp,
        result: "done",
      })
      .execute(),
  );
}

/** Removes audit entries past their retention, and revocations of tokens that have expired by now. */
export async function removeOldRecords(database: Database, nowMs: number): Promise<void> {
  await database.run(async (db) => {
    await db
      .deleteFrom("AuditLog")
      .where("at", "<", new Date(nowMs - retentionMs).toISOString())
      .execute();
    await db.deleteFrom("RevokedTokens").where("expires_at", "<", new Date(nowMs).toISOString()).execute();
  });
}

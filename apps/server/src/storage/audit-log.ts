import type { AuditAction } from "../metrics/usage-metrics.ts";
import type { Database } from "./database.ts";

/** What a user did, or tried. Holds no secrets, tokens, links or names of files. */
export interface AuditEntry {
  readonly atMs: number;
  /** The user's id; null when nobody was logged in. */
  readonly actor: number | null;
  readonly action: AuditAction;
  /** The id of what it was done to. */
  readonly object: string | null;
  readonly clientIp: string;
  readonly result: AuditResult;
}

export type AuditResult = "done" | "failed";

/** Addresses are personal data. */
const retentionMs = 90 * 86_400_000;
/** A user who logs in all day long cannot fill the disk: the oldest entries go first. */
const entryCountMax = 1_000_000;

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
        result: entry.result,
      })
      .execute(),
  );
}

/** Removes audit entries past their retention or their number, and revocations of tokens that have expired by now. */
export async function removeOldRecords(database: Database, nowMs: number): Promise<void> {
  await database.run(async (db) => {
    await db
      .deleteFrom("AuditLog")
      .where("at", "<", new Date(nowMs - retentionMs).toISOString())
      .execute();
    const newest = await db
      .selectFrom("AuditLog")
      .select((expression) => expression.fn.max("id").as("id"))
      .executeTakeFirst();
    await db
      .deleteFrom("AuditLog")
      .where("id", "<=", (newest?.id ?? 0) - entryCountMax)
      .execute();
    await db.deleteFrom("RevokedTokens").where("expires_at", "<", new Date(nowMs).toISOString()).execute();
  });
}

import type { FastifyRequest } from "fastify";
import { DatabaseError } from "../errors.ts";
import type { AuditAction } from "../metrics/usage-metrics.ts";
import type { ServerContext } from "../server-context.ts";
import { type AuditResult, addAuditEntry } from "../storage/audit-log.ts";

export interface AuditedAction {
  readonly action: AuditAction;
  /** The id of what it was done to; null or absent when that is the user himself. */
  readonly object?: string | null;
  /** Done when absent. */
  readonly result?: AuditResult;
}

/**
 * Records what the user of a request did, in the log and in the database. The deed is done by then, so an entry that cannot
 * be written is reported as the failure of the database that it is, and does not change the answer.
 */
export async function audit(
  request: FastifyRequest,
  context: ServerContext,
  { action, object = null, result = "done" }: AuditedAction,
): Promise<void> {
  const { record } = request;
  const { id, clientIp } = record.facts;
  context.metrics.usage.countAudit(action);
  context.log.audit({ request_id: id, user_id: record.userId, action, object, result, client_ip: clientIp });
  const entry = { atMs: context.clock.nowMs(), actor: record.userId, action, object, clientIp, result };
  try {
    await addAuditEntry(context.database, entry);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    record.report("database_error");
    record.countSqlError();
    context.log.failure(id, error);
  }
}

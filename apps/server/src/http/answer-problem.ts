import type { FastifyReply, FastifyRequest } from "fastify";
import { DatabaseError, StorageError } from "../errors.ts";
import { WorkQueueFullError } from "../limits/work-queue.ts";
import { rmapNotConfiguredCode } from "../rmap/rmap-not-configured.ts";
import type { ServerContext } from "../server-context.ts";
import { invalidInput, Problem, rateLimited } from "./problem.ts";

const loginEndpoint = "/api/login";
/** What a client reads of a failure that no route foresaw. */
export const internalErrorText = "internal error";

/** Turns whatever a request failed with into its one answer, and into counts and events. */
export async function answerProblem(
  error: unknown,
  exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  context: ServerContext,
): Promise<void> {
  const { request, reply } = exchange;
  const problem = toProblem(error);
  const { cause } = problem.details;
  if (problem.status >= 500 && cause !== undefined) context.log.failure(request.record.facts.id, cause);
  count(problem, request, context);
  const { code, headers = {} } = problem.details;
  await reply
    .code(problem.status)
    .headers(headers)
    .type("application/json; charset=utf-8")
    .send({ error: problem.message, ...(code === undefined ? {} : { code }), request_id: request.record.facts.id });
}

/** The answer to a failure; never tells what went wrong inside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseError) {
    return new Problem(503, "database unavailable", { events: ["database_error"], cause: error });
  }
  if (error instanceof StorageError) return storageProblem(error);
  if (error instanceof WorkQueueFullError) return rateLimited(1, "work_queue");
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 413) return new Problem(413, "request body too large", { events: ["input_validation_failed"] });
  if (typeof status === "number" && status >= 400 && status < 500) return invalidInput("bad request");
  return new Problem(500, internalErrorText, { events: ["unhandled_error"], cause: error });
}

function storageProblem(error: StorageError): Problem {
  const details = { events: ["storage_integrity"], cause: error } as const;
  switch (error.kind) {
    case "missing":
      return new Problem(410, "file missing on disk", details);
    case "outside":
      return new Problem(500, "document path invalid", details);
    case "damaged":
      return new Problem(500, "document file damaged", details);
    case "unwritable":
      return new Problem(503, "storage unavailable", { cause: error });
  }
}

function count(problem: Problem, request: FastifyRequest, context: ServerContext): void {
  const { record } = request;
  const isLogin = record.endpoint === loginEndpoint;
  const isThrottledLogin = isLogin && problem.status === 429;
  const { events = [] } = problem.details;
  for (const event of events) {
    record.report(event === "rate_limited" && isLogin ? "auth_throttled" : event);
  }
  if (problem.details.limiter !== undefined) context.metrics.usage.countLimiterHit(problem.details.limiter);
  if (problem.status === 401 || isThrottledLogin) context.metrics.countAuthFailure(record.facts.clientIp);
  if (problem.details.cause instanceof DatabaseError) record.countSqlError();
  if (request.routeOptions.config.isRmap === true && problem.details.code !== rmapNotConfiguredCode) {
    context.metrics.countRmapFailure(record.facts.clientIp);
    // What was reported by its own name is not reported by the general one as well.
    if (events.length === 0) record.report("rmap_handshake_failure");
  }
}

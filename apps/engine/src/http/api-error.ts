import { type ApiErrorType, apiErrorStatus, errorEnvelope, ParameterError } from "@tatou/api";
import { RegexSyntaxError } from "@tatou/model";
import { QueryExecutionError, QuerySyntaxError } from "@tatou/promql";
import { BlockCorruptError, HeadChunkCorruptError } from "@tatou/tsdb";
import type { FastifyReply } from "fastify";
import { QueryAbandonedError, QueryQueueFullError, QueryTimeoutError } from "../errors.ts";

/** An error whose type is decided where it is found. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly type: ApiErrorType;
  readonly hint?: string;

  constructor(type: ApiErrorType, message: string, hint?: string) {
    super(message);
    this.type = type;
    if (hint !== undefined) this.hint = hint;
  }
}

/**
 * Answers with Prometheus' error envelope; the hint goes into a header, for the envelope has no place for it.
 * @throws the error itself when it is none of the known ones: a defect of ours, for the door to log
 */
export function sendApiError(reply: FastifyReply, error: unknown): FastifyReply {
  const type = errorType(error);
  if (type === null) throw error;
  const { message, hint } = error as { message: string; hint?: string };
  if (hint !== undefined) void reply.header("tatou-hint", headerText(hint));
  return reply.code(apiErrorStatus[type]).send(errorEnvelope(type, message));
}

/** null for what is no answer to a request. */
function errorType(error: unknown): ApiErrorType | null {
  if (error instanceof ApiError) return error.type;
  if (error instanceof ParameterError || error instanceof QuerySyntaxError) return "bad_data";
  if (error instanceof RegexSyntaxError) return "bad_data";
  if (error instanceof QueryExecutionError) return "execution";
  if (error instanceof QueryTimeoutError) return "timeout";
  if (error instanceof QueryQueueFullError) return "unavailable";
  if (error instanceof QueryAbandonedError) return "canceled";
  // As Prometheus says what its storage cannot read.
  if (error instanceof BlockCorruptError || error instanceof HeadChunkCorruptError) return "internal";
  return null;
}

/** Headers are ASCII: everything else, and the percent sign, is percent-encoded. */
function headerText(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/[^\x20-\x7e]|%/gu, encodeURIComponent);
}

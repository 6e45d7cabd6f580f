import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { DatabaseError } from "../errors.ts";
import { Problem, UploadProblem } from "../http/problem.ts";
import { addRoutes } from "../http/routes.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import { WorkQueueFullError } from "../limits/work-queue.ts";
import type { UploadErrorType } from "../metrics/upload-error-types.ts";
import type { ServerContext } from "../server-context.ts";
import { addAuditEntry } from "../storage/audit-log.ts";
import { addDocument, type StoredDocument } from "../storage/documents.ts";
import { describeDocument } from "./document-json.ts";
import { notAPdf, type ReceivedUpload, receiveUpload } from "./receive-upload.ts";

const quota = { countMax: 500, sizeMaxBytes: 1_024 ** 3 };

/** Adds the route in a scope of its own, where bodies are left to the route to read. */
export async function addUploadRoute(app: FastifyInstance, context: ServerContext): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    addRoutes(scope, [
      {
        methods: ["POST"],
        paths: ["/api/upload-document"],
        config: { isAuthenticated: true },
        handle: (request, reply) => upload(request, reply, context),
      },
    ]);
  });
}

async function upload(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  try {
    useOrRefuse(context.limiters.uploads, String(claimsOf(request).userId));
    const received = await receiveUpload(request, context.files, context.settings.uploadMaxBytes);
    const document = await accept(request, received, context);
    reply.code(201);
    return describeDocument(document);
  } catch (error) {
    const isClientGone = request.raw.destroyed && !request.raw.complete;
    const failure = isClientGone ? new UploadProblem("aborted", 400, "upload aborted", { cause: error }) : error;
    context.metrics.countUploadError(request.record.facts.clientIp, errorTypeOf(failure));
    request.record.report("file_upload_rejected");
    throw failure;
  } finally {
    // What was not read is thrown away, so that the connection can be used again.
    request.raw.resume();
  }
}

/** Takes a received file over, or leaves nothing of it behind. */
async function accept(
  request: FastifyRequest,
  received: ReceivedUpload,
  context: ServerContext,
): Promise<StoredDocument> {
  const { file, name, sha256 } = received;
  try {
    await check(request, file.path, context);
    const path = await context.files.keep(file, claimsOf(request).userId);
    try {
      return await record(request, { name, path, sha256, sizeBytes: file.sizeBytes }, context);
    } catch (error) {
      await context.files.remove(path);
      throw error;
    }
  } finally {
    await file.discard();
  }
}

async function check(request: FastifyRequest, path: string, context: ServerContext): Promise<void> {
  const verdict = await context.pdfChecker.check(path);
  if (verdict.kind === "accepted") return;
  const { record } = request;
  switch (verdict.reason) {
    case "malicious":
      record.report("malicious_file_detected");
      break;
    case "parse_error":
      context.metrics.countPdfParserError(record.facts.clientIp);
      record.report("pdf_parser_error");
      break;
    case "limits":
      context.metrics.countPdfParserError(record.facts.clientIp);
      record.report("pdf_parser_limit");
      break;
    case "encrypted":
      break;
  }
  throw notAPdf(verdict.reason);
}

async function record(
  request: FastifyRequest,
  file: { readonly name: string; readonly path: string; readonly sha256: Buffer; readonly sizeBytes: number },
  context: ServerContext,
): Promise<StoredDocument> {
  const { userId } = claimsOf(request);
  const createdAtMs = context.clock.nowMs();
  const document = await addDocument(context.database, { ownerId: userId, createdAtMs, ...file }, quota);
  if (document === null) throw new UploadProblem("quota_exceeded", 413, "storage quota exceeded");
  await addAuditEntry(context.database, {
    atMs: createdAtMs,
    actor: userId,
    action: "upload-document",
    object: String(document.id),
    clientIp: request.record.facts.clientIp,
  });
  return document;
}

function errorTypeOf(failure: unknown): UploadErrorType {
  if (failure instanceof UploadProblem) return failure.errorType;
  if (failure instanceof WorkQueueFullError || (failure instanceof Problem && failure.status === 429))
    return "rate_limited";
  return failure instanceof DatabaseError ? "db_error" : "storage_error";
}

import type { FastifyReply, FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { DatabaseError } from "../errors.ts";
import { Problem, UploadProblem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import { WorkQueueFullError } from "../limits/work-queue.ts";
import type { UploadErrorType } from "../metrics/upload-error-types.ts";
import type { ServerContext } from "../server-context.ts";
import { addDocument, type StoredDocument } from "../storage/documents.ts";
import { audit } from "../system/audit.ts";
import { describeDocument } from "./document-json.ts";
import { notAPdf, type ReceivedUpload, receiveUpload } from "./receive-upload.ts";
import { reportPdfRefusal } from "./report-pdf-refusal.ts";

const quota = { countMax: 500, sizeMaxBytes: 1_024 ** 3 };

/** To be added where bodies are left to the route to read. */
export function uploadRoutes(context: ServerContext): readonly Route[] {
  return [
    {
      methods: ["POST"],
      paths: ["/api/upload-document"],
      config: { isAuthenticated: true },
      handle: (request, reply) => upload(request, reply, context),
    },
  ];
}

async function upload(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  try {
    useOrRefuse(context.limiters.uploads, String(claimsOf(request).userId));
    const received = await receiveUpload(request, context.files, context.settings.uploadMaxBytes);
    const document = await accept(request, received, context);
    context.metrics.usage.countUpload(document.sizeBytes);
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
  const verdict = await context.pdfWorkshop.check(path);
  if (verdict.kind === "accepted") return;
  reportPdfRefusal(request, verdict.reason, context);
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
  await audit(request, context, { action: "upload-document", object: String(document.id) });
  return document;
}

function errorTypeOf(failure: unknown): UploadErrorType {
  if (failure instanceof UploadProblem) return failure.errorType;
  if (failure instanceof WorkQueueFullError || (failure instanceof Problem && failure.status === 429))
    return "rate_limited";
  return failure instanceof DatabaseError ? "db_error" : "storage_error";
}

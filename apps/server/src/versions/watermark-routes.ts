import type { FastifyReply, FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { ownedDocument } from "../documents/owned-document.ts";
import { reportPdfRefusal } from "../documents/report-pdf-refusal.ts";
import { internalErrorText, toProblem } from "../http/answer-problem.ts";
import { requiredFields } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import type { PdfRefusal } from "../pdf/pdf-verdict.ts";
import type { ReadMarkOutcome } from "../pdf/pdf-work.ts";
import type { ServerContext } from "../server-context.ts";
import type { StoredDocument } from "../storage/documents.ts";
import { findVersionBySecret } from "../storage/versions.ts";
import { audit } from "../system/audit.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import { type CreatedVersion, createVersion } from "./create-version.ts";
import { versionFileName } from "./version-link.ts";
import { parseCreateFields, parseReadFields, type ReadFields } from "./watermark-fields.ts";

export function watermarkRoutes(context: ServerContext): readonly Route[] {
  const config = { isAuthenticated: true };
  return [
    {
      methods: ["POST"],
      paths: ["/api/create-watermark", "/api/create-watermark/:document_id"],
      config,
      handle: (request, reply) => create(request, reply, context),
    },
    {
      methods: ["POST"],
      paths: ["/api/read-watermark", "/api/read-watermark/:document_id"],
      config,
      handle: (request, reply) => read(request, reply, context),
    },
    {
      methods: ["GET"],
      paths: ["/api/get-watermarking-methods"],
      handle: (_request, reply) => listMethods(reply),
    },
  ];
}

async function listMethods(reply: FastifyReply): Promise<unknown> {
  reply.header("cache-control", "public, max-age=300");
  const methods = [...watermarkMethods.values()].map(({ name, description }) => ({ name, description }));
  return { methods, count: methods.length };
}

async function create(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  useOrRefuse(context.limiters.watermarks, String(claimsOf(request).userId));
  const body = requiredFields(request);
  const document = await ownedDocument(request, context);
  const fields = parseCreateFields(body);
  const outcome = await orWatermarkingFailed(createVersion(context, { document, ...fields }));
  await audit(request, context, {
    action: "create-watermark",
    object: String(document.id),
    result: outcome.kind === "created" ? "done" : "failed",
  });
  switch (outcome.kind) {
    case "created":
      reply.code(201);
      return describeVersion(outcome.version);
    case "not_applicable":
      throw new Problem(400, "watermarking method not applicable", { code: "not_applicable" });
    case "refused":
      throw refusedDocument(request, outcome.reason, context);
    case "link_taken":
      throw watermarkingFailed(new Error("Cannot add version: a random link was taken"));
  }
}

function describeVersion(version: CreatedVersion): Readonly<Record<string, unknown>> {
  const { id, documentId, link, intendedFor, method, position, sizeBytes } = version;
  const filename = versionFileName(link);
  return { id, documentid: documentId, link, intended_for: intendedFor, method, position, filename, size: sizeBytes };
}

async function read(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  const { userId } = claimsOf(request);
  useOrRefuse(context.limiters.watermarks, String(userId));
  const body = requiredFields(request);
  const document = await ownedDocument(request, context);
  const fields = parseReadFields(body);
  const outcome = await orWatermarkingFailed(readMark(context, document, fields));
  await audit(request, context, {
    action: "read-watermark",
    object: String(document.id),
    result: outcome.kind === "read" ? "done" : "failed",
  });
  if (outcome.kind !== "read") throw readingProblem(request, outcome, context);
  const { secret } = outcome;
  const attribution = await findVersionBySecret(context.database, userId, secret);
  reply.code(201);
  const { method, position } = fields;
  return { documentid: document.id, secret, method, position, ...(attribution === null ? {} : { attribution }) };
}

async function readMark(
  context: ServerContext,
  document: StoredDocument,
  request: ReadFields,
): Promise<ReadMarkOutcome> {
  const timing = context.metrics.watermarks.start("read", request.method);
  try {
    const path = await context.files.verifiedPath(document.path, document.sha256);
    const outcome = await context.pdfWorkshop.readMark(path, request);
    timing.end(outcome.kind === "read" ? "done" : outcome.kind);
    return outcome;
  } catch (error) {
    timing.end("failed");
    throw error;
  }
}

function readingProblem(
  request: FastifyRequest,
  outcome: Exclude<ReadMarkOutcome, { kind: "read" }>,
  context: ServerContext,
): Problem {
  switch (outcome.kind) {
    case "secret_not_found":
      return new Problem(400, "no watermark of this method was found", {
        code: "secret_not_found",
        events: ["watermark_not_found"],
      });
    case "invalid_key":
      return new Problem(400, "the watermark does not open with this key", {
        code: "invalid_key",
        events: ["watermark_key_mismatch"],
      });
    case "disagreement":
      return new Problem(400, "the layers of the watermark disagree", { code: "disagreement" });
    case "refused":
      return refusedDocument(request, outcome.reason, context);
  }
}

/** The upload check let the file in, and the method's own parser does not get through it. */
function refusedDocument(request: FastifyRequest, reason: PdfRefusal, context: ServerContext): Problem {
  reportPdfRefusal(request, reason, context);
  return new Problem(400, "the document cannot be processed", { code: reason });
}

/** What no input can bring about is answered in one text; failures with an answer of their own keep it. */
async function orWatermarkingFailed<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toProblem(error).message === internalErrorText ? watermarkingFailed(error) : error;
  }
}

function watermarkingFailed(cause: unknown): Problem {
  return new Problem(500, "watermarking failed", { events: ["unhandled_error"], cause });
}

import type { FastifyReply, FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { StorageError } from "../errors.ts";
import { documentNotFound } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import type { ServerContext } from "../server-context.ts";
import { listDocuments, removeDocument } from "../storage/documents.ts";
import { audit } from "../system/audit.ts";
import { describeDocument } from "./document-json.ts";
import { ownedDocument } from "./owned-document.ts";
import { sendPdf } from "./send-pdf.ts";

export function documentRoutes(context: ServerContext): readonly Route[] {
  const config = { isAuthenticated: true };
  return [
    { methods: ["GET"], paths: ["/api/list-documents"], config, handle: (request) => list(request, context) },
    {
      methods: ["GET"],
      paths: ["/api/get-document", "/api/get-document/:document_id"],
      config,
      handle: (request, reply) => get(request, reply, context),
    },
    {
      methods: ["DELETE", "POST"],
      paths: ["/api/delete-document"],
      config,
      handle: (request) => remove(request, context),
    },
    {
      methods: ["DELETE"],
      paths: ["/api/delete-document/:document_id"],
      config,
      handle: (request) => remove(request, context),
    },
  ];
}

async function list(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const documents = await listDocuments(context.database, claimsOf(request).userId);
  return { documents: documents.map(describeDocument) };
}

async function get(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  const document = await ownedDocument(request, context);
  return sendPdf(
    { request, reply },
    { ...document, cacheControl: "private, max-age=0, must-revalidate" },
    context.files,
  );
}

async function remove(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const document = await ownedDocument(request, context);
  const paths = await removeDocument(context.database, document);
  if (paths === null) throw documentNotFound();
  const outcomes = await Promise.all(paths.map((path) => removeFile(request, path, context)));
  await audit(request, context, { action: "delete-document", object: String(document.id) });
  const isMissing = outcomes.includes("missing");
  const isKept = outcomes.includes("kept");
  return {
    deleted: true,
    id: document.id,
    file_deleted: !isMissing && !isKept,
    file_missing: isMissing,
    note: isKept ? "a file could not be removed" : null,
  };
}

/** The document is gone for its owner either way, so a file that stays is reported, not thrown. */
async function removeFile(
  request: FastifyRequest,
  path: string,
  context: ServerContext,
): Promise<"removed" | "missing" | "kept"> {
  try {
    if (await context.files.remove(path)) return "removed";
    request.record.report("storage_integrity");
    return "missing";
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.kind === "outside") request.record.report("storage_integrity");
    context.log.failure(request.record.facts.id, error);
    return "kept";
  }
}

import type { FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { documentIdOf } from "../http/document-id.ts";
import { documentNotFound } from "../http/problem.ts";
import type { ServerContext } from "../server-context.ts";
import { findDocument, type StoredDocument } from "../storage/documents.ts";

/**
 * The document a request is about, which must belong to the caller.
 * @throws {Problem} 400 without an id; 404, with the same text, when it is missing or another's
 */
export async function ownedDocument(request: FastifyRequest, context: ServerContext): Promise<StoredDocument> {
  const document = await findDocument(context.database, documentIdOf(request));
  if (document === null) throw documentNotFound();
  if (document.ownerId !== claimsOf(request).userId) throw documentNotFound(["authorization_denied"]);
  return document;
}

import type { FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { documentIdOf } from "../http/document-id.ts";
import { documentNotFound, rateLimited } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import type { ServerContext } from "../server-context.ts";
import { findDocument, listVersions } from "../storage/documents.ts";

export function versionRoutes(context: ServerContext): readonly Route[] {
  const config = { isAuthenticated: true };
  return [
    {
      methods: ["GET"],
      paths: ["/api/list-versions", "/api/list-versions/:document_id"],
      config,
      handle: (request) => listOfDocument(request, context),
    },
    { methods: ["GET"], paths: ["/api/list-all-versions"], config, handle: (request) => listAll(request, context) },
    { methods: ["GET"], paths: ["/api/get-version/:link"], handle: (request) => getVersion(request, context) },
  ];
}

async function listOfDocument(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const id = documentIdOf(request);
  const { userId } = claimsOf(request);
  const document = await findDocument(context.database, id);
  if (document !== null && document.ownerId !== userId) request.record.report("authorization_denied");
  return { versions: await listVersions(context.database, userId, id) };
}

async function listAll(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  return { versions: await listVersions(context.database, claimsOf(request).userId) };
}

/** Marked copies cannot be made yet, so every link is one that leads nowhere; guessing is limited all the same. */
async function getVersion(request: FastifyRequest, context: ServerContext): Promise<never> {
  const { clientIp } = request.record.facts;
  const waitSeconds = context.limiters.linkMisses.use(clientIp);
  if (waitSeconds > 0) throw rateLimited(waitSeconds);
  throw documentNotFound(["version_link_miss"]);
}

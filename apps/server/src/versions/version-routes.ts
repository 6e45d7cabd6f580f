import type { FastifyReply, FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { sendPdf } from "../documents/send-pdf.ts";
import { documentIdOf } from "../http/document-id.ts";
import { documentNotFound, rateLimited } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import type { ServerContext } from "../server-context.ts";
import { findDocument } from "../storage/documents.ts";
import { findVersionFile, listVersions, type VersionFile } from "../storage/versions.ts";
import { isVersionLink, versionFileName } from "./version-link.ts";

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
    { methods: ["GET"], paths: ["/api/get-version/:link"], handle: (request, reply) => get(request, reply, context) },
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

/** Whoever knows the link gets the copy, as often as he likes; a body that comes with the request is not looked at. */
async function get(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  reply.header("x-robots-tag", "noindex");
  const { link = "" } = request.params as { readonly link?: string };
  const version = await findLiving(link, context);
  if (version === null) throw missedLink(request, context);
  const { path, sha256 } = version;
  return sendPdf(
    { request, reply },
    { name: versionFileName(link), path, sha256, cacheControl: "private, max-age=0" },
    context.files,
  );
}

async function findLiving(link: string, context: ServerContext): Promise<VersionFile | null> {
  const version = isVersionLink(link) ? await findVersionFile(context.database, link) : null;
  const isExpired = version?.expiresAtMs != null && version.expiresAtMs <= context.clock.nowMs();
  return isExpired ? null : version;
}

/** Malformed, unknown, expired and deleted links look the same; only misses are limited, so a right link always works. */
function missedLink(request: FastifyRequest, context: ServerContext): Error {
  const waitSeconds = context.limiters.linkMisses.use(request.record.facts.clientIp);
  return waitSeconds > 0 ? rateLimited(waitSeconds, "link_misses") : documentNotFound(["version_link_miss"]);
}

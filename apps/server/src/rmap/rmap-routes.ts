import { randomBytes } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { toProblem } from "../http/answer-problem.ts";
import type { ParsedBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import type { ServerContext } from "../server-context.ts";
import { findDocument, type StoredDocument } from "../storage/documents.ts";
import { audit } from "../system/audit.ts";
import { createVersion } from "../versions/create-version.ts";
import type { RmapGrant } from "./rmap.ts";
import { rmapNotConfigured } from "./rmap-not-configured.ts";
import type { RmapService } from "./rmap-service.ts";

const secretBytes = 16;

/** The two steps of a handshake; without keys both answer 503. */
export function rmapRoutes(context: ServerContext): readonly Route[] {
  const config = { isRmap: true };
  return [
    {
      methods: ["POST"],
      paths: ["/api/rmap-initiate", "/rmap-initiate"],
      config,
      handle: (request) => initiate(request, context),
    },
    {
      methods: ["POST"],
      paths: ["/api/rmap-get-link", "/rmap-get-link"],
      config,
      handle: (request) => getLink(request, context),
    },
  ];
}

async function initiate(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const { protocol } = admitted(request, context);
  return { payload: await protocol.initiate(payloadOf(request), request.record.facts.clientIp) };
}

async function getLink(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const service = admitted(request, context);
  const grant = await service.protocol.redeem(payloadOf(request));
  const versionId = await makeCopy(context, service, grant).catch((error: unknown) => {
    throw copyProblem(error);
  });
  await audit(request, context, { action: "rmap-link", object: String(versionId) });
  const { payload, result } = grant;
  return service.settings.hasPlaintextResult ? { payload, result } : { payload };
}

function admitted(request: FastifyRequest, context: ServerContext): RmapService {
  if (context.rmap === null) throw rmapNotConfigured();
  useOrRefuse(context.limiters.rmapRequests, request.record.facts.clientIp);
  return context.rmap;
}

/** Makes the copy that a finished handshake entitles to, and gives its id. */
async function makeCopy(context: ServerContext, service: RmapService, grant: RmapGrant): Promise<number> {
  const { linkLifetimeMs, watermarkMethod: method, watermarkKey: key } = service.settings;
  const outcome = await createVersion(context, {
    ...{ document: await sourceDocument(context, service), method, key, position: null },
    secret: randomBytes(secretBytes).toString("base64url"),
    intendedFor: grant.identity,
    link: grant.result,
    expiresAtMs: linkLifetimeMs === null ? null : context.clock.nowMs() + linkLifetimeMs,
  });
  if (outcome.kind === "created") return outcome.version.id;
  // The document was accepted at the start and the link is random: whatever it is, it should not be.
  throw new Error(`Cannot mark the document of RMAP with ${method}: ${outcome.kind}`);
}

/**
 * The client did all it could: what is wrong with the document behind it, such as a file that is gone, is no answer of its
 * own here. Only what passes by itself stays what it is.
 */
function copyProblem(error: unknown): Problem {
  const problem = toProblem(error);
  if (problem.status === 429 || problem.status === 503) return problem;
  return new Problem(500, "watermarking failed", { events: ["unhandled_error"], ...problem.details, cause: error });
}

/** Its owner may have deleted it since the start. */
async function sourceDocument(context: ServerContext, { documentId }: RmapService): Promise<StoredDocument> {
  const document = await findDocument(context.database, documentId);
  if (document === null) throw rmapNotConfigured();
  return document;
}

function payloadOf(request: FastifyRequest): string {
  const body = request.body as ParsedBody | null | undefined;
  if (body?.kind !== "object") throw new Problem(400, "Incoming message must be a JSON object");
  const payload = body.fields.get("payload");
  if (payload === undefined) throw new Problem(400, "Missing 'payload' field");
  if (typeof payload === "string" && payload !== "") return payload;
  throw new Problem(400, "'payload' must be a non-empty base64 string");
}

/** Routes of the platform's interface that exist, keep their rules of access, and cannot do their work in this version. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { claimsOf } from "../auth/authenticate.ts";
import { ownedDocument } from "../documents/owned-document.ts";
import { requiredFields } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import type { ServerContext } from "../server-context.ts";

export function unavailableRoutes(context: ServerContext): readonly Route[] {
  return [
    {
      methods: ["POST"],
      paths: [
        "/api/create-watermark",
        "/api/create-watermark/:document_id",
        "/api/read-watermark",
        "/api/read-watermark/:document_id",
      ],
      config: { isAuthenticated: true },
      handle: (request) => watermark(request, context),
    },
    {
      methods: ["GET"],
      paths: ["/api/get-watermarking-methods"],
      handle: (_request, reply) => watermarkingMethods(reply),
    },
    {
      methods: ["POST"],
      paths: ["/api/load-plugin"],
      config: { isAuthenticated: true, guard: reportPluginLoad },
      handle: loadPlugin,
    },
    {
      methods: ["POST"],
      paths: ["/api/rmap-initiate", "/rmap-initiate", "/api/rmap-get-link", "/rmap-get-link"],
      config: { isRmap: true },
      handle: rmap,
    },
  ];
}

async function watermark(request: FastifyRequest, context: ServerContext): Promise<never> {
  useOrRefuse(context.limiters.watermarks, String(claimsOf(request).userId));
  requiredFields(request);
  await ownedDocument(request, context);
  throw new Problem(501, "watermarking is not available in this version");
}

async function watermarkingMethods(reply: FastifyReply): Promise<unknown> {
  reply.header("cache-control", "public, max-age=300");
  return { methods: [], count: 0 };
}

/** Loading a plugin meant running what a file says, so the attempt counts whoever makes it. */
function reportPluginLoad(request: FastifyRequest): void {
  if (request.method === "POST") request.record.report("plugin_load_attempt");
}

async function loadPlugin(): Promise<never> {
  throw new Problem(410, "plugin loading is not supported");
}

async function rmap(): Promise<never> {
  throw new Problem(503, "RMAP is not configured");
}

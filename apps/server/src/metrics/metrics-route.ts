import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import { AddressSet } from "../net/address.ts";
import type { ServerContext } from "../server-context.ts";

const loopback = new AddressSet(["127.0.0.0/8", "::1/128"]);

/** The metrics, for those who may read them; to all others the path does not exist. Reads no database. */
export function metricsRoutes(context: ServerContext): readonly Route[] {
  const { metricsAllow, metricsToken } = context.settings;
  const allowed = new AddressSet(metricsAllow);
  const guard = (request: FastifyRequest): void => {
    const { peer } = request.record.facts;
    const isTokenGiven =
      metricsToken === null || loopback.has(peer) || isBearer(request.headers.authorization, metricsToken);
    if (allowed.has(peer) && isTokenGiven) return;
    throw new Problem(404, "not found", { events: ["metrics_access_denied"] });
  };
  const config = { isMetrics: true, guard };
  return [{ methods: ["GET"], paths: ["/metrics"], config, handle: (_request, reply) => metrics(reply, context) }];
}

async function metrics(reply: FastifyReply, context: ServerContext): Promise<unknown> {
  const { registry } = context.metrics;
  reply.header("content-type", registry.contentType);
  return registry.metrics();
}

/** Compares hashes, so that neither length nor place of a difference shows in the time. */
function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

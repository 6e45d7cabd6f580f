/** What every request passes before its route runs: who asks, is it too much, is there such a route, is he let in. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authenticate } from "../auth/authenticate.ts";
import { inspectBody, inspectTarget } from "../detection/inspect-request.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import { AddressSet, clientAddress, clientKey, plainAddress } from "../net/address.ts";
import type { ServerContext } from "../server-context.ts";
import { Problem } from "./problem.ts";
import { RequestRecord } from "./request-record.ts";
import { methodOf, targetOf } from "./request-target.ts";
import { commonHeaders, contentSecurityPolicy } from "./security-headers.ts";

/** nginx's status for a client that was gone before the answer. */
const clientGoneStatus = 499;

export function addAdmission(app: FastifyInstance, context: ServerContext): void {
  const trustedProxies = new AddressSet(context.settings.trustedProxies);
  app.decorateRequest("record", null as unknown as RequestRecord);
  app.decorateRequest("claims", null);
  app.addHook("onRequest", async (request, reply) => {
    begin(request, context, trustedProxies);
    setHeaders(request, reply);
    countWhenFinished(request, reply, context);
    await admit(request, reply, context);
  });
  app.addHook("preHandler", async (request) => inspectBody(request));
}

function begin(request: FastifyRequest, context: ServerContext, trustedProxies: AddressSet): void {
  const peer = plainAddress(request.raw.socket.remoteAddress ?? "") ?? "0.0.0.0";
  const client = clientAddress(peer, request.headers["x-forwarded-for"], trustedProxies);
  request.record = new RequestRecord(
    {
      id: randomUUID(),
      peer,
      clientIp: clientKey(client),
      target: targetOf(request.raw),
      startedMs: context.clock.monotonicMs(),
    },
    context,
  );
  if (!request.is404) request.record.endpoint = request.routeOptions.config.endpoint ?? "unmatched";
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    ...commonHeaders,
    "content-security-policy": contentSecurityPolicy.data,
    "cache-control": "no-store",
    "x-request-id": request.record.facts.id,
  });
}

/** Counts the request once: when its last byte was handed over, or when the client is gone before that. */
function countWhenFinished(request: FastifyRequest, reply: FastifyReply, context: ServerContext): void {
  if (request.routeOptions.config.isMetrics === true) return;
  const { record } = request;
  const { usage } = context.metrics;
  let isCounted = false;
  usage.requestBegins();
  const count = (status: number): void => {
    if (isCounted) return;
    isCounted = true;
    const durationSeconds = (context.clock.monotonicMs() - record.facts.startedMs) / 1_000;
    const finished = { method: methodOf(request.raw), endpoint: record.endpoint, status };
    context.metrics.countRequest({ ...finished, durationSeconds });
    usage.requestEnds();
    if (record.bodySizeBytes > 0) usage.observeBody(record.endpoint, record.bodySizeBytes);
    context.log.request({
      ...finished,
      request_id: record.facts.id,
      client_ip: record.facts.clientIp,
      durationSeconds,
    });
  };
  reply.raw.once("finish", () => count(reply.raw.statusCode));
  reply.raw.once("close", () => count(clientGoneStatus));
}

async function admit(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<void> {
  const { config } = request.routeOptions;
  config.guard?.(request);
  if (config.isMetrics !== true) {
    inspectTarget(request);
    useOrRefuse(context.limiters.requests, request.record.facts.clientIp);
  }
  if (request.is404) throw new Problem(404, "not found");
  if (config.allow !== undefined) {
    if (request.method !== "OPTIONS")
      throw new Problem(405, "method not allowed", { headers: { allow: config.allow } });
    await reply.code(204).header("allow", config.allow).send();
    return;
  }
  if (config.isAuthenticated === true) await authenticate(request, context);
}

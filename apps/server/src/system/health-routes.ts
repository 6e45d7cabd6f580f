import type { FastifyReply } from "fastify";
import type { Route } from "../http/routes.ts";
import type { ServerContext } from "../server-context.ts";

/** `healthz` tells that the process answers, `readyz` whether it can do its work. */
export function healthRoutes(context: ServerContext): readonly Route[] {
  return [
    { methods: ["GET"], paths: ["/healthz", "/api/healthz"], handle: () => health(context) },
    { methods: ["GET"], paths: ["/readyz"], handle: (_request, reply) => readiness(reply, context) },
  ];
}

async function health(context: ServerContext): Promise<unknown> {
  return { message: "Tatou is running", db_connected: await context.database.isConnected() };
}

async function readiness(reply: FastifyReply, context: ServerContext): Promise<unknown> {
  const isReady = await context.database.isConnected();
  reply.code(isReady ? 200 : 503);
  return { ready: isReady };
}

import type { FastifyReply } from "fastify";
import type { Route } from "../http/routes.ts";
import { describeApi } from "./describe-api.ts";

/** The description of all routes, its own among them. */
export function openApiRoute(others: readonly Route[]): Route {
  const route: Route = {
    methods: ["GET"],
    paths: ["/api/openapi.json"],
    handle: (_request, reply) => send(reply, text),
  };
  const text = JSON.stringify(describeApi([...others, route]));
  return route;
}

async function send(reply: FastifyReply, text: string): Promise<FastifyReply> {
  return reply.header("cache-control", "public, max-age=300").type("application/json; charset=utf-8").send(text);
}

import type { FastifyRequest } from "fastify";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";

/** The one route that exists to say no: loading a plugin meant running what a file says. */
export function pluginRoutes(): readonly Route[] {
  const config = { isAuthenticated: true, guard: reportAttempt };
  return [{ methods: ["POST"], paths: ["/api/load-plugin"], config, handle: refuse }];
}

/** The attempt counts whoever makes it. */
function reportAttempt(request: FastifyRequest): void {
  if (request.method === "POST") request.record.report("plugin_load_attempt");
}

async function refuse(): Promise<never> {
  throw new Problem(410, "plugin loading is not supported");
}

import { Problem } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";

/** The one route that exists to say no: loading a plugin meant running what a file says. `detection` counts who calls it. */
export function pluginRoutes(): readonly Route[] {
  return [{ methods: ["POST"], paths: ["/api/load-plugin"], config: { isAuthenticated: true }, handle: refuse }];
}

async function refuse(): Promise<never> {
  throw new Problem(410, "plugin loading is not supported");
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { TokenClaims } from "../auth/bearer-token.ts";
import type { RequestRecord } from "./request-record.ts";

/** One route of the interface, under one or more paths. */
export interface Route {
  readonly methods: readonly ("GET" | "POST" | "DELETE")[];
  readonly paths: readonly string[];
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  readonly config?: RouteConfig;
}

/** What the hooks need to know about a route. */
export interface RouteConfig {
  /** The value of the label `endpoint`; the path's template when absent. */
  readonly endpoint?: string;
  /** Gives a file of the pages. */
  readonly isPage?: boolean;
  /** Only with a bearer token. */
  readonly isAuthenticated?: boolean;
  /** Its failures count as failed handshakes. */
  readonly isRmap?: boolean;
  /** Neither counted nor limited; the guard decides who may come in. */
  readonly isMetrics?: boolean;
  /** Runs before anything else is decided, for every method. */
  readonly guard?: (request: FastifyRequest) => void;
}

declare module "fastify" {
  interface FastifyRequest {
    record: RequestRecord;
    /** What the bearer token said, on authenticated routes. */
    claims: TokenClaims | null;
  }
  interface FastifyContextConfig extends RouteConfig {
    /** Set where a known path is asked with a method it does not have: the methods it has. */
    readonly allow?: string;
  }
}

/** A method that no route has. */
const unusedMethod = "TRACE";
const routedMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", unusedMethod];

/**
 * The method under which the router looks for a request's route. The router keeps every path once per method, so one that
 * nobody has stands for all that Node's parser knows besides the usual: they get 405 as it does, instead of 404.
 */
export function routedMethod(method: string): string {
  return routedMethods.includes(method) ? method : unusedMethod;
}

/** Adds routes, and for each path an answer to all the methods it does not have. */
export function addRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  const methodsOf = new Map<string, { methods: string[]; config: RouteConfig }>();
  for (const route of routes) {
    for (const path of route.paths) {
      const config = { endpoint: path, ...route.config };
      app.route({ method: [...route.methods], url: path, config, handler: route.handle });
      const known = methodsOf.get(path) ?? { methods: [], config };
      known.methods.push(...route.methods);
      methodsOf.set(path, known);
    }
  }
  for (const [path, { methods, config }] of methodsOf) addOtherMethods(app, path, { methods, config });
}

function addOtherMethods(
  app: FastifyInstance,
  path: string,
  known: { readonly methods: readonly string[]; readonly config: RouteConfig },
): void {
  const allowed = known.methods.includes("GET") ? [...known.methods, "HEAD"] : known.methods;
  const others = routedMethods.filter((method) => !allowed.includes(method));
  const config = { ...known.config, allow: [...allowed, "OPTIONS"].join(", ") };
  // The hooks answer before a handler is reached.
  app.route({ method: others, url: path, config, handler: async () => null });
}

import type { FastifyRequest } from "fastify";
import { unauthorized } from "../http/problem.ts";
import type { ServerContext } from "../server-context.ts";
import { isTokenInForce } from "../storage/users.ts";
import type { TokenClaims } from "./bearer-token.ts";

/** Lets a request pass whose bearer token is genuine, fresh, not revoked, and of a user who still exists. */
export async function authenticate(request: FastifyRequest, context: ServerContext): Promise<void> {
  const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) throw unauthorized("Missing or invalid Authorization header", "auth_failure");
  const reading = context.tokens.read(token, context.clock.nowMs());
  switch (reading.kind) {
    case "invalid":
      throw unauthorized("Invalid token", "token_invalid");
    case "expired":
      throw unauthorized("Token expired", "token_expired");
    case "valid":
      if (!(await isTokenInForce(context.database, reading.claims))) {
        throw unauthorized("Invalid token", "token_invalid");
      }
      request.claims = reading.claims;
      request.record.userId = reading.claims.userId;
  }
}

/** The claims of a request on an authenticated route. */
export function claimsOf(request: FastifyRequest): TokenClaims {
  if (request.claims === null) throw unauthorized("Missing or invalid Authorization header", "auth_failure");
  return request.claims;
}

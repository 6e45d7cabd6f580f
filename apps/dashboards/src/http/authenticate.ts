import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Account, Accounts } from "../auth/accounts.ts";
import { RefusedRequest } from "../errors.ts";

export const sessionCookie = "grafana_session";

/** Paths below /api/ that answer without an account. */
const openPaths = new Set(["/api/health"]);

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null only on open paths. */
    account: Account | null;
  }
}

/** Everything below /api/ needs a session or basic authentication; pages and their files do not. */
export function requireAccount(app: FastifyInstance, accounts: Accounts): void {
  app.decorateRequest("account", null);
  app.addHook("onRequest", async (request) => {
    const path = request.url.split("?")[0]!;
    if (!path.startsWith("/api/") || openPaths.has(path)) return;
    request.account = await accountOf(request, accounts);
    if (request.account === null) {
      throw new RefusedRequest(401, "Unauthorized", { details: { messageId: "auth.unauthorized" } });
    }
  });
}

async function accountOf(request: FastifyRequest, accounts: Accounts): Promise<Account | null> {
  const basic = basicCredentials(request.headers.authorization);
  if (basic !== null) return accounts.checkPassword(basic.login, basic.password);
  const token = request.cookies[sessionCookie];
  return token === undefined ? null : accounts.accountOfSession(token);
}

function basicCredentials(header: string | undefined): { login: string; password: string } | null {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? null : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Lax, so that a link from a chat message opens a page that is logged in; never readable by scripts. */
export function setSessionCookie(reply: FastifyReply, token: string): void {
  reply.setCookie(sessionCookie, token, { path: "/", httpOnly: true, sameSite: "lax", maxAge: 30 * 86_400 });
}

/** The account of a request behind requireAccount. */
export function accountIn(request: FastifyRequest): Account {
  if (request.account === null) throw new RefusedRequest(401, "Unauthorized");
  return request.account;
}

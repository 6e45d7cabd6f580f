import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Accounts } from "../auth/accounts.ts";
import { accountIn, sessionCookie, setSessionCookie } from "./authenticate.ts";
import { readBody } from "./body.ts";

const loginBody = z.object({ user: z.string().max(190), password: z.string().max(1024) });
const passwordBody = z.object({
  oldPassword: z.string().max(1024),
  newPassword: z.string().max(1024),
  confirmNew: z.string().max(1024),
});

/** Coming, going, and who one is. */
export function addAccountRoutes(app: FastifyInstance, accounts: Accounts): void {
  app.post("/login", async (request, reply) => {
    const { user, password } = readBody(loginBody, request.body);
    const account = await accounts.checkPassword(user, password);
    setSessionCookie(reply, await accounts.openSession(account));
    return { message: "Logged in", redirectUrl: "/" };
  });

  app.post("/api/tatou/v1/logout", async (request, reply) => {
    const token = request.cookies[sessionCookie];
    if (token !== undefined) await accounts.closeSession(token);
    reply.clearCookie(sessionCookie, { path: "/" });
    return { message: "Logged out" };
  });

  app.get("/api/tatou/v1/session", (request) => {
    const { login, mustChangePassword } = accountIn(request);
    return { login, mustChangePassword };
  });

  app.get("/api/user", (request) => {
    const { id, login } = accountIn(request);
    return {
      id,
      uid: String(id),
      email: login,
      name: "",
      login,
      theme: "",
      orgId: 1,
      isGrafanaAdmin: true,
      isDisabled: false,
    };
  });

  app.get("/api/org", () => ({ id: 1, name: "Main Org." }));

  app.put("/api/user/password", async (request) => {
    const keepToken = request.cookies[sessionCookie] ?? null;
    await accounts.changePassword(accountIn(request), readBody(passwordBody, request.body), keepToken);
    return { message: "User password changed" };
  });
}

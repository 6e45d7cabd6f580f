import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { requiredFields } from "../http/body.ts";
import { invalidInput, Problem, unauthorized } from "../http/problem.ts";
import type { Route } from "../http/routes.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import type { ServerContext } from "../server-context.ts";
import { type Account, addAccount, findAccountByEmail, revokeToken } from "../storage/users.ts";
import { audit } from "../system/audit.ts";
import { claimsOf } from "./authenticate.ts";
import type { LoginAttempt } from "./login-throttle.ts";

const emailLengthMax = 320;
const passwordLength = { min: 10, max: 256 };
const emailPattern = /^[^\s@<>()[\]\\,;:"\0-\x1f\x7f]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/;
const loginPattern = /^(?!\.+$)[A-Za-z0-9_.-]{3,64}$/;

export function accountRoutes(context: ServerContext): readonly Route[] {
  return [
    {
      methods: ["POST"],
      paths: ["/api/create-user"],
      handle: (request, reply) => createUser(request, reply, context),
    },
    { methods: ["POST"], paths: ["/api/login"], handle: (request) => login(request, context) },
    {
      methods: ["POST"],
      paths: ["/api/logout"],
      config: { isAuthenticated: true },
      handle: (request) => logout(request, context),
    },
    {
      methods: ["POST"],
      paths: ["/api/refresh-token"],
      config: { isAuthenticated: true },
      handle: (request) => refreshToken(request, context),
    },
  ];
}

async function createUser(request: FastifyRequest, reply: FastifyReply, context: ServerContext): Promise<unknown> {
  const { clientIp } = request.record.facts;
  useOrRefuse(context.limiters.signUps, clientIp);
  const { email, login, password } = parseNewUser(requiredFields(request));
  const passwordHash = await context.passwords.hash(password);
  const createdAtMs = context.clock.nowMs();
  const id = await addAccount(context.database, { email, login, passwordHash, createdAtMs });
  if (id === null) throw new Problem(409, "email or login already exists");
  request.record.userId = id;
  await audit(request, context, { action: "create-user" });
  reply.code(201);
  return { id, email, login };
}

function parseNewUser(fields: ReadonlyMap<string, unknown>): { email: string; login: string; password: string } {
  const [email, login, password] = ["email", "login", "password"].map((name) => fields.get(name));
  const areTexts = typeof email === "string" && typeof login === "string" && typeof password === "string";
  if (!areTexts || email.trim() === "" || login.trim() === "" || password === "") {
    throw invalidInput("email, login, and password are required");
  }
  const user = { email: normaliseEmail(email), login: login.trim(), password };
  if (user.email.length > emailLengthMax || !emailPattern.test(user.email)) throw invalidInput("email is not valid");
  if (!loginPattern.test(user.login))
    throw invalidInput("login must be 3 to 64 letters, digits, dots, dashes or underscores");
  if (password.length < passwordLength.min || password.length > passwordLength.max) {
    throw invalidInput(`password must have ${passwordLength.min} to ${passwordLength.max} characters`);
  }
  return user;
}

async function login(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const fields = requiredFields(request);
  const [email, password] = [fields.get("email"), fields.get("password")];
  if (typeof email !== "string" || typeof password !== "string" || email.trim() === "" || password === "") {
    throw invalidInput("email and password are required");
  }
  const account = await checkPassword(request, { email: normaliseEmail(email), password }, context);
  request.record.userId = account.id;
  context.metrics.usage.countLogin("success");
  await audit(request, context, { action: "login" });
  return newToken(account, context);
}

/** The account of these credentials. @throws {Problem} 401 when they are wrong, 429 when too many were */
async function checkPassword(
  request: FastifyRequest,
  credentials: { readonly email: string; readonly password: string },
  context: ServerContext,
): Promise<Account> {
  const attempt = { account: accountKey(credentials.email), clientIp: request.record.facts.clientIp };
  const admission = await context.loginThrottle.enter(attempt);
  if (admission.kind === "throttled") {
    noteFailure(request, attempt, context);
    context.metrics.usage.countLogin("throttled");
    if (admission.isFirst) request.record.report("auth_bruteforce");
    throw new Problem(429, "too many login attempts", {
      events: ["auth_throttled"],
      limiter: "login",
      headers: { "retry-after": String(admission.retryAfterSeconds) },
    });
  }
  let hasFailed = false;
  try {
    const account = await findAccountByEmail(context.database, credentials.email);
    const lane = context.loginHistory.isKnown(attempt.account, attempt.clientIp) ? "preferred" : "ordinary";
    hasFailed = !(await context.passwords.verify(account?.passwordHash ?? null, credentials.password, lane));
    if (account !== null && !hasFailed) {
      if (context.loginHistory.isAfterRun(attempt.account, attempt.clientIp))
        request.record.report("login_after_bruteforce");
      context.loginHistory.addSuccess(attempt.account, attempt.clientIp);
      return account;
    }
  } finally {
    admission.permit.giveBack(hasFailed);
  }
  noteFailure(request, attempt, context);
  context.metrics.usage.countLogin("failure");
  throw unauthorized("invalid credentials", "auth_failure");
}

function noteFailure(request: FastifyRequest, attempt: LoginAttempt, context: ServerContext): void {
  const isStuffing = context.loginHistory.addFailure(attempt.account, attempt.clientIp);
  if (isStuffing) request.record.report("credential_stuffing");
}

async function logout(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const { tokenId, expiresAtSeconds } = claimsOf(request);
  await revokeToken(context.database, tokenId, expiresAtSeconds * 1_000);
  await audit(request, context, { action: "logout" });
  return { message: "logged out" };
}

/** A new token in exchange for the one that was shown, which ends: of two who show the same one, one gets nothing. */
async function refreshToken(request: FastifyRequest, context: ServerContext): Promise<unknown> {
  const { userId, tokenId, tokenVersion, expiresAtSeconds } = claimsOf(request);
  const isFirst = await revokeToken(context.database, tokenId, expiresAtSeconds * 1_000);
  if (!isFirst) throw unauthorized("Invalid token", "token_invalid");
  await audit(request, context, { action: "refresh-token" });
  return newToken({ id: userId, tokenVersion }, context);
}

function newToken(user: { readonly id: number; readonly tokenVersion: number }, context: ServerContext): unknown {
  return {
    token: context.tokens.issue(user, context.clock.nowMs()),
    token_type: "bearer",
    expires_in: context.settings.tokenLifetimeSeconds,
  };
}

function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** One short name per account, whatever length a client sends. */
function accountKey(email: string): string {
  return hash("sha256", email, "base64url");
}

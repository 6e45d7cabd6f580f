import { createHmac } from "node:crypto";
import { openSqlite } from "@tatou/sql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { event, type TestResponse, TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ env: { RATE_LIMIT_SIGNUP_PER_10MIN: "1000" } });
});

afterAll(() => server.stop());

const authFailure = 'auth_failures_total{client_ip="127.0.0.1"}';
const goodUser = { email: "ann@example.org", login: "ann", password: "correct horse" };

function wrongLogin(email: string, from = "127.0.0.1", to = server): Promise<TestResponse> {
  return to.post("/api/login", { email, password: "not this one" }, { from });
}

test("an account is made once, whatever the case of email and login", async () => {
  const made = await server.post("/api/create-user", { ...goodUser, email: " Ann@Example.ORG " });
  expect(made).toMatchObject({ status: 201, json: { id: expect.any(Number), email: "ann@example.org", login: "ann" } });
  for (const fields of [
    { ...goodUser, login: "other" },
    { ...goodUser, email: "other@example.org" },
    { ...goodUser, email: "other@example.org", login: "ANN" },
  ]) {
    const answer = await server.post("/api/create-user", fields);
    expect(answer).toMatchObject({ status: 409, json: { error: "email or login already exists" } });
  }
});

test.each([
  { what: "nothing", fields: {}, error: "email, login, and password are required" },
  { what: "a number as login", fields: { ...goodUser, login: 7 }, error: "email, login, and password are required" },
  {
    what: "a list as password",
    fields: { ...goodUser, password: [] },
    error: "email, login, and password are required",
  },
  { what: "a blank email", fields: { ...goodUser, email: " " }, error: "email, login, and password are required" },
  { what: "no domain", fields: { ...goodUser, email: "ann@" }, error: "email is not valid" },
  { what: "two lines", fields: { ...goodUser, email: "a@b\nc@d" }, error: "email is not valid" },
  {
    what: "a long email",
    fields: { ...goodUser, email: `a@${"b".repeat(60)}${".c".repeat(140)}` },
    error: "email is not valid",
  },
  { what: "dots as login", fields: { ...goodUser, login: "..." }, error: /^login must be/ },
  { what: "a short login", fields: { ...goodUser, login: "ab" }, error: /^login must be/ },
  { what: "a long login", fields: { ...goodUser, login: "a".repeat(65) }, error: /^login must be/ },
  { what: "a short password", fields: { ...goodUser, password: "123456789" }, error: /^password must have/ },
  { what: "a long password", fields: { ...goodUser, password: "x".repeat(257) }, error: /^password must have/ },
])("create-user refuses $what", async ({ fields, error }) => {
  const moved = await server.moved(async () => {
    const answer = await server.post("/api/create-user", fields);
    expect(answer.status).toBe(400);
    expect(answer.json["error"]).toMatch(error);
  });
  expect(moved).toEqual(event("input_validation_failed", "low"));
});

test("a path as login is refused as any other, and told as what it is", async () => {
  const moved = await server.moved(async () => {
    const answer = await server.post("/api/create-user", { ...goodUser, login: "../x" });
    expect(answer).toMatchObject({ status: 400, json: { error: expect.stringMatching(/^login must be/) } });
  });
  expect(moved).toEqual({ ...event("input_validation_failed", "low"), ...event("path_traversal_attempt", "high") });
});

test("login gives a token and its life, and moves nothing", async () => {
  const moved = await server.moved(async () => {
    const answer = await server.post("/api/login", { email: "ANN@example.org ", password: goodUser.password });
    expect(answer).toMatchObject({ status: 200, json: { token_type: "bearer", expires_in: 3_600 } });
    const token = String(answer.json["token"]);
    expect((await server.send({ path: "/api/list-documents", token })).status).toBe(200);
  });
  expect(moved).toEqual({});
});

test("a wrong password and an unknown account look alike", async () => {
  const [wrong, unknown] = [await wrongLogin(goodUser.email, "127.0.0.40"), await wrongLogin("nobody@x", "127.0.0.40")];
  expect(wrong).toMatchObject({ status: 401, json: { error: "invalid credentials" } });
  const { request_id: _first, ...wrongJson } = wrong.json;
  const { request_id: _second, ...unknownJson } = unknown.json;
  expect(unknownJson).toEqual(wrongJson);
  expect(unknown.headers["www-authenticate"]).toBe("Bearer");
});

test.each([
  {},
  { email: "a@b.c" },
  { email: "", password: "x" },
  { email: ["a@b.c"], password: "x" },
  { email: 1, password: 2 },
])("login refuses %j without trying it", async (fields) => {
  const moved = await server.moved(async () => {
    const answer = await server.post("/api/login", fields);
    expect(answer).toMatchObject({ status: 400, json: { error: "email and password are required" } });
  });
  expect(moved).toEqual(event("input_validation_failed", "low"));
});

test("each failed login counts once", async () => {
  const moved = await server.moved(() => wrongLogin("count@example.org"));
  expect(moved).toEqual({ [authFailure]: 1, ...event("auth_failure", "low") });
});

test("five failures close the pair for the rest of a minute, and trying does not make it longer", async () => {
  const own = await TestServer.start();
  const user = await own.newUser("victim");
  for (let count = 0; count < 5; count++) expect((await wrongLogin(user.email, "127.0.0.1", own)).status).toBe(401);
  const moved = await own.moved(async () => {
    const answer = await wrongLogin(` ${user.email.toUpperCase()}`, "127.0.0.1", own);
    expect(answer).toMatchObject({ status: 429, json: { error: "too many login attempts" } });
    const seconds = Number(answer.headers["retry-after"]);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
  });
  expect(moved).toEqual({
    [authFailure]: 1,
    ...event("auth_throttled", "medium"),
    ...event("auth_bruteforce", "high"),
  });
  const again = await own.moved(() => wrongLogin(user.email, "127.0.0.1", own));
  expect(again).toEqual({ [authFailure]: 1, ...event("auth_throttled", "medium") });
  const right = await own.post("/api/login", { email: user.email, password: user.password });
  expect(right.status).toBe(429);
  const forged = await own.post(
    "/api/login",
    { email: user.email, password: user.password },
    { headers: { "x-forwarded-for": "203.0.113.9" } },
  );
  expect(forged.status).toBe(429);
  own.moveTime(60_000);
  expect((await own.post("/api/login", { email: user.email, password: user.password })).status).toBe(200);
  await own.stop();
});

test("a success neither counts nor erases", async () => {
  const own = await TestServer.start();
  const user = await own.newUser("mixed");
  const login = (password: string): Promise<TestResponse> => own.post("/api/login", { email: user.email, password });
  for (let count = 0; count < 4; count++) await login("wrong wrong");
  for (let count = 0; count < 6; count++) expect((await login(user.password)).status).toBe(200);
  expect((await login("wrong wrong")).status).toBe(401);
  expect((await login(user.password)).status).toBe(429);
  await own.stop();
});

test("an account is closed after thirty failures from anywhere, an address after twenty on anything", async () => {
  const own = await TestServer.start();
  for (let count = 0; count < 30; count++) {
    const answer = await wrongLogin("wanted@example.org", `127.0.0.${10 + Math.floor(count / 5)}`, own);
    expect(answer.status).toBe(401);
  }
  expect((await wrongLogin("wanted@example.org", "127.0.0.99", own)).status).toBe(429);
  for (let count = 0; count < 20; count++) await wrongLogin(`user${count}@example.org`, "127.0.0.50", own);
  expect((await wrongLogin("fresh@example.org", "127.0.0.50", own)).status).toBe(429);
  await own.stop();
});

test("attempts at the same time cannot overrun the limit", async () => {
  const own = await TestServer.start();
  const answers = await Promise.all(Array.from({ length: 25 }, () => wrongLogin("race@example.org", "127.0.0.1", own)));
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5);
  expect(answers.filter((answer) => answer.status === 429)).toHaveLength(20);
  await own.stop();
});

test("many right passwords at the same time all get in", async () => {
  const own = await TestServer.start();
  const user = await own.newUser("busy");
  const credentials = { email: user.email, password: user.password };
  const answers = await Promise.all(Array.from({ length: 30 }, () => own.post("/api/login", credentials)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  await own.stop();
});

test("one address on ten accounts is credential stuffing, once", async () => {
  const own = await TestServer.start();
  const moved = await own.moved(async () => {
    for (let count = 0; count < 15; count++) await wrongLogin(`user${count}@example.org`, "127.0.0.7", own);
  });
  expect(moved).toEqual({
    'auth_failures_total{client_ip="127.0.0.7"}': 15,
    'security_events_total{event_type="auth_failure",severity="low"}': 15,
    ...event("credential_stuffing", "high"),
  });
  await own.stop();
});

test("a success after a run of failures is critical", async () => {
  const own = await TestServer.start();
  const user = await own.newUser("taken");
  for (let count = 0; count < 12; count++) await wrongLogin(user.email, "127.0.0.8", own);
  own.moveTime(61_000);
  const moved = await own.moved(async () => {
    const answer = await own.post("/api/login", { email: user.email, password: user.password }, { from: "127.0.0.8" });
    expect(answer.status).toBe(200);
  });
  expect(moved).toEqual(event("login_after_bruteforce", "critical"));
  own.moveTime(15 * 60_000);
  const later = await own.moved(() => own.post("/api/login", { email: user.email, password: user.password }));
  expect(later).toEqual({});
  await own.stop();
});

test("typos of many users behind one address are neither stuffing nor a takeover, guesses among them are", async () => {
  const own = await TestServer.start({ env: { LOGIN_MAX_PER_IP: "1000" } });
  const from = "127.0.0.40";
  const users = await Promise.all(Array.from({ length: 12 }, (_, index) => own.newUser(`typist${index}`)));
  const login = ({ email, password }: { email: string; password: string }) =>
    own.post("/api/login", { email, password }, { from });
  const honest = await own.moved(async () => {
    for (const user of users) {
      await wrongLogin(user.email, from, own);
      expect((await login(user)).status).toBe(200);
    }
  });
  expect(honest).toEqual({
    [`auth_failures_total{client_ip="${from}"}`]: 12,
    'security_events_total{event_type="auth_failure",severity="low"}': 12,
  });
  const guessed = await own.moved(async () => {
    for (let count = 0; count < 10; count++) await wrongLogin(`nobody${count % 5}@example.org`, from, own);
    expect((await login(users[0]!)).status).toBe(200);
  });
  expect(guessed).toMatchObject(event("login_after_bruteforce", "critical"));
  await own.stop();
});

test("more logins at once than can be checked are refused unchecked, as throttled ones", async () => {
  const attempt = (number: number): Promise<TestResponse> => {
    const from = `127.9.${number % 8}.${1 + number}`;
    return server.post("/api/login", { email: `crowd${number}@example.org`, password: "some password" }, { from });
  };
  const moved = await server.moved(async () => {
    const answers = await Promise.all(Array.from({ length: 160 }, (_, number) => attempt(number)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ headers }) => headers["retry-after"] === "1")).toBe(true);
    expect(answers.filter(({ status }) => status === 401).length).toBe(answers.length - refused.length);
  });
  expect(moved).toHaveProperty(['security_events_total{event_type="auth_throttled",severity="medium"}']);
  expect(moved).not.toHaveProperty(['security_events_total{event_type="unhandled_error",severity="high"}']);
});

test("sign-ups are limited per address", async () => {
  const own = await TestServer.start({ env: { RATE_LIMIT_SIGNUP_PER_10MIN: "2" } });
  for (let count = 0; count < 2; count++) expect((await own.post("/api/create-user", {})).status).toBe(400);
  const moved = await own.moved(async () => {
    const answer = await own.post("/api/create-user", goodUser);
    expect(answer).toMatchObject({ status: 429, json: { error: "rate limit exceeded" } });
  });
  expect(moved).toEqual(event("rate_limited", "low"));
  expect((await own.post("/api/create-user", goodUser, { from: "127.0.0.2" })).status).toBe(201);
  await own.stop();
});

const listPath = "/api/list-documents";

test.each([
  { what: "no header", headers: {} },
  { what: "another scheme", headers: { authorization: "Basic YTpi" } },
  { what: "no token", headers: { authorization: "Bearer " } },
  { what: "two tokens", headers: { authorization: "Bearer a b" } },
])("$what is a missing or malformed header", async ({ headers }) => {
  const moved = await server.moved(async () => {
    const answer = await server.send({ path: listPath, headers: headers as Record<string, string> });
    expect(answer).toMatchObject({ status: 401, json: { error: "Missing or invalid Authorization header" } });
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
  });
  expect(moved).toEqual({ [authFailure]: 1, ...event("auth_failure", "low") });
});

function altered(token: string): string[] {
  const [payload = "", mac = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  const other = Buffer.from(JSON.stringify({ ...claims, uid: 1 })).toString("base64url");
  const forged = createHmac("sha256", "a guess").update(other).digest("base64url");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  return [
    `${other}.${mac}`,
    `${other}.${forged}`,
    `${payload}.`,
    payload,
    `${none}.${payload}.`,
    `${payload}.${"A".repeat(43)}`,
    "x",
  ];
}

test("an altered token is invalid, in whichever way", async () => {
  const { token } = await server.newUser("forger");
  for (const forgery of altered(token)) {
    const moved = await server.moved(async () => {
      const answer = await server.send({ path: listPath, token: forgery });
      expect(answer).toMatchObject({ status: 401, json: { error: "Invalid token" } });
    });
    expect(moved).toEqual({ [authFailure]: 1, ...event("token_invalid", "medium") });
  }
});

test("a token has one spelling", async () => {
  const { token } = await server.newUser("speller");
  const last = token.slice(-1);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // The last of 43 characters carries four bits of the mac and two spare ones.
  const sibling = alphabet.charAt(alphabet.indexOf(last) ^ 1);
  expect((await server.send({ path: listPath, token: `${token.slice(0, -1)}${sibling}` })).status).toBe(401);
});

test("a token expires after its life", async () => {
  const own = await TestServer.start();
  const { token } = await own.newUser("late");
  own.moveTime(3_599_000);
  expect((await own.send({ path: listPath, token })).status).toBe(200);
  own.moveTime(2_000);
  const moved = await own.moved(async () => {
    expect(await own.send({ path: listPath, token })).toMatchObject({ status: 401, json: { error: "Token expired" } });
  });
  expect(moved).toEqual({ [authFailure]: 1, ...event("token_expired", "low") });
  await own.stop();
});

test("logout revokes this token and no other", async () => {
  const user = await server.newUser("leaver");
  const second = await server.post("/api/login", { email: user.email, password: user.password });
  expect((await server.post("/api/logout", {}, { token: user.token })).status).toBe(200);
  const answer = await server.send({ path: listPath, token: user.token });
  expect(answer).toMatchObject({ status: 401, json: { error: "Invalid token" } });
  expect((await server.send({ path: listPath, token: String(second.json["token"]) })).status).toBe(200);
});

test("a token is exchanged once for a fresh one, which outlives it", async () => {
  const { token } = await server.newUser("refresher");
  server.moveTime(1_800_000);
  const [first, second] = await Promise.all([
    server.post("/api/refresh-token", {}, { token }),
    server.post("/api/refresh-token", {}, { token }),
  ]);
  expect(new Set([first.status, second.status])).toEqual(new Set([200, 401]));
  const fresh = first.status === 200 ? first : second;
  expect(fresh.json).toEqual({ token: expect.any(String), token_type: "bearer", expires_in: 3_600 });
  expect((await server.send({ path: "/api/list-documents", token })).status).toBe(401);
  server.moveTime(2_000_000);
  expect((await server.send({ path: "/api/list-documents", token: String(fresh.json["token"]) })).status).toBe(200);
});

test("a token dies with its user, and when the user's token version is raised", async () => {
  const [gone, changed] = [await server.newUser("gone"), await server.newUser("changed")];
  const handle = await openSqlite<Tables>({ path: server.server.settings.sqlitePath, migrations });
  await handle.db.deleteFrom("Users").where("id", "=", gone.id).execute();
  await handle.db.updateTable("Users").set({ token_version: 1 }).where("id", "=", changed.id).execute();
  await handle.close();
  for (const { token } of [gone, changed]) {
    expect(await server.send({ path: listPath, token })).toMatchObject({
      status: 401,
      json: { error: "Invalid token" },
    });
  }
});

test("no password, token or address of a person is in the log", async () => {
  const own = await TestServer.start({ env: { LOG_LEVEL: "trace" } });
  const user = await own.newUser("private");
  await wrongLogin(user.email, "127.0.0.1", own);
  await own.send({ path: listPath, token: `${user.token}x` });
  const log = own.logLines.join("");
  for (const secret of [user.password, user.token, user.email, "not this one"]) expect(log).not.toContain(secret);
  const events = own.logLines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line["type"]);
  expect(events[0]).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    msg: "security event",
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    type: "auth_failure",
    severity: "low",
    client_ip: "127.0.0.1",
    user_id: null,
    endpoint: "/api/login",
  });
  await own.stop();
});

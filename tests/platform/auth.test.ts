/** Accounts, logins and their throttle, tokens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account, logIn, nextAddress, password, tryLogIn, uniqueLogin } from "./lib/account.ts";
import { type Answer, send } from "./lib/http.ts";
import { scrape } from "./lib/metrics.ts";
import { Platform } from "./lib/platform.ts";

let platform: Platform;
/** Forgets failures and tokens after two seconds, and believes a proxy at one address. */
let hasty: Platform;
const hastySeconds = 2;
const proxyAddress = "127.8.8.8";

beforeAll(async () => {
  [platform, hasty] = await Promise.all([
    Platform.start(),
    Platform.start({
      LOGIN_WINDOW_SECONDS: String(hastySeconds),
      TOKEN_TTL_SECONDS: String(hastySeconds),
      TRUSTED_PROXIES: `${proxyAddress}/32`,
      RATE_LIMIT_SIGNUP_PER_10MIN: "3",
    }),
  ]);
});
afterAll(() => Promise.all([platform.stop(), hasty.stop()]));

function signUp(json: unknown): Promise<Answer> {
  return platform.send("/api/create-user", { method: "POST", json, from: nextAddress() });
}

/** Logs in with a wrong password. */
function fail(email: string, from: string): Promise<Answer> {
  return tryLogIn(platform.port, { email, password: "a wrong password" }, from);
}

const missing = "email, login, and password are required";

describe("sign-up", () => {
  test("normalises the email and gives an id", async () => {
    const login = uniqueLogin();
    const { status, json } = await signUp({ email: ` ${login}@Example.ORG `, login: ` ${login} `, password });
    expect(status).toBe(201);
    expect(json).toEqual({ id: expect.any(Number), email: `${login}@example.org`, login });
    expect((await tryLogIn(platform.port, { email: `${login.toUpperCase()}@EXAMPLE.org `, password })).status).toBe(
      200,
    );
  });

  test.each([
    { what: "nothing", json: {}, error: missing },
    { what: "no email", json: { login: "somebody", password }, error: missing },
    { what: "no login", json: { email: "a@example.org", password }, error: missing },
    { what: "no password", json: { email: "a@example.org", login: "somebody" }, error: missing },
    { what: "an empty email", json: { email: " ", login: "somebody", password }, error: missing },
    { what: "a number as password", json: { email: "a@example.org", login: "somebody", password: 12345678901 } },
    { what: "a list as login", json: { email: "a@example.org", login: ["somebody"], password } },
    { what: "an email without @", json: { email: "example.org", login: "somebody", password } },
    { what: "an email without host", json: { email: "a@", login: "somebody", password } },
    { what: "an email with a line end", json: { email: "a@example.org\nBcc: b@c", login: "somebody", password } },
    {
      what: "an email of 321 characters",
      json: { email: `${"a".repeat(309)}@example.org`, login: "somebody", password },
    },
    { what: "a login of two", json: { email: "a@example.org", login: "ab", password } },
    { what: "a login of 65", json: { email: "a@example.org", login: "a".repeat(65), password } },
    { what: "a login of dots", json: { email: "a@example.org", login: "....", password } },
    { what: "a login with a slash", json: { email: "a@example.org", login: "a/../b", password } },
    { what: "a login with a letter beyond ASCII", json: { email: "a@example.org", login: "sömebody", password } },
    { what: "a password of 9", json: { email: "a@example.org", login: "somebody", password: "a".repeat(9) } },
    { what: "a password of 257", json: { email: "a@example.org", login: "somebody", password: "a".repeat(257) } },
  ])("refuses $what", async ({ json, error }) => {
    const answer = await signUp(json);
    expect(answer.status).toBe(400);
    expect(answer.json["error"]).toEqual(error ?? expect.any(String));
  });

  test("takes logins and passwords at their limits", async () => {
    const fitting = [
      { login: `abc${process.pid}`.slice(0, 3), password: "a".repeat(10) },
      { login: "A-z_0.9".padEnd(64, "x"), password: "ü".repeat(256) },
    ];
    for (const [index, fields] of fitting.entries()) {
      const email = `limits-${index}@example.org`;
      expect((await signUp({ email, ...fields })).status).toBe(201);
      expect((await tryLogIn(platform.port, { email, password: fields.password })).status).toBe(200);
    }
  });

  test("gives a login and an email once, whatever their case, and does not say which was taken", async () => {
    const { email, login } = await platform.newAccount();
    const fresh = () => `${uniqueLogin()}@example.org`;
    const taken = [
      { email, login: uniqueLogin() },
      { email: email.toUpperCase(), login: uniqueLogin() },
      { email: fresh(), login },
      { email: fresh(), login: login.toUpperCase() },
      { email, login },
    ];
    for (const fields of taken) {
      const { status, json } = await signUp({ ...fields, password });
      expect({ status, error: json["error"] }).toEqual({ status: 409, error: "email or login already exists" });
    }
  });

  test("is limited for one address", async () => {
    const from = nextAddress();
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++) {
      const json = { email: `${uniqueLogin()}@example.org`, login: uniqueLogin(), password };
      const { status, headers } = await hasty.send("/api/create-user", { method: "POST", json, from });
      statuses.push(status);
      if (status === 429) expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
  });
});

describe("login", () => {
  test("gives a bearer token with its life in seconds", async () => {
    const { email } = await platform.newAccount();
    const { status, json } = await tryLogIn(platform.port, { email, password });
    expect(status).toBe(200);
    expect(json).toEqual({ token: expect.any(String), token_type: "bearer", expires_in: 3600 });
  });

  test("wants both fields, as strings", async () => {
    for (const json of [{}, { email: "a@example.org" }, { password }, { email: "", password: "" }]) {
      const answer = await tryLogIn(platform.port, json);
      expect(answer).toMatchObject({ status: 400, json: { error: "email and password are required" } });
    }
    expect((await tryLogIn(platform.port, { email: { $ne: "" }, password: { $ne: "" } })).status).toBe(400);
  });

  test("says the same of a wrong password and an unknown account", async () => {
    const { email } = await platform.newAccount();
    for (const name of [email, "nobody@example.org"]) {
      const { status, json } = await fail(name, nextAddress());
      expect({ status, error: json["error"] }).toEqual({ status: 401, error: "invalid credentials" });
    }
  });
});

describe("the throttle", () => {
  const throttled = { status: 429, json: { error: "too many login attempts" } };

  test("stops a pair of account and address at five, however the email is written or headers are forged", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    for (const [index, written] of [email, email.toUpperCase(), ` ${email}`, `${email} `, email].entries()) {
      const headers = { "x-forwarded-for": `9.9.9.${index}`, forwarded: `for=9.9.9.${index}`, "x-real-ip": "9.9.9.9" };
      const json = { email: written, password: "a wrong password" };
      expect((await platform.send("/api/login", { method: "POST", json, headers, from })).status).toBe(401);
    }
    const right = await tryLogIn(platform.port, { email, password }, from);
    expect(right).toMatchObject(throttled);
    const waitSeconds = Number(right.headers["retry-after"]);
    expect(waitSeconds).toBeGreaterThanOrEqual(1);
    expect(waitSeconds).toBeLessThanOrEqual(60);
    expect((await tryLogIn(platform.port, { email, password }, nextAddress())).status).toBe(200);
  });

  test("limits accounts that do not exist in the same way", async () => {
    const from = nextAddress();
    for (let index = 0; index < 5; index++) expect((await fail("ghost@example.org", from)).status).toBe(401);
    expect(await fail("ghost@example.org", from)).toMatchObject(throttled);
  });

  test("a success neither counts nor erases", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    for (let index = 0; index < 8; index++)
      expect((await tryLogIn(platform.port, { email, password }, from)).status).toBe(200);
    for (let index = 0; index < 4; index++) expect((await fail(email, from)).status).toBe(401);
    expect((await tryLogIn(platform.port, { email, password }, from)).status).toBe(200);
    expect((await fail(email, from)).status).toBe(401);
    expect(await fail(email, from)).toMatchObject(throttled);
  });

  test("an address has twenty failures over all accounts", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    for (let index = 0; index < 20; index++) expect((await fail(`ghost-${index}@example.org`, from)).status).toBe(401);
    expect(await tryLogIn(platform.port, { email, password }, from)).toMatchObject(throttled);
  });

  test("an account has thirty failures over all addresses", async () => {
    const { email } = await platform.newAccount();
    for (let index = 0; index < 30; index++) expect((await fail(email, nextAddress())).status).toBe(401);
    expect(await tryLogIn(platform.port, { email, password }, nextAddress())).toMatchObject(throttled);
  });

  test("attempts at the same moment do not overrun it", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    const answers = await Promise.all(Array.from({ length: 16 }, () => fail(email, from)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  });

  test("malformed bodies do not count, for they try no password", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    for (const json of [[], {}, { email }, { email, password: 1 }, { email, password: "" }, "x"]) {
      expect((await tryLogIn(platform.port, json, from)).status).toBe(400);
    }
    for (let index = 0; index < 5; index++) expect((await fail(email, from)).status).toBe(401);
  });

  test("a throttled login costs no hash", async () => {
    const { email } = await platform.newAccount();
    const from = nextAddress();
    const timesMs: number[] = [];
    for (let index = 0; index < 10; index++) {
      const startMs = performance.now();
      const { status } = await fail(email, from);
      expect(status).toBe(index < 5 ? 401 : 429);
      timesMs.push(performance.now() - startMs);
    }
    const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[2]!;
    expect(median(timesMs.slice(5))).toBeLessThan(median(timesMs.slice(0, 5)) / 2);
  });

  test("retries do not extend the wait", async () => {
    const { email } = await Account.create(hasty.port);
    const from = nextAddress();
    const attempt = () => tryLogIn(hasty.port, { email, password: "a wrong password" }, from);
    // At once, so that they fall into one window on a slow machine as well.
    const failures = await Promise.all(Array.from({ length: 5 }, attempt));
    expect(failures.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    const lastFailureMs = performance.now();
    let retryCount = 0;
    while (performance.now() - lastFailureMs < hastySeconds * 900) {
      const { status, headers } = await attempt();
      if (status === 401) break; // The first failure has left the window: no retry has taken its place.
      expect(Number(headers["retry-after"])).toBeLessThanOrEqual(hastySeconds);
      retryCount++;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(retryCount).toBeGreaterThan(3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await tryLogIn(hasty.port, { email, password }, from)).status).toBe(200);
  });

  test("counts the client that a trusted proxy names, and nobody else's word", async () => {
    const { email } = await Account.create(hasty.port);
    const json = { email, password: "a wrong password" };
    const post = (client: string, from: string) =>
      hasty.send("/api/login", { method: "POST", json, from, headers: { "x-forwarded-for": client } });
    const failures = await Promise.all(Array.from({ length: 5 }, () => post("8.8.8.8, 203.0.113.7", proxyAddress)));
    expect(failures.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect((await post("1.1.1.1, 203.0.113.7", proxyAddress)).status).toBe(429);
    expect((await post("203.0.113.7, 203.0.113.8", proxyAddress)).status).toBe(401);
    await post("203.0.113.9", "127.8.8.9");
    const series = await scrape(hasty.port);
    expect(series.get('auth_failures_total{client_ip="203.0.113.7"}')).toBe(6);
    expect(series.get('auth_failures_total{client_ip="127.8.8.9"}')).toBe(1);
    expect([...series.keys()].filter((name) => /8\.8\.8\.8"|1\.1\.1\.1|203\.0\.113\.9/.test(name))).toEqual([]);
  });
});

describe("tokens", () => {
  async function useToken(authorization: string | null, port = platform.port): Promise<Answer> {
    const headers: Readonly<Record<string, string>> = authorization === null ? {} : { authorization };
    const answer = await send(port, "/api/list-documents", { headers });
    if (answer.status === 401) expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
    return answer;
  }

  test.each([null, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "abc"])(
    "the header %j is missing or invalid",
    async (header) => {
      const answer = await useToken(header);
      expect(answer).toMatchObject({ status: 401, json: { error: "Missing or invalid Authorization header" } });
    },
  );

  test("an altered token is invalid, wherever it was altered", async () => {
    const { token } = await platform.newAccount();
    expect((await useToken(`Bearer ${token}`)).status).toBe(200);
    const flipped = (index: number) =>
      token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
    const altered = [
      ...Array.from({ length: 12 }, (_, step) => flipped(Math.floor((token.length * step) / 12))),
      token.slice(0, -1),
      `${token}x`,
      token.split(".").toReversed().join("."),
      "a.b.c",
      ".",
      "A".repeat(4_000),
    ];
    for (const wrong of altered) {
      expect(await useToken(`Bearer ${wrong}`)).toMatchObject({ status: 401, json: { error: "Invalid token" } });
    }
  });

  test("a token ends when it says", async () => {
    const { email } = await Account.create(hasty.port);
    const answer = await tryLogIn(hasty.port, { email, password }, nextAddress());
    expect(answer.json["expires_in"]).toBe(hastySeconds);
    const token = `Bearer ${String(answer.json["token"])}`;
    expect((await useToken(token, hasty.port)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, hastySeconds * 1000 + 1000));
    expect(await useToken(token, hasty.port)).toMatchObject({ status: 401, json: { error: "Token expired" } });
  });

  test("a logout revokes the token, and no other of the same user", async () => {
    const { token, email } = await platform.newAccount();
    const second = await logIn(platform.port, email);
    expect((await platform.send("/api/logout", { method: "POST", token })).status).toBe(200);
    expect(await useToken(`Bearer ${token}`)).toMatchObject({ status: 401, json: { error: "Invalid token" } });
    expect((await useToken(`Bearer ${second}`)).status).toBe(200);
  });

  test("passwords are kept as salted hashes, and the file knows no plain one", async () => {
    await platform.newAccount();
    for (const name of readdirSync(platform.storageFolder).filter((file) => file.includes("sqlite"))) {
      const bytes = readFileSync(join(platform.storageFolder, name));
      expect(bytes.includes(password)).toBe(false);
    }
  });
});

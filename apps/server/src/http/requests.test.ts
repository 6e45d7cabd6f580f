import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { event, TestServer } from "../testing/test-server.ts";
import { watermarkMethods } from "../watermarks/registry.ts";

let server: TestServer;
let token: string;

beforeAll(async () => {
  server = await TestServer.start({ env: { RATE_LIMIT_GLOBAL_PER_MINUTE: "100000" } });
  ({ token } = await server.newUser("visitor"));
});

afterAll(() => server.stop());

const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

test.each([
  { path: "/healthz", status: 200, policy: dataPolicy, cache: "no-store" },
  { path: "/api/list-documents", status: 401, policy: dataPolicy, cache: "no-store" },
  { path: "/nothing", status: 404, policy: dataPolicy, cache: "no-store" },
  { path: "/api/get-watermarking-methods", status: 200, policy: dataPolicy, cache: "public, max-age=300" },
  {
    path: "/",
    status: 200,
    policy: "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    cache: "no-cache",
  },
])("$path carries the security headers", async ({ path, status, policy, cache }) => {
  const answer = await server.send({ path });
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": policy,
    "cache-control": cache,
  });
  expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.headers).not.toHaveProperty("server");
  expect(answer.headers).not.toHaveProperty("x-powered-by");
  expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
});

test.each([
  { method: "GET", path: "/api/login", allow: "POST, OPTIONS" },
  { method: "PUT", path: "/healthz", allow: "GET, HEAD, OPTIONS" },
  { method: "POST", path: "/api/get-version/abc", allow: "GET, HEAD, OPTIONS" },
  { method: "GET", path: "/api/delete-document", allow: "DELETE, POST, OPTIONS" },
  { method: "PATCH", path: "/api/delete-document/7", allow: "DELETE, OPTIONS" },
  { method: "PROPFIND", path: "/", allow: "GET, HEAD, OPTIONS" },
  { method: "POST", path: "/metrics", allow: "GET, HEAD, OPTIONS" },
])("$method $path is refused with what is allowed", async ({ method, path, allow }) => {
  const answer = await server.send({ method, path, body: "{broken", headers: { "content-type": "application/json" } });
  expect({ status: answer.status, error: answer.json["error"], allow: answer.headers["allow"] }).toEqual({
    status: 405,
    error: "method not allowed",
    allow,
  });
});

test("OPTIONS names the methods without a body, on known paths only", async () => {
  const known = await server.send({ method: "OPTIONS", path: "/api/upload-document" });
  expect({ status: known.status, allow: known.headers["allow"], text: known.text }).toEqual({
    status: 204,
    allow: "POST, OPTIONS",
    text: "",
  });
  expect((await server.send({ method: "OPTIONS", path: "/api/unknown" })).status).toBe(404);
});

test.each(["/healthz", "/", "/metrics", "/nothing"])("HEAD %s is GET without the body", async (path) => {
  const [get, head] = [await server.send({ path }), await server.send({ method: "HEAD", path })];
  expect(head.status).toBe(get.status);
  expect(head.text).toBe("");
  expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
});

test.each([
  "/api/unknown",
  "/.env",
  "/tsconfig.json",
  "/style.css/",
  "/..%2fpackage.json",
  "/%2e%2e/package.json",
  "/../package.json",
  "/%zz",
  "/%00",
  "//etc/passwd",
  "*",
])("the unknown path %s is not found", async (path) => {
  const answer = await server.send({ path });
  expect({ status: answer.status, error: answer.json["error"] }).toEqual({ status: 404, error: "not found" });
});

test.each([
  { path: "/../etc/passwd", isAttempt: true },
  { path: "/static/..%2f..%2fetc/passwd", isAttempt: true },
  { path: "/%2e%2e/%2e%2e/etc/passwd", isAttempt: true },
  { path: "/%252e%252e%252fetc", isAttempt: true },
  { path: "/a%00b", isAttempt: true },
  { path: "/api/get-version/..%2f..%2fetc", isAttempt: true },
  { path: "/api/get-document/%2Fetc%2Fpasswd", isAttempt: true },
  { path: "/notes..old/v1..2.pdf", isAttempt: false },
  { path: "/%zz", isAttempt: false },
  { path: "/search?q=../x", isAttempt: false },
])("$path counts as a traversal: $isAttempt", async ({ path, isAttempt }) => {
  const moved = await server.moved(async () => {
    expect((await server.send({ path })).status).toBeLessThan(500);
  });
  const name = 'security_events_total{event_type="path_traversal_attempt",severity="high"}';
  expect(moved[name] ?? 0).toBe(isAttempt ? 1 : 0);
});

test.each(["[1]", '"text"', "7", "null", "{broken", "", "\u0000"])("the body %j is no object", async (body) => {
  for (const path of ["/api/create-user", "/api/login"]) {
    const answer = await server.send({ method: "POST", path, body, headers: { "content-type": "application/json" } });
    expect({ status: answer.status, error: answer.json["error"] }).toEqual({
      status: 400,
      error: "body must be a JSON object",
    });
  }
});

test("a form is no JSON, whatever it holds", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await server.send({ method: "POST", path: "/api/login", body: '{"email":"a"}', headers });
  expect(answer.status).toBe(400);
});

test("a body above 64 KiB is refused, with and without a stated length", async () => {
  const fields = { email: "x".repeat(70_000), password: "y" };
  expect((await server.post("/api/login", fields)).status).toBe(413);
  expect((await server.post("/api/login", fields, { headers: { "transfer-encoding": "chunked" } })).status).toBe(413);
});

test("what the HTTP parser refuses gets a bare 400 and is not counted", async () => {
  const before = await server.scrape();
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write("BREW /pot HTCPCP/1.0\r\n\r\n"));
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("close", () => resolve(text));
  });
  expect(answer).toBe("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  expect(await server.scrape()).toEqual(before);
});

test("an absolute target reaches its route", async () => {
  expect((await server.send({ path: "http://server:5000/healthz" })).status).toBe(200);
});

test("health has a text and the state of the database, on both paths", async () => {
  for (const path of ["/healthz", "/api/healthz"]) {
    expect((await server.send({ path })).json).toEqual({ message: expect.any(String), db_connected: true });
  }
  expect(await server.send({ path: "/readyz" })).toMatchObject({ status: 200, json: { ready: true } });
});

test("plugin loading is gone, and every attempt is seen", async () => {
  const refused = await server.moved(async () => {
    expect((await server.post("/api/load-plugin", { filename: "x.pkl" })).status).toBe(401);
  });
  expect(refused).toMatchObject(event("plugin_load_attempt", "high"));
  const answer = await server.post("/api/load-plugin", { filename: "x.pkl" }, { token });
  expect(answer).toMatchObject({ status: 410, json: { error: "plugin loading is not supported" } });
});

test.each(["/api/rmap-initiate", "/rmap-initiate", "/api/rmap-get-link", "/rmap-get-link"])(
  "%s answers that RMAP is not configured, and counts no failure",
  async (path) => {
    const moved = await server.moved(async () => {
      for (const body of [{ payload: "x" }, [], "text"]) {
        expect(await server.post(path, body)).toMatchObject({ status: 503, json: { error: "RMAP is not configured" } });
      }
    });
    expect(moved).toEqual({});
  },
);

test("a wrong method on an RMAP route is a failed handshake", async () => {
  const moved = await server.moved(() => server.send({ path: "/api/rmap-initiate" }));
  expect(moved).toEqual({
    'rmap_handshake_failures_total{client_ip="127.0.0.1"}': 1,
    ...event("rmap_handshake_failure", "low"),
  });
});

test("every watermarking method is listed to whoever asks, and may be cached", async () => {
  const answer = await server.send({ path: "/api/get-watermarking-methods" });
  const methods = [...watermarkMethods.keys()].map((name) => ({ name, description: expect.any(String) }));
  expect(answer.json).toEqual({ methods, count: methods.length });
  expect(answer.headers["cache-control"]).toBe("public, max-age=300");
});

test("300 random requests make no 5xx other than those that say what is missing", async () => {
  const random = pseudoRandom(20_261_122);
  const pick = <T>(choices: readonly T[]): T => choices.at(Math.floor(random() * choices.length)) as T;
  const ids = [
    "abc",
    "-1",
    "0",
    "1e3",
    "1%20OR%201=1",
    "9223372036854775808",
    "%00",
    "..%2f",
    "'",
    "%F0%9F%A6%A8",
    "1;2",
  ];
  const bases = [
    "/api/get-document/",
    "/api/get-version/",
    "/api/delete-document/",
    "/api/list-versions/",
    "/",
    "/api/",
  ];
  const plain = ["/api/login", "/api/create-user", "/api/delete-document", "/api/list-documents", "/api/logout?id=1"];
  const paths = [...bases.flatMap((base) => ids.map((id) => base + id)), ...plain, "/api/create-watermark?id=1&id=2"];
  const values: readonly unknown[] = [
    1,
    -1,
    1e300,
    null,
    true,
    [],
    {},
    [[1]],
    "x",
    "'; DROP TABLE Users;--",
    "\u0000",
    "\ud800",
    { toString: 1 },
  ];
  const names = ["id", "documentid", "email", "login", "password", "__proto__", "constructor", "method", "key"];
  const statuses = new Map<number, string>();
  for (let count = 0; count < 300; count++) {
    const fields = Object.fromEntries(Array.from({ length: 4 }, () => [pick(names), pick(values)]));
    const body = pick([JSON.stringify(fields), JSON.stringify(pick(values)), "{", "\xff", ""]);
    const method = pick(["GET", "POST", "DELETE", "PUT", "HEAD", "PATCH", "OPTIONS", "PROPFIND"]);
    const headers = { "content-type": pick(["application/json", "text/plain", "multipart/form-data; boundary=", ""]) };
    const request = { method, path: pick(paths), headers, body };
    const answer = await server.send(pick([request, { ...request, token }]));
    statuses.set(answer.status, `${method} ${request.path} ${body} → ${answer.text}`);
  }
  const failures = [...statuses].filter(([status]) => status >= 500);
  expect(failures).toEqual([]);
  expect(statuses.size).toBeGreaterThan(4);
});

/** A repeatable source of numbers from 0 to 1 (a linear congruential generator). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

import { expect, test } from "vitest";
import { event, TestServer } from "../testing/test-server.ts";
import { securityEventSeverity, securityEventTypes } from "./security-events.ts";
import { uploadErrorTypes } from "./upload-error-types.ts";

async function withServer(
  work: (server: TestServer) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const server = await TestServer.start({ env });
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

test("all closed label sets stand at 0 from the start", () =>
  withServer(async (server) => {
    const samples = await server.scrape();
    for (const type of securityEventTypes) {
      const series = `security_events_total{event_type="${type}",severity="${securityEventSeverity[type]}"}`;
      expect({ series, value: samples.get(series) }).toEqual({ series, value: 0 });
    }
    for (const type of uploadErrorTypes) {
      const series = `file_upload_errors_total{error_type="${type}",client_ip="other"}`;
      expect({ series, value: samples.get(series) }).toEqual({ series, value: 0 });
    }
    for (const name of ["auth_failures", "sql_errors", "pdf_parser_errors", "rmap_handshake_failures"]) {
      expect({ name, value: samples.get(`${name}_total{client_ip="other"}`) }).toEqual({ name, value: 0 });
      const overflow = samples.get(`metrics_label_overflow_total{metric="${name}_total"}`);
      expect({ name, overflow }).toEqual({ name, overflow: 0 });
    }
    expect(samples.get('http_requests_total{method="GET",endpoint="/healthz",http_status="200"}')).toBe(0);
    expect(samples.get('http_request_duration_seconds_count{method="GET",endpoint="/healthz"}')).toBe(0);
    expect(samples.get('build_info{version="0.1.0"}')).toBe(1);
    expect(samples.get("metrics_tracked_client_ips")).toBe(0);
  }));

test("the exposition has its content type and exactly these buckets", () =>
  withServer(async (server) => {
    const answer = await server.send({ path: "/metrics" });
    expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const buckets = [...answer.text.matchAll(/http_request_duration_seconds_bucket\{le="([^"]+)"/g)].map(
      ([, le]) => le,
    );
    expect(buckets.join(" ")).toBe("0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf");
  }));

test("each request counts once under its template; scrapes do not count", () =>
  withServer(async (server) => {
    const { token } = await server.newUser("counter");
    await server.scrape();
    await server.send({ path: "/api/get-document/17?x=1", token });
    await server.send({ path: "/api/get-version/abcdef" });
    await server.send({ path: "/wp-admin/setup.php" });
    await server.send({ path: "/index.html" });
    await server.send({ method: "PROPFIND", path: "/healthz" });
    const counted = [...(await server.scrape())].filter(
      ([series, value]) => series.startsWith("http_requests_total") && value > 0,
    );
    expect(Object.fromEntries(counted)).toEqual({
      'http_requests_total{method="POST",endpoint="/api/create-user",http_status="201"}': 1,
      'http_requests_total{method="POST",endpoint="/api/login",http_status="200"}': 1,
      'http_requests_total{method="GET",endpoint="/api/get-document/:document_id",http_status="404"}': 1,
      'http_requests_total{method="GET",endpoint="/api/get-version/:link",http_status="404"}': 1,
      'http_requests_total{method="GET",endpoint="unmatched",http_status="404"}': 1,
      'http_requests_total{method="GET",endpoint="static",http_status="200"}': 1,
      'http_requests_total{method="OTHER",endpoint="/healthz",http_status="405"}': 1,
    });
    const durations = (await server.scrape()).get(
      'http_request_duration_seconds_count{method="GET",endpoint="/api/get-version/:link"}',
    );
    expect(durations).toBe(1);
  }));

test.each([
  { what: "delete, by path", path: "/api/delete-document/1%20OR%201=1", method: "DELETE", isAttack: true },
  {
    what: "delete, by query",
    path: "/api/delete-document?id=1;DROP%20TABLE%20Users",
    method: "DELETE",
    isAttack: true,
  },
  { what: "a link", path: "/api/get-version/x'%20UNION%20SELECT%20hpassword", method: "GET", isAttack: true },
  { what: "an unknown path's query", path: "/item?q='%20or%20'a'='a", method: "GET", isAttack: true },
  { what: "three places at once", path: "/item?a='%20OR%201=1&b='--&b=sqlite_master", method: "GET", isAttack: true },
  { what: "a harmless name", path: "/item?q=O'Brien%20--%20draft;%20update%202", method: "GET", isAttack: false },
])("an injection in $what counts once: $isAttack", ({ path, method, isAttack }) =>
  withServer(async (server) => {
    const moved = await server.moved(async () => {
      expect((await server.send({ path, method })).status).toBeLessThan(500);
    });
    expect(moved['sql_errors_total{client_ip="127.0.0.1"}'] ?? 0).toBe(isAttack ? 1 : 0);
    const name = 'security_events_total{event_type="sql_injection_attempt",severity="high"}';
    expect(moved[name] ?? 0).toBe(isAttack ? 1 : 0);
  }),
);

test("an injection in a login's email counts, and one in a password does not", () =>
  withServer(async (server) => {
    const attack = "x' OR '1'='1' --";
    const inEmail = await server.moved(() => server.post("/api/login", { email: attack, password: "x" }));
    expect(inEmail).toMatchObject({ 'sql_errors_total{client_ip="127.0.0.1"}': 1 });
    const inPassword = await server.moved(() => server.post("/api/login", { email: "a@b.c", password: attack }));
    expect(inPassword).not.toHaveProperty('sql_errors_total{client_ip="127.0.0.1"}');
  }));

test("a database that fails is 503 without its words, and counted once", () =>
  withServer(async (server) => {
    const { token } = await server.newUser("unlucky");
    const { openSqlite } = await import("@tatou/sql");
    const { migrations } = await import("../storage/migrations.ts");
    const { sql } = await import("kysely");
    const handle = await openSqlite({ path: server.server.settings.sqlitePath, migrations });
    await sql`alter table Documents rename to Elsewhere`.execute(handle.db);
    await handle.close();
    const moved = await server.moved(async () => {
      const answer = await server.send({ path: "/api/list-documents", token });
      expect(answer).toMatchObject({ status: 503, json: { error: "database unavailable" } });
      expect(answer.text).not.toContain("Documents");
    });
    expect(moved).toEqual({ 'sql_errors_total{client_ip="127.0.0.1"}': 1, ...event("database_error", "medium") });
    expect(server.logLines.join("")).not.toContain("no such table");
  }));

test("the global limit is kept per address, and never for scrapes", () =>
  withServer(
    async (server) => {
      for (let count = 0; count < 3; count++) expect((await server.send({ path: "/healthz" })).status).toBe(200);
      const moved = await server.moved(async () => {
        const answer = await server.send({ path: "/healthz" });
        expect(answer).toMatchObject({ status: 429, json: { error: "rate limit exceeded" } });
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      });
      expect(moved).toEqual(event("rate_limited", "low"));
      const login = await server.moved(() => server.post("/api/login", {}));
      expect(login).toEqual({ 'auth_failures_total{client_ip="127.0.0.1"}': 1, ...event("auth_throttled", "medium") });
      expect((await server.send({ path: "/healthz", from: "127.0.0.2" })).status).toBe(200);
    },
    { RATE_LIMIT_GLOBAL_PER_MINUTE: "3" },
  ));

test("more addresses than labels count under other, with one event a minute", () =>
  withServer(
    async (server) => {
      const moved = await server.moved(async () => {
        for (let host = 1; host <= 5; host++)
          await server.send({ path: "/api/list-documents", from: `127.0.1.${host}` });
      });
      expect(moved).toEqual({
        'auth_failures_total{client_ip="127.0.1.1"}': 1,
        'auth_failures_total{client_ip="127.0.1.2"}': 1,
        'auth_failures_total{client_ip="other"}': 3,
        'metrics_label_overflow_total{metric="auth_failures_total"}': 3,
        'security_events_total{event_type="auth_failure",severity="low"}': 5,
        ...event("metrics_label_overflow", "medium"),
      });
      expect((await server.scrape()).get("metrics_tracked_client_ips")).toBe(2);
    },
    { METRICS_MAX_CLIENT_IPS: "2" },
  ));

test("a busy newcomer takes over an idle slot, and the evicted series disappear", () =>
  withServer(
    async (server) => {
      await server.send({ path: "/api/list-documents", from: "127.0.1.1" });
      server.moveTime(60_000);
      for (let count = 0; count < 12; count++) await server.send({ path: "/api/list-documents", from: "127.0.1.9" });
      const samples = await server.scrape();
      expect(samples.has('auth_failures_total{client_ip="127.0.1.1"}')).toBe(false);
      expect(samples.get('auth_failures_total{client_ip="127.0.1.9"}')).toBe(3);
      expect(samples.get('auth_failures_total{client_ip="other"}')).toBe(9);
    },
    { METRICS_MAX_CLIENT_IPS: "1" },
  ));

test.each([
  { what: "an address outside the list", env: { METRICS_ALLOW: "10.0.0.0/8" } as Record<string, string>, status: 404 },
  { what: "loopback, which needs no token", env: { METRICS_TOKEN: "secret" }, status: 200 },
])("/metrics for $what answers $status", ({ env, status }) =>
  withServer(async (server) => {
    expect((await server.send({ path: "/metrics" })).status).toBe(status);
  }, env),
);

test.each([
  { peer: "10.1.2.3", authorization: "Bearer secret", status: 200 },
  { peer: "10.1.2.3", authorization: "Bearer secreT", status: 404 },
  { peer: "10.1.2.3", authorization: "", status: 404 },
  { peer: "203.0.113.1", authorization: "Bearer secret", status: 404 },
])("/metrics with a token set, from $peer with '$authorization', answers $status", ({ peer, authorization, status }) =>
  withServer(
    async ({ server }) => {
      const headers = { authorization, "x-forwarded-for": "127.0.0.1" };
      const answer = await server.handle({ method: "GET", url: "/metrics", headers }, { remoteAddress: peer });
      expect(answer.status).toBe(status);
    },
    { METRICS_TOKEN: "secret" },
  ),
);

test("a reader who may not read the metrics is an event", () =>
  withServer(async ({ server }) => {
    const request = { method: "GET", url: "/metrics" } as const;
    await server.handle(request, { remoteAddress: "203.0.113.1" });
    const { body } = await server.handle(request, { remoteAddress: "127.0.0.1" });
    expect(new TextDecoder().decode(body)).toContain(
      'security_events_total{event_type="metrics_access_denied",severity="medium"} 1',
    );
  }));

test("a known-weak setting is an event from the start", () =>
  withServer(
    async (server) => {
      const samples = await server.scrape();
      expect(samples.get('security_events_total{event_type="insecure_configuration",severity="high"}')).toBe(1);
    },
    { SECRET_KEY: "dev-secret-change-me" },
  ));
